"""Published fits beside ours, in words."""

import pytest

from remit.inference.mixed.reference import Compared
from remit.reports.fit_reference_page import beside_exact, explained, verdict, write_fits

APART = Compared("theophylline: a beside saem", "CV of V [%]", "13.1", 13.69, 4.07, 13.66, (12.99, 14.29))


def test_where_simulations_differ_the_exact_maximum_says_whose_chance_it_is(tmp_path):
    near = Compared("theophylline: a beside saem", "CV of CL [%]", "27.4", 27.2, 7.0, 27.0, (26.0, 28.0))
    said = explained([APART, near])
    assert said == [
        "theophylline: a beside saem, CV of V [%]: the exact maximum is 13.66 (adaptive quadrature with 9 nodes). The "
        "printed 13.1 lies 0.14 of a standard error (which is 4.1) from it, remit's 13.69 lies 0.01 from it: the "
        "difference is mostly chance of the simulation of the other program. Searches as short as the other program "
        "documents, by remit's own simulation with 8 seeds, end between 12.99 and 14.29: the printed number lies "
        "between them. The exact maximum itself would miss the rule."
    ]
    far = Compared("theophylline: a beside saem", "CV of V [%]", "13.1", 13.69, 4.07, 13.66, (13.3, 14.29))
    assert explained([far])[0].endswith("lies outside of them. The exact maximum itself would miss the rule.")
    ours = Compared("theophylline: a beside saem", "SD of V", "0.130", 0.1345, 0.04, 0.1301)
    assert explained([ours])[0].endswith("mostly chance of the simulation of remit.")
    # a fit that is exact itself needs no word
    assert explained([Compared("pines", "ASYM", "101.4", 105.0, 1.0)]) == []
    write_fits([APART], tmp_path / "fit.md")
    assert said[0] in (tmp_path / "fit.md").read_text()


@pytest.mark.parametrize(
    ("printed", "ours", "se", "agrees"),
    [
        ("13.1", 13.149, None, True),  # all printed digits
        ("13.1", 13.23, None, True),  # 1 %
        ("13.1", 13.24, None, False),
        ("13.1", 13.5, 4.1, True),
        ("13.1", 13.5, 3.9, False),
    ],
)
def test_agreement_is_the_printed_digits_a_percent_or_a_tenth_of_a_standard_error(printed, ours, se, agrees):
    assert Compared("a", "b", printed, ours, se).agrees is agrees


def test_a_log_likelihood_agrees_within_a_tenth():
    found = [Compared("a", "log likelihood", "-173", each, None) for each in (-173.32, -173.49, -173.51)]
    assert [each.agrees for each in found] == [True, True, False]
    assert verdict(found).startswith("2 of 3 published numbers agree")


def test_focei_stands_beside_the_exact_maximum_of_the_same_model():
    found = [
        Compared("theophylline, KA and CL: nlmixr2 focei beside focei", "KE, as fitted", "-2.4656", -2.4655, 0.05),
        Compared("theophylline, KA and CL: nlmixr2 focei beside focei", "log likelihood", "-177", -176.99, None),
        Compared("theophylline, KA and CL: 25 x 25 quadrature beside agq", "KE, as fitted", "-2.459", -2.4591, 0.05),
        Compared("theophylline, KA and CL: 25 x 25 quadrature beside agq", "log likelihood", "-178", -177.74, None),
        Compared("theophylline, full Omega: nlme ML beside lme", "KE, as fitted", "-2.433", -2.4327, 0.05),
    ]
    assert beside_exact(found) == [
        "How far FOCE-I lies from the exact maximum, in parentheses, for theophylline, KA and CL: KE, as fitted "
        "−2.4655 (−2.4591, −0.13 SE), log likelihood −176.99 (−177.74). The log likelihood of FOCE-I is that of its "
        "approximation."
    ]
