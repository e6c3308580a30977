"""Side effects of nasal esketamine beside placebo, the commonest first."""

import polars as pl

import remit

answer = remit.is_it_safe("esketamine", "in")
rows = [
    {
        "effect": row["spoken"], "period": row["period_spoken"], "drug": row["percent"],
        "placebo": row["control"] and row["control"]["percent"], "people": row["people"], "certainty": row["certainty"],
    }
    for row in answer.detail["shares"]
    if row["control"]
]  # fmt: skip
print(pl.DataFrame(rows).sort("drug", descending=True).head(10))
print(answer.sentence)
