"""Counts, contrasts and series of doses in a time-course network recover what made them."""

import numpy as np
import pytest

from remit.inference.network.effects import course, effects_at, summarise, time_to_share
from remit.inference.network.fit import Assumptions, fit_network
from remit.inference.network.network import make_network
from remit.inference.network.settings import Settings
from remit.inference.network.table import rows_from

QUICK = Settings(chains=2, draws=600)
TIMES = (0.5, 1.0, 2.0, 4.0, 8.0)


def network_of(records):
    return make_network(rows_from(records, list(records[0]), "made.csv"), "p")


def test_counts_recover_log_odds_ratios():
    rng = np.random.default_rng(2)
    records = []
    for study in range(12):
        for arm, size in (("p", 0.0), ("a", 1.5)):
            for time in TIMES:
                chance = 1 / (1 + np.exp(2.0 - (1.0 + size) * time / (1 + time)))
                events = rng.binomial(400, chance)
                records.append(
                    {"study": str(study), "treatment": arm, "time_w": str(time), "events": str(events), "n": "400"}
                )
    for counts in ("approximate", "exact"):
        fit = fit_network(network_of(records), Assumptions(effects="common", misfit=False, counts=counts), QUICK)
        seen = summarise(effects_at(fit, 8.0)[:, 1], 0.99)
        assert seen.low < 1.5 * 8 / 9 < seen.high


def test_contrasts_give_the_effects_their_arms_would():
    """Differences of two arms, handed in as contrasts, say what the arms say when levels and courses are free."""
    rng = np.random.default_rng(6)
    arms, contrasts = [], []
    for study in range(10):
        level, values = rng.normal(20, 2), {}
        for arm, size in (("p", -2.0), ("a", -5.0)):
            for time in TIMES:
                values[arm, time] = level + size * time / (1.5 + time) + 0.3 * rng.normal()
                arms.append(
                    {
                        "study": str(study),
                        "treatment": arm,
                        "time_w": str(time),
                        "y": f"{values[arm, time]:.6f}",
                        "se": "0.3",
                    }
                )
        for time in TIMES:
            effect = values["a", time] - values["p", time]
            contrasts.append(
                {"study": str(study), "treatment": "a", "versus": "p", "time_w": str(time), "effect": f"{effect:.6f}",
                 "se": f"{0.3 * 2**0.5:.6f}"}
            )  # fmt: skip
    plain = Assumptions(effects="common", misfit=False, curve="exponential")
    one, two = (effects_at(fit_network(network_of(rows), plain, QUICK), 8.0)[:, 1] for rows in (arms, contrasts))
    assert np.mean(two) == pytest.approx(np.mean(one), abs=0.15)
    assert summarise(two, 0.99).low < np.mean(one) < summarise(two, 0.99).high


def test_a_series_adds_up_and_fades_beside_what_is_taken_daily():
    rng = np.random.default_rng(9)

    def wave(since):
        return np.where(since > 0, 2.0 ** (-since / 2.2) - 2.0 ** (-since / 0.2), 0.0) / 0.71

    records = []
    times = (0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
    for study in range(16):
        level, trend = rng.normal(25, 2), rng.normal(-3, 0.3)
        other, doses = (("series", "0;1"), ("daily", ""))[study % 2]
        for arm in ("p", other):
            for time in times:
                given = doses if arm == "series" else ""
                value = level + trend * (1 - 2.0 ** (-time / 1.5))
                if arm == "series":
                    value -= 4.0 * float(wave(np.array(time)) + wave(np.array(time - 1.0)))
                if arm == "daily":
                    value -= 4.0 * (1 - 2.0 ** (-time / 1.5))
                value += 0.2 * rng.normal()
                records.append(
                    {"study": str(study), "treatment": arm, "time_w": str(time), "y": f"{value:.6f}",
                     "se": "0.2", "doses": given}
                )  # fmt: skip
    fit = fit_network(network_of(records), Assumptions(curve="as-given", effects="common", misfit=False), QUICK)
    series = fit.network.index("series")
    drawn = np.median(course(fit, series, np.array([0.5, 1.5, 8.0])), axis=0)
    made = [-4.0 * float(wave(np.array(t)) + wave(np.array(t - 1.0))) for t in (0.5, 1.5, 8.0)]
    assert drawn == pytest.approx(made, abs=0.35)
    assert np.median(fit.parameters["t50"]) == pytest.approx(1.5, rel=0.15)
    assert np.median(effects_at(fit, 8.0)[:, fit.network.index("daily")]) == pytest.approx(-4.0 * 0.975, abs=0.3)
    # the series reaches half of what is left at 8 weeks almost at once
    assert np.nanmedian(time_to_share(fit, series, 8.0, 0.5)) < 0.1


def test_one_call_analyses_a_file(tmp_path):
    import remit

    lines = ["study,treatment,time_w,y,se"]
    for study in range(6):
        for arm, size in (("p", -1.0), ("a", -3.0)):
            lines += [
                f"{study},{arm},{t},{20 + size * t / (1 + t) + 0.1 * ((study + int(2 * t)) % 3):.3f},0.2" for t in TIMES
            ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    found = remit.meta(path, at="4w", reference="p", splits=False, settings=QUICK, effects="common", misfit=False)
    assert found.summary["at"] == 4.0
    assert found.summary["effects"][1]["effect"]["median"] == pytest.approx(-2.0 * 0.8, abs=0.15)
    with pytest.raises(AttributeError, match="no attribute 'mata'"):
        _ = remit.mata
