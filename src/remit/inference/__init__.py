"""From published arms and scores back to parameters."""
