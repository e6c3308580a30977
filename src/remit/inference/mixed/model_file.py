"""A model from what people write: a name with options, a YAML file, or a Python function of their own."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from remit.evidence.tables import near_miss, parse_yaml
from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.kinetics import LIBRARY, Structure, Usual
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.parameter import ERRORS, NAMED, TOGETHER, CovariateEffect, Error, Parameter
from remit.inference.mixed.starting import guessed, values_of
from remit.inference.mixed.table_header import DOSES
from remit.vocabulary.errors import EvidenceRefused, InputRefused

_EFFECT = re.compile(r"^(\w+)~(\w+?)(?:([/-])([\d.eE+]+))?(?:\^([-+\d.eE]+))?$")
EXACT = ("laplace", "agq", "saem", "nuts")
"""Methods that take any density of a row, not only a normal one."""
SPREAD = 0.3
"""Where the search of an SD between people begins.  # choice: usual in kinetics; of a parameter without transform it
is a share of its starting value"""
MOST_LEVELS = 12
"""Levels of a column of words as a covariate.  # choice: more are names, not groups"""
KEYS = (
    "model",
    "initial",
    "random",
    "spread",
    "omega",
    "error",
    "covariates",
    "fix",
    "occasion",
    "transform",
    "published",
)


@dataclass(frozen=True)
class Wishes:
    """What is asked of a model besides its structure; see docs/fit.md.

    Attributes:
        initial: starting values by parameter, natural scale; residual errors as ``additive`` and so on, SDs between
            people as ``sd CL``.
        random: parameters in which people differ; None is all that are not fixed.
        omega: ``diagonal``, ``full``, or names joined by + that form a block.
        error: kind of each output, a key of `NAMED` or one of `TOGETHER`; one, or ``output=kind``.
        covariates: effects as ``CL~WT/70`` (power, estimated), ``CL~WT/70^0.75`` (fixed), ``CL~AGE-40`` (per unit).
        fix: parameters that are not estimated.
        occasion: parameters that differ between occasions.
        transform: other transforms than those of the structure, by parameter.
        spread: where the search of SDs between people begins, by parameter.
        published: of published models: how many people their values count as.
    """

    initial: Mapping[str, float] = field(default_factory=dict)
    random: Sequence[str] | None = None
    omega: Sequence[str] = ()
    error: Sequence[str] = ()
    covariates: Sequence[str] = ()
    fix: Sequence[str] = ()
    occasion: Sequence[str] = ()
    transform: Mapping[str, str] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    published: float = 0.0


def load_structure(name: str) -> Structure:
    """A structural model by name, or ``FILE.py:FUNCTION``.

    A file of one's own holds the function f(parameters, doses, times, covariates) -> prediction, and beside it
    ``PARAMETERS``, a mapping of names to transforms, and ``OUTPUTS`` when it predicts several. The function is run:
    only give files you trust.

    Raises:
        InputRefused: there is none.
    """
    if name in LIBRARY:
        return LIBRARY[name]
    if name.partition(":")[0] == "response":
        from remit.inference.mixed.score_model import response_structure

        return response_structure(name)
    if name.partition(":")[0] == "ketamine":
        from remit.inference.mixed.published_kinetics import published_structure

        return published_structure(name)
    from remit.inference.mixed.effects import OTHER_NAMES, effect_structure

    if name in OTHER_NAMES or ("+" in name and ":" not in name):
        return effect_structure(name)
    path, _, function = name.rpartition(":")
    if not path.endswith(".py"):
        raise InputRefused(
            f"there is no model {name!r}",
            allowed=", ".join(LIBRARY)
            + ", 1cpt-oral+EFFECT, ketamine:MODEL, response:SCALE, FILE.py:FUNCTION, FILE.yaml",
            remedy=near_miss(name, LIBRARY),
            where="MODEL",
        )
    if not Path(path).is_file():
        raise InputRefused(f"there is no file {path}", where="MODEL")
    spec = importlib.util.spec_from_file_location("remit_user_model", path)
    if spec is None or spec.loader is None:
        raise InputRefused(f"{path} cannot be imported", where="MODEL")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as fault:
        raise InputRefused(f"{path} fails when it is run: {type(fault).__name__}: {fault}", where="MODEL") from fault
    predict: Any = getattr(module, function, None)
    parameters = getattr(module, "PARAMETERS", None)
    if not callable(predict) or not isinstance(parameters, Mapping):
        raise InputRefused(
            f"{path} has no function {function} with PARAMETERS beside it",
            allowed='def NAME(parameters, doses, times, covariates) and PARAMETERS = {"CL": "log", ...}',
            where="MODEL",
        )
    outputs = tuple(str(each) for each in getattr(module, "OUTPUTS", ("1",)))
    return Structure(name, cast(Any, predict), dict(parameters), outputs, constant=False)


