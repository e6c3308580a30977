"""Why a search ended at no maximum, in words, and from where to climb once more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.climb import Summit
from remit.inference.mixed.individual import rated
from remit.inference.mixed.model import MixedModel

Floats = NDArray[Any]
_LOOSE = 3.0
"""SE of the logarithm of an SD.  # choice: a factor of twenty either way says nothing of its size"""
_ENDLESS = 5.0
"""SD between people of a logarithm or a logit.  # choice: people who differ by a factor of 20,000 are no population"""


def explained(model: MixedModel, summit: Summit) -> str:
    """Why there is no maximum: what was found at the end, and which numbers the data say least of."""
    words = summit.fault
    if named := flattest(model, summit):
        words += f"; the data say least of {' and '.join(named)}"
    shrunk = _vanished(model, summit)
    if shrunk:
        words += f"; the variance of {', '.join(shrunk)} goes to zero"
    words += endless(model, summit.estimated)
    return f"not converged: {words} (log likelihood {summit.value:.3f} after {summit.steps} steps)"


def remedy(model: MixedModel, summit: Summit, method: str) -> str:
    """What to try."""
    shrunk = _vanished(model, summit)
    if shrunk:
        return f"Leave {shrunk[0]} out of the random effects (--random)"
    return tries(model, method, summit.estimated)


def endless(model: MixedModel, estimated: Floats) -> str:
    """Spreads that have grown beyond any meaning, as the end of a sentence; empty where there is none.

    Where people are few, the likelihood of a logit may rise for ever as some have nearly all of it and others nothing.
    """
    wide = _wide(model, estimated)
    return "".join(f"; the SD of {name} between people grows without end (here {sd:.2g})" for name, sd in wide.items())


def _wide(model: MixedModel, estimated: Floats) -> dict[str, float]:
    scales = {each.name: each.transform for each in model.parameters}
    spread = {
        name: float(np.sqrt(row @ row))
        for name, row in zip(model.etas, model.population(estimated).factor, strict=True)
    }
    return {name: sd for name, sd in spread.items() if scales[name] != "identity" and sd > _ENDLESS}


def tries(model: MixedModel, method: str, estimated: Floats) -> str:
    """What helps a search that ended at no maximum, as far as this fit has not done it already.

    Args:
        model: as it was fitted.
        method: by which.
        estimated: the numbers where it ended.
    """
    wide = _wide(model, estimated)
    rest = [name for name in model.etas if name not in wide]
    if wide and rest:
        return (
            f"Leave {' and '.join(wide)} out of the random effects (--random {','.join(rest)}), or take --method nuts, "
            "whose priors hold what few people cannot tell"
        )
    found = ["starting values nearer to the data (--initial)"]
    if len(model.etas) > 1:
        found.append(f"fewer random effects, such as --random {','.join(model.etas[:-1])}")
    if any(row != column for row, column in model.entries):
        found.append("a diagonal Omega")
    # totals of a scale and limits have no FOCE; priors hold what few people cannot tell
    found.append(f"--method {_AFTER[method] if method != 'saem' or not rated(model) else 'nuts'}")
    return f"Try {', '.join(found[:-1])}, or {found[-1]}"


_AFTER = {"foce": "focei", "focei": "laplace", "lme": "focei", "laplace": "saem", "agq": "saem", "saem": "agq"}
"""The method to try after another."""


def lifted(model: MixedModel, summit: Summit) -> Floats | None:
    """Where to climb from once more: SDs that went to zero as they were at first, all else as it was found.

    A search that begins far from the data may shrink a spread away before the rest fits; from a spread of nothing no
    slope leads back. None where no spread went to zero.
    """
    gone = set(_vanished(model, summit)) if summit.fault else set()
    if not gone:
        return None
    whole, start = model.whole(summit.estimated).copy(), model.start
    first = len(model.parameters) + len(model.effects)
    for place, (row, column) in enumerate(model.entries, start=first):
        if gone & {model.etas[row], model.etas[column]}:
            whole[place] = start[place]
    return whole[model.free]


def undetermined(model: MixedModel, errors: Floats) -> list[str]:
    """Random effects whose spread is unknown by a factor of twenty: their variance goes to zero."""
    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    spreads = {f"chol {name}": name for name in model.etas} | {f"occasion {name}": name for name in model.shifting}
    return [spreads[name] for name, error in zip(free, errors, strict=True) if name in spreads and error > _LOOSE]


def _vanished(model: MixedModel, summit: Summit) -> list[str]:
    factor = model.population(summit.estimated).factor
    return [name for name, row in zip(model.etas, factor, strict=True) if np.sqrt(row @ row) < 1e-3]


def flattest(model: MixedModel, summit: Summit) -> list[str]:
    """The numbers, at most two, along which the likelihood is flattest or bent upwards; none where that is unknown."""
    curved = summit.information
    if not np.isfinite(curved).all():
        return []
    # each number in units of its own bend, so that scales do not decide
    wide = np.sqrt(np.maximum(np.abs(np.diag(curved)), 1e-12))
    values, directions = np.linalg.eigh(curved / np.outer(wide, wide))
    if values[0] > 0.05:  # choice: no direction stands out
        return []
    share = np.abs(directions[:, 0] / wide)
    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    order = [place for place in np.argsort(-share)[:2] if share[place] > 0.3 * share.max()]
    return [_called(free[place]) for place in order]


def _called(name: str) -> str:
    """A number of the search as readers know it."""
    if name.startswith("chol "):
        own = name.removeprefix("chol ")
        return f"the correlation of {own.replace(',', ' and ')}" if "," in own else f"the SD of {own} between people"
    return f"the SD of {name.removeprefix('occasion ')} between occasions" if name.startswith("occasion ") else name
