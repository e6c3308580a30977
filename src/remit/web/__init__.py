"""The pages and the interface for programs: parse, call answers, render. No science here."""