def load_model(name: str, wishes: Wishes, table: EventTable, method: str = "focei") -> MixedModel:
    """A model by name or from a file, with starting values found in the table where none are given.

    Args:
        name: of the library, ``FILE.py:FUNCTION`` or ``FILE.yaml``.
        wishes: what is asked of it; they come before what a YAML file says.
        table: the data.
        method: that the fit will take; totals of a scale are rounded and cut off where it can follow that.

    Raises:
        InputRefused: the model cannot be made; says which part.
    """
    if name.endswith((".yaml", ".yml")):
        name, wishes = _of_file(Path(name), wishes)
    structure = load_structure(name)
    known = {**structure.parameters, **structure.optional}
    errors = _errors(structure, wishes, table, method)
    spread, initial = _spreads(wishes)
    for given in [*initial, *spread, *wishes.fix, *(wishes.random or ()), *wishes.occasion, *wishes.transform]:
        if given not in known and given.split("@")[0] not in ERRORS:
            raise InputRefused(
                f"{structure.name} has no parameter {given}",
                allowed=", ".join(known),
                remedy=near_miss(given, known),
                where="MODEL",
            )
    usual = Usual({}, {}) if structure.usual is None else structure.usual(table)
    # what is asked to vary, or named in another list of what is fixed, is not left as it is
    fixed = tuple(wishes.fix) or tuple(name for name in usual.fixed if name not in (wishes.random or ()))
    guesses = guessed(structure, table, values_of(table, structure.outputs, 0))
    begin = {
        **guesses,
        **usual.initial,
        **{key: value for key, value in initial.items() if key in known},
    }
    effects = [effect for text in wishes.covariates for effect in _effects(text, known, table)]
    _check_doses(structure, table)
    parameters = []
    for key, transform in known.items():
        if key not in begin:
            if key in structure.parameters:
                raise InputRefused(
                    f"{key} has no starting value", remedy=f"Give one: --initial {key}=...", where="MODEL"
                )
            continue
        varies = key not in fixed if wishes.random is None else key in wishes.random
        scale = wishes.transform.get(key, transform)
        wide = SPREAD if scale != "identity" else SPREAD * (abs(float(begin[key])) or 1.0)
        parameters.append(
            Parameter(
                key,
                float(begin[key]),
                scale,
                varies,
                float(spread.get(key, usual.spread.get(key, wide))),
                key in fixed,
                key in wishes.occasion,
                tuple(effect for owner, effect in effects if owner == key),
            )
        )
    weight = float(wishes.published)
    if weight and not structure.name.startswith("ketamine:"):
        raise InputRefused(f"{structure.name} has no published values", allowed="ketamine:MODEL", where="--published")
    if not 0.0 <= weight <= 1e6:
        raise InputRefused(f"published values count as {weight:g} people", allowed="0 or more", where="--published")
    return MixedModel(
        structure, tuple(parameters), errors, _blocks(wishes.omega), published=weight,
        guessed=tuple(each for each in (*guesses, *usual.guessed) if each not in initial and each not in fixed),
    )  # fmt: skip


def _check_doses(structure: Structure, table: EventTable) -> None:
    """Refuse a table without doses where the model is of a drug.

    Raises:
        InputRefused: no row is a dose.
    """
    compartments = "cpt-" in structure.name and ":" not in structure.name
    if not compartments and not structure.name.startswith("ketamine:"):
        return
    if not any(event.evid in {1, 4} for events in table.events for event in events):
        alike = [name for name in table.covariates if name in DOSES]
        raise InputRefused(
            f"no row is a dose, and {structure.name} is of what doses do",
            allowed="rows with TIME and an AMT above 0, DV blank",
            remedy=f"If {alike[0]} is the dose, give it rows of its own and say --column AMT={alike[0]}" if alike
            else "Give each dose a row with its TIME and AMT",
            where=table.name,
        )  # fmt: skip


