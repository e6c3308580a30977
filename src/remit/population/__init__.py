"""Many people who differ."""
