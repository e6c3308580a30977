"""One person after two of six sessions: where will they be, and is it worth going on?"""

import remit
from remit.answers.question import HowFast
from remit.answers.this_person import Forecast
from remit.evidence.instruments import find_scale
from remit.vocabulary.observations import Score
from remit.vocabulary.visits import Given, History

gad7 = find_scale("GAD-7")
scores = tuple(Score(24.0 * day, gad7, total) for day, total in ((0, 16), (1, 13), (2, 14), (3, 11)))
history = History(scores=scores, doses=(Given(0.0), Given(48.0)))
answer = remit.forecast(Forecast(history, HowFast(sessions=6, spacing_days=2)))

print(answer.sentence)
for schedule in answer.detail["schedules"]:
    response = schedule["chances"][-1]["response"]
    end = schedule["chances"][-1]["label"]
    print(
        f"{schedule['name']}: {100 * response['at']:.0f} of 100 responding {end}, "
        f"{100 * response['without_drug_at']:.0f} without the drug"
    )
print(*answer.detail["summary"], sep="\n")