def _of_file(path: Path, wishes: Wishes) -> tuple[str, Wishes]:
    """Model and wishes of a YAML file, under those given beside it."""
    from dataclasses import fields

    try:
        content = parse_yaml(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise InputRefused(f"there is no file {path}", where="MODEL") from None
    except (UnicodeDecodeError, EvidenceRefused) as fault:
        raise InputRefused(str(fault), where="MODEL") from None
    if not isinstance(content, Mapping) or "model" not in content:
        raise InputRefused(f"{path} names no model", allowed="a mapping with the key model", where="MODEL")
    for key in content:
        if key not in KEYS:
            raise InputRefused(
                f"{key!r} is no key of a model file",
                allowed=", ".join(KEYS),
                remedy=near_miss(str(key), KEYS),
                where=str(path),
            )
    merged: dict[str, Any] = {}
    for each in fields(Wishes):
        given, here = getattr(wishes, each.name), content.get(each.name)
        if isinstance(given, Mapping):
            merged[each.name] = {**(here or {}), **given}
        else:
            listed = [here] if isinstance(here, str) else here
            merged[each.name] = given if given else (listed if listed is not None else given)
    name = str(content["model"])
    if ".py:" in name and not Path(name.rpartition(":")[0]).is_absolute():
        name = str(path.parent / name)
    return name, Wishes(**merged)


def _spreads(wishes: Wishes) -> tuple[dict[str, float], dict[str, float]]:
    """Starting values of SDs between people, and of everything else.

    Raises:
        InputRefused: an SD is not above 0.
    """
    spread = {**wishes.spread, **{key[3:].strip(): v for key, v in wishes.initial.items() if key.startswith("sd ")}}
    for key, value in spread.items():
        if not value > 0:
            raise InputRefused(f"the SD of {key} is {value:g}", allowed="above 0", where="--initial")
    return spread, {key: value for key, value in wishes.initial.items() if not key.startswith("sd ")}


def _effects(text: str, known: Mapping[str, str], table: EventTable) -> list[tuple[str, CovariateEffect]]:
    """One effect, or of a column of words one for each level but the first.

    Raises:
        InputRefused: it is no effect, or of a column with too many levels.
    """
    name, effect = _effect(text, known)
    levels = table.levels.get(effect.covariate)
    if levels is None:
        return [(name, effect)]
    if len(levels) > MOST_LEVELS:
        raise InputRefused(
            f"{effect.covariate} has {len(levels)} levels", allowed=f"up to {MOST_LEVELS}", where="--covariate"
        )
    if effect.form == "power" or effect.fixed or effect.reference:
        raise InputRefused(
            f"{text!r}: {effect.covariate} is words ({', '.join(levels)})",
            allowed=f"{name}~{effect.covariate}: each level beside {levels[0]}",
            where="--covariate",
        )
    return [(name, replace(effect, covariate=f"{effect.covariate}={level}")) for level in levels[1:]]


def _effect(text: str, known: Mapping[str, str]) -> tuple[str, CovariateEffect]:
    found = _EFFECT.match(text.replace(" ", ""))
    if found is None or found[1] not in known:
        raise InputRefused(
            f"{text!r} is no covariate effect",
            allowed=f"CL~WT/70, CL~WT/70^0.75, CL~AGE-40 or CL~SEX, of {', '.join(known)}",
            where="--covariate",
        )
    name, covariate, sign, reference, power = found.groups()
    form = "power" if sign == "/" else "exponential"
    fixed = power is not None
    return name, CovariateEffect(
        covariate.upper(), form, float(reference or 0.0), float(power) if fixed else 0.0, fixed
    )


def _blocks(omega: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    if not omega or list(omega) == ["diagonal"]:
        return ()
    return (("full",),) if list(omega) == ["full"] else tuple(tuple(text.split("+")) for text in omega)


def _errors(structure: Structure, wishes: Wishes, table: EventTable, method: str) -> tuple[Error, ...]:
    follows = structure.bounds is not None and method in EXACT
    kinds = dict.fromkeys(structure.outputs, "bounded" if follows else "additive")
    for text in wishes.error:
        output, _, kind = text.rpartition("=")
        for name in [output] if output else list(kinds):
            if name not in kinds:
                raise InputRefused(f"there is no output {name!r}", allowed=", ".join(kinds), where="--error")
            kinds[name] = kind
    found = []
    for output, kind in kinds.items():
        parts = NAMED.get(kind, tuple(kind.split("+")))
        if parts not in TOGETHER:
            raise InputRefused(
                f"residual error {kind!r}",
                allowed="additive, proportional, combined, combined1, power, log, bounded",
                where="--error",
            )
        seen = values_of(table, structure.outputs, structure.outputs.index(output))
        wide = 0.2 * float(seen.std()) if len(seen) > 1 and seen.std() > 0 else 1.0  # choice: a fifth of what is seen
        usual = {"additive": wide, "bounded": wide, "proportional": 0.2, "log": 0.2, "linear": 0.2, "power": 1.0}
        chosen = [wishes.initial.get(f"{part}@{output}", wishes.initial.get(part, usual[part])) for part in parts]
        found.append(Error(parts, tuple(float(each) for each in chosen)))
    return tuple(found)
