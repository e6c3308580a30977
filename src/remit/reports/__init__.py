"""What a person can look at. Plotting lives only here."""
