"""One call from a table to its fit."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import remit
from remit.inference.mixed.event_table import read_events
from remit.inference.mixed.fit import fit
from remit.inference.mixed.model_file import Wishes, load_model
from remit.vocabulary.errors import InputRefused

DATA = Path(__file__).parents[2] / "golden" / "theophylline_per_kg.csv"
ASKED = {"initial": {"KE": 0.1, "KA": 1.5, "CL": 0.04}, "random": ["KA", "CL"]}


def test_one_call_gives_what_its_steps_give_from_a_file_and_from_a_frame():
    table = read_events(DATA)
    steps = fit(table, load_model("1cpt-oral-rates", Wishes(**ASKED), table), "foce")
    frame = pl.read_csv(DATA, comment_prefix="#", infer_schema=False).rename(str.upper).rename({"DV": "conc"})
    for found in (
        remit.fit(DATA, "1cpt-oral-rates", "foce", **ASKED),
        remit.fit(frame, "1cpt-oral-rates", "foce", columns={"DV": "conc"}, **ASKED),
    ):
        np.testing.assert_array_equal(found.estimated, steps.estimated)
        estimates = found.estimates()
        assert {"name", "value", "se", "low", "high"} <= set(estimates.columns)
        assert estimates["name"][:3].to_list() == ["KE", "KA", "CL"]
        assert found.people().height == 12
        assert found.observations().height == table.observations
        assert found.as_tree()["estimates"]["value"].sizes["number"] == len(found.estimated)


def test_what_is_asked_is_checked():
    with pytest.raises(InputRefused, match="no parameter CLX"):
        remit.fit(DATA, "1cpt-oral", fix=["CLX"])
    with pytest.raises(InputRefused, match="there is no file"):
        remit.fit("nowhere.csv", "1cpt-oral")
