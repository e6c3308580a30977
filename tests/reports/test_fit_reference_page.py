"""Published fits beside ours, in words."""

from remit.inference.mixed.reference import Compared
from remit.reports.fit_reference_page import explained, write_fits

APART = Compared("theophylline: a beside saem", "SD of V", "0.130", 0.1345, 0.04, 0.136)


def test_where_simulations_differ_the_exact_maximum_says_whose_chance_it_is(tmp_path):
    said = explained([APART, Compared("theophylline: a beside saem", "SD of CL", "0.269", 0.2676, 0.07, 0.265)])
    assert said == [
        "theophylline: a beside saem, SD of V: the exact maximum is 0.136 (adaptive quadrature with 9 nodes). The "
        "printed 0.130 lies 0.15 of a standard error from it, remit's 0.1345 lies 0.04 from it: the difference is "
        "mostly chance of the simulation of the other program."
    ]
    ours = Compared("theophylline: a beside saem", "SD of V", "0.130", 0.1345, 0.04, 0.1301)
    assert explained([ours])[0].endswith("mostly chance of the simulation of remit.")
    # a fit that is exact itself needs no word
    assert explained([Compared("pines", "ASYM", "101.4", 105.0, 1.0)]) == []
    write_fits([APART], tmp_path / "fit.md")
    assert said[0] in (tmp_path / "fit.md").read_text()
