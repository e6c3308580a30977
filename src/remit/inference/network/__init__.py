"""Time-course network meta-analysis of any table: `remit meta`."""
