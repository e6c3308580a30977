"""Concentration to anxiety over time: the one forward model."""
