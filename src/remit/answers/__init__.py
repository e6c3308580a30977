"""The questions, answered as values."""
