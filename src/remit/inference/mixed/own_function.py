"""A function of one's own as a structural model, tried before a fit, so that what is wrong with it is said in words."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from remit.inference.mixed.kinetics import Structure
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.vocabulary.errors import InputRefused

SIGNATURE = "def NAME(parameters, doses, times, covariates), which returns shape (times,) or (outputs, times)"


def is_own(structure: Structure) -> bool:
    """Whether a structural model is FILE.py:FUNCTION."""
    return structure.name.rpartition(":")[0].endswith(".py")


def try_function(model: MixedModel, records: Records) -> None:
    """Call the function for the first person, and refuse what would end in a traceback or in wrong numbers.

    Args:
        model: as prepared.
        records: of all people.

    Raises:
        InputRefused: the function fails, gives another shape, or reads a parameter of shape (times,) otherwise than a
            number; numbers that meet doses on the wrong axis are added up without a word.
    """
    name, outputs, times = model.structure.name, len(model.structure.outputs), records.time.shape[1]
    own = jax.tree.map(lambda part: np.asarray(part)[0], records)
    values = model.individual(model.population(model.start[model.free]), np.zeros(model.size), own)

    def call(given: dict[str, Any]) -> Any:
        return model.structure.predict(given, own.doses, own.time, {**own.covariates, **own.setting})

    try:
        shape = np.shape(jax.eval_shape(call, values))
    except Exception as fault:
        said = (str(fault).splitlines() or [""])[0]
        raise InputRefused(
            f"{name} fails when it is called: {type(fault).__name__}: {said}", allowed=SIGNATURE,
            remedy="See docs/fit.md, A function of your own", where="MODEL",
        ) from fault  # fmt: skip
    fitting = [(outputs, times), *([(times,)] if outputs == 1 else [])]
    if shape not in fitting:
        raise InputRefused(
            f"{name} returns shape {shape} for {times} rows and {outputs} output{'s' * (outputs > 1)}",
            allowed=" or ".join(map(str, fitting)), remedy="See docs/fit.md, A function of your own", where="MODEL",
        )  # fmt: skip
    moved = [each for each, value in values.items() if np.ndim(value)]
    if not moved:
        return
    number = {each: np.ravel(value)[0] for each, value in values.items()}
    filled = {each: np.full(np.shape(value), number[each]) for each, value in values.items()}
    both = [np.broadcast_to(np.asarray(jax.jit(call)(given)), fitting[0])[:, own.counted] for given in (number, filled)]
    if not np.allclose(*both, rtol=1e-6, atol=1e-9, equal_nan=True):
        raise InputRefused(
            f"{name} reads {' and '.join(moved)} otherwise as shape (times,) than as a number: covariates or occasions "
            "that change within a person give that shape",
            allowed="the same prediction from equal numbers",
            remedy=f"Where doses are a second axis write {moved[0]}[:, None]; see docs/fit.md, A function of your own",
            where="MODEL",
        )
