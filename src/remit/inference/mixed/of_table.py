"""One call from a table to its fit: `remit.fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from remit.inference.mixed import fit as fitting
from remit.inference.mixed.event_table import parse_events, read_events
from remit.inference.mixed.found import Effort, Fit
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.record import as_table, as_tree
from remit.inference.mixed.residuals import observations, people


@dataclass(frozen=True)
class Tabled(Fit):
    """A fit that gives itself as tables."""

    def estimates(self) -> Any:
        """The estimates as a polars frame; see `remit.inference.mixed.record.as_table`."""
        return as_table(self)

    def observations(self) -> Any:
        """Every observation with its predictions and residuals, as a polars frame."""
        return observations(self)

    def people(self) -> Any:
        """Each person's random effects and parameters, as a polars frame."""
        return people(self)

    def as_tree(self) -> Any:
        """The fit as xarray groups: estimates, covariance, random effects, observations."""
        return as_tree(self)


def fit(
    data: Any,
    model: str,
    method: str = "focei",
    *,
    columns: Mapping[str, str] | None = None,
    effort: Effort | None = None,
    folder: Path | None = None,
    report: Callable[[str, int, int | None], None] | None = None,
    **wishes: Any,
) -> Tabled:
    """Fit a mixed-effects model to one's own people, as `remit fit` does.

    Args:
        data: a file, or a polars frame, with the columns of docs/fit.md.
        model: as the command line takes it: ``1cpt-oral``, ``response:GAD-7``, ``FILE.py:FUNCTION``, ``FILE.yaml``.
        method: ``focei``, ``foce``, ``laplace``, ``agq``, ``lme``, ``saem`` or ``nuts``.
        columns: what a column is called here, by the name it has a meaning under: ``{"DV": "conc"}``.
        effort: nodes, seed, draws, priors; the usual when None.
        folder: where what is done is kept, so that an interrupted fit goes on; nowhere when None.
        report: called with words on where the fit is, the steps done, and of how many (None where nobody knows).
        wishes: of `remit.inference.mixed.model_file.Wishes`: ``initial``, ``random``, ``omega``, ``error``,
            ``covariates``, ``fix``, ``occasion``, ``transform``, ``spread``, ``published``.

    Returns:
        A fit that converged; ``.estimates()``, ``.observations()`` and ``.people()`` are polars frames, ``.as_tree()``
        is an xarray tree.

    Raises:
        InputRefused: table, model and method do not fit together.
        NotConverged: no maximum was reached, or the draws may not be used; says what to try.
    """
    from_file = isinstance(data, (str, Path))
    table = read_events(data, columns) if from_file else parse_events(data.write_csv(), "table", columns)
    chosen = load_model(model, Wishes(**wishes), table, method)
    found = fitting.fit(table, chosen, method, effort=effort, report=report, folder=folder)
    return Tabled(**{each.name: getattr(found, each.name) for each in fields(found)})
