"""How fast does a series of infusions work, and what does the drug add? The answer, a table and a picture."""

import sys

import polars as pl

import remit
from remit.answers.question import HowFast
from remit.reports.answer_picture import save_answer
from remit.vocabulary.people import Diagnosis

answer = remit.how_fast(HowFast(sessions=6, spacing_days=2, diagnosis=Diagnosis.SAD, scale="LSAS"))
print(answer.sentence)

rows = [
    {"time": row["label"], **{name: row["response"][name]["percent"] for name in ("at", "control_at", "drug_at")}}
    for row in answer.detail["horizons"]
]
print(pl.DataFrame(rows).with_columns(pl.exclude("time").round(0)))

if len(sys.argv) > 1:  # a file to draw into: course.svg, .png, .pdf or .html
    from pathlib import Path

    print(save_answer("how_fast", answer.as_dict(), Path(sys.argv[1])))
