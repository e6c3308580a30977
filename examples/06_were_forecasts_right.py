"""Were forecasts right? Every score of people who had one infusion, beside the bands given only the scores before it.

Give a table of your own (subject, arm, day, score), its scale and diagnosis; five simulated people stand in for it.
"""

import csv
import sys
from pathlib import Path

import numpy as np

import remit
from remit.answers.question import HowFast
from remit.answers.this_person import Forecast
from remit.evidence.instruments import find_scale
from remit.vocabulary.observations import Score
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.visits import Given, History

SIMULATED = Path(__file__).parents[1] / "docs/examples/next_scores.csv"
table, scale, diagnosis = (*sys.argv[1:], *(SIMULATED, "GAD-7", "mixed_anxiety")[len(sys.argv) - 1 :])[:3]
asked = HowFast(scale=scale, diagnosis=Diagnosis(diagnosis))
people: dict[str, list[Score]] = {}
for row in csv.DictReader(Path(table).read_text().splitlines()):
    if row["arm"] == "ketamine" and row["score"]:
        score = Score(24.0 * float(row["day"]), find_scale(scale), float(row["score"]))
        people.setdefault(row["subject"], []).append(score)
inside = dict.fromkeys((50, 80, 95), 0)
next_scores = [(own, n) for own in people.values() for n in range(1, len(own))]
for own, n in next_scores:
    answer = remit.forecast(Forecast(History(scores=tuple(own[:n]), doses=(Given(0.0),)), asked))
    course = answer.detail["schedules"][0]["course"]
    at = int(np.argmin(np.abs(np.array(course["time_h"]) - own[n].time_h)))
    for band in inside:
        inside[band] += course[f"total{band}_low"][at] <= own[n].total <= course[f"total{band}_high"][at]
for band, count in inside.items():
    print(f"{band} of 100 should lie inside the band of {band} %: {count} of {len(next_scores)} did")
