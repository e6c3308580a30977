"""When do people respond, if they are only seen at visits? Turnbull's curve and a Weibull model."""

import polars as pl

import remit
from remit.inference.events.analysis import Wanted

visits = pl.DataFrame(
    {
        "subject": [name for name in "abcdef" for _ in range(4)],
        "day": [0, 1, 7, 14] * 6,
        "score": [28, 24, 12, 11, 30, 14, 13, 9, 26, 25, 24, 22, 31, 20, 17, 12, 27, 13, 10, 12, 25, 24, 11, 10],
    }
)
found = remit.events(visits, "response", scale="HAM-A", wanted=Wanted(draws=0, models=("weibull",)))
curve = found.curves[""]
for low, high, mass in zip(curve.support.left, curve.support.right, curve.mass, strict=True):
    print(f"first response between day {low:g} and day {high:g}: {100 * mass:.0f} of 100 people")
print(f"certificate of the curve (gap): {curve.gap:.0e}")
weibull = found.models["weibull"].maximum
print(f"Weibull: log-likelihood {weibull.value:.3f}, intercept {weibull.point[0]:.2f}")
