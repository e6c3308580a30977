"""Units of parameters from those of the table, and what a fit in words says."""

import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.model_file import Wishes, load_model, load_structure
from remit.inference.mixed.units import divided, units_of
from remit.inference.mixed.words import spoken
from remit.vocabulary.errors import InputRefused

GIVEN = {"TIME": "h", "AMT": "mg", "DV": "mg/L"}


@pytest.mark.parametrize(
    ("above", "below", "unit"),
    [
        (("mg",), ("mg/L",), "L"),
        (("mg",), ("mg/L", "h"), "L/h"),
        (("mg/kg",), ("mg/L", "h"), "L/kg/h"),
        (("mg",), ("ng/mL",), "mg mL/ng"),
        (("mg",), ("mg/(L)",), "L"),
        ((), ("h",), "1/h"),
        (("1/h",), ("1/h",), ""),
    ],
)
def test_units_cancel(above, below, unit):
    assert divided(above, below) == unit


def of(name, given, *more):
    structure = load_structure(name)
    return units_of(structure, [*structure.parameters, *more], given)


def test_parameters_of_the_library_follow_the_table():
    found = of("2cpt-oral", GIVEN, "TLAG", "F", "R1")
    assert found == {
        "TIME": "h", "AMT": "mg", "1": "mg/L", "KA": "1/h", "CL": "L/h", "V1": "L", "Q": "L/h", "V2": "L", "TLAG": "h",
        "R1": "mg/h",
    }  # fmt: skip
    # what is said comes first, what is not known is left out
    assert of("1cpt-iv", {"TIME": "d", "CL": "mL/min"}) == {"TIME": "d", "CL": "mL/min"}
    assert of("1cpt-iv", {}) == {}


def test_an_effect_has_a_unit_of_its_own():
    given = {"TIME": "h", "AMT": "mg", "cp": "mg/L", "effect": "mmHg"}
    adds, shares = of("1cpt-iv+emax", given), of("1cpt-iv+inhibited-production", given)
    assert (adds["EMAX"], adds["E0"], adds["EC50"]) == ("mmHg", "mmHg", "mg/L")
    assert "EMAX" not in shares
    assert (shares["KOUT"], shares["E0"]) == ("1/h", "mmHg")


def test_published_models_and_scores_bring_their_units():
    assert of("ketamine:otto_2021", {"DV": "nothing"})["1"] == "ng/mL"
    assert of("ketamine:otto_2021", {})["CL"] == "L/h"
    found = of("response:GAD-7", {})
    assert (found["TIME"], found["1"], found["HALF"]) == ("h", "points", "days")
    assert (found["BASE"], found["S"]) == ("of the scale", "of the level")


@pytest.mark.parametrize(("given", "said"), [({"DVV": "mg"}, "unit of DVV.*Did you mean 'DV'"), ({"DV": " "}, "empty")])
def test_a_unit_of_nothing_is_refused(given, said):
    with pytest.raises(InputRefused, match=said):
        of("1cpt-iv", given)


def test_a_model_is_told_whole():
    table = parse_events("ID,TIME,AMT,DV,DVID,OCC,WT\n1,0,9,.,.,1,70\n1,1,.,2,cp,1,70\n1,2,.,9,effect,2,70\n")
    wishes = Wishes(
        error=("cp=combined",), random=("CL", "V", "E0"), omega=("CL+V",), fix=("EC50",), initial={"EC50": 2.5},
        covariates=("CL~WT/70^0.75", "V~WT/70", "E0~WT-70"),
    )  # fmt: skip
    assert spoken(load_model("1cpt-iv+emax", wishes, table)) == {
        "structure": "1cpt-iv+emax",
        "random effects": "CL + V (correlated); E0",
        "residual error": "cp: additive + proportional; effect: additive",
        "covariates": "CL~WT/70^0.75; V~WT/70; E0~WT-70",
        "not estimated": "EC50 2.5",
    }
    occasions = load_model("1cpt-iv", Wishes(occasion=("CL",)), parse_events("ID,TIME,AMT,DV\n1,0,9,.\n1,1,.,2\n"))
    assert spoken(occasions)["between occasions"] == "CL"
