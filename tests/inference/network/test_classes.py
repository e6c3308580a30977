"""Effects of classes: shared or spread about their mean, recovered, and refused where the table cannot say them."""

import numpy as np
import pytest

from remit.inference.network.analysis import Wanted, analyse
from remit.inference.network.basic import basics_of
from remit.inference.network.class_effect import class_effects
from remit.inference.network.effects import effects_at
from remit.inference.network.fit import Assumptions, fit_network
from remit.inference.network.network import make_network
from remit.inference.network.settings import Settings
from remit.inference.network.table import rows_from
from remit.vocabulary.errors import InputRefused

QUICK = Settings(chains=2, draws=700)
GROUPS = {"p": "", "a1": "A", "a2": "A", "a3": "A", "a4": "A", "b1": "B", "b2": "B", "c": ""}


def made(sizes, groups=GROUPS, seed=3, studies=24, error=0.3):
    """Studies of placebo and one treatment each: an Emax network with t50 1.5 weeks."""
    rng = np.random.default_rng(seed)
    names, records = list(sizes)[1:], []
    for study in range(studies):
        level = rng.normal(20, 2)
        for arm in ("p", names[study % len(names)]):
            for time in (0.5, 1.0, 2.0, 4.0, 8.0):
                value = level + (sizes[arm] - 2.0) * time / (1.5 + time) + error * rng.normal()
                records.append(
                    {"study": str(study), "treatment": arm, "class": groups[arm], "time_w": f"{time:g}",
                     "y": f"{value:.5f}", "se": f"{error:g}"}
                )  # fmt: skip
    return make_network(rows_from(records, list(records[0]), "classes.csv"), "p")


SHARED = {"p": 0.0, "a1": -3.0, "a2": -3.0, "a3": -3.0, "a4": -3.0, "b1": -5.0, "b2": -5.0, "c": -1.0}
SPREAD = {**SHARED, "a1": -2.0, "a2": -3.0, "a3": -4.0, "a4": -5.0}


def test_treatments_of_a_class_can_share_their_effect():
    network = made(SHARED)
    fit = fit_network(network, Assumptions(classes="common", misfit=False), QUICK)
    effects = effects_at(fit, 1e9)
    assert effects[:, network.index("a1")] == pytest.approx(effects[:, network.index("a4")])
    free = effects_at(fit_network(network, Assumptions(misfit=False), QUICK), 1e9)
    for name in ("a1", "b2", "c"):
        own = effects[:, network.index(name)]
        assert np.median(own) == pytest.approx(SHARED[name], abs=3.5 * own.std())
    assert effects[:, network.index("a1")].std() < 0.8 * free[:, network.index("a1")].std()
    found = {each.name: each for each in class_effects(fit, 8.0)}
    assert found["A"].treatments == ("a1", "a2", "a3", "a4")
    assert found["A"].new_treatment is None
    assert found["B"].effect.median == pytest.approx(-5.0 * 8 / 9.5, abs=0.5)
    assert set(found) == {"A", "B"}


def test_treatments_of_a_class_can_lie_about_their_mean():
    network = made(SPREAD)
    analysis = analyse(network, Assumptions(classes="random", misfit=False), QUICK, Wanted(8.0, splits=False))
    fit = analysis.fit
    spread = fit.parameters["class_sd"].ravel()
    # SD of -2, -3, -4, -5 and of two equal ones
    assert np.quantile(spread, 0.05) < 1.0 < np.quantile(spread, 0.95)
    effects = np.median(effects_at(fit, 1e9), axis=0)
    for name in ("a1", "a4", "b1"):
        assert effects[network.index(name)] == pytest.approx(SPREAD[name], abs=0.8)
    of_a = next(each for each in analysis.summary["classes"] if each["name"] == "A")
    assert of_a["effect"]["median"] == pytest.approx(-3.5 * 8 / 9.5, abs=0.7)
    wide = of_a["new_treatment"]["high"] - of_a["new_treatment"]["low"]
    assert wide > of_a["effect"]["high"] - of_a["effect"]["low"]


def test_every_treatment_is_made_of_its_class():
    found = basics_of(made(SHARED), "random")
    assert [name for _, name in found.pairs] == ["class A", "class B", "c", "a1", "a2", "a3", "a4", "b1", "b2"]
    assert found.within.sum() == 6
    assert found.loading[0].sum() == 0
    assert found.loading.sum(axis=1).tolist() == [0, 2, 2, 2, 2, 2, 2, 1]
    assert basics_of(made(SHARED), "common").loading.sum(axis=1).tolist() == [0, 1, 1, 1, 1, 1, 1, 1]


def test_classes_the_table_cannot_say_are_refused():
    alone = {name: name.upper() for name in GROUPS}
    with pytest.raises(InputRefused, match="no two treatments share a class"):
        basics_of(made(SHARED, alone), "common")
    with pytest.raises(InputRefused, match="c stands in the class of the reference p"):
        basics_of(made(SHARED, {**GROUPS, "p": "none", "c": "none"}), "random")
    records = [
        {"study": "1", "treatment": arm, "class": group, "time_w": "1", "y": "1", "se": "1"}
        for arm, group in (("p", ""), ("a", "A"))
    ]
    records.append({**records[1], "time_w": "2", "class": "B"})
    with pytest.raises(InputRefused, match="row 4, column class: a is of class B here and of class A before"):
        make_network(rows_from(records, list(records[0]), "t.csv"), "p")
    with pytest.raises(InputRefused, match="unknown 'some'"):
        fit_network(made(SHARED), Assumptions(classes="some"), QUICK)
