"""Who may be treated, what to watch, when to leave: published rules applied to what is known. Needs no model."""
