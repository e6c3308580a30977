"""The words every layer speaks: errors, clocks, units, drugs, doses, scales, people, observations. Standard library
only."""
