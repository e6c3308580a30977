"""The calibrated posterior: saved and loaded with the hash of the evidence it saw."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import h5netcdf
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.evidence.assumptions import load_assumptions
from remit.evidence.fingerprint import fingerprint
from remit.inference.diagnostics import Diagnostics, Draws
from remit.population.variability import Population
from remit.program import program
from remit.vocabulary.errors import InputRefused, StalePosterior
from remit.vocabulary.people import Diagnosis

EVIDENCE_PARTS = ("outcomes", "studies", "kinetics", "scales.csv", "assumptions.yaml")
"""Parts of the evidence the calibration reads; a change in any of them makes a posterior stale."""
Names = tuple[tuple[str, tuple[str, ...]], ...]
"""Groups of a posterior and their members, as a compiled program can be keyed by."""
SHIPPED = (
    "sustained_mean", "sustained_sd", "k_in_mean", "k_in_sd", "half_life_mean", "half_life_sd", "acute_mean",
    "acute_sd", "gradual_mean", "gradual_sd", "session_mean", "session_sd", "tau_mean", "tau_session_mean",
    "daily_mean", "daily_sd", "onset_mean", "onset_sd", "diagnosis_control_sd", "diagnosis_drug_sd",
    "study_drug_sd", "study_control_sd", "scale_sd", "control_kind_sd", "daily_treatment_sd", "misfit_sd",
    "overdispersion", "bias_scale", "row_correlation", "daily_spread", "therapy_spread", "domain_sd",
    "depression_sustained_mean",
    "depression_sustained_sd", "depression_acute_mean", "depression_gradual_mean", "depression_session_mean",
    "depression_tau_mean", "diagnosis_control", "diagnosis_drug", "scale", "control", "treatment", "onset", "bias",
    "domain",
)  # fmt: skip
GROUPS = {
    "diagnosis_control": "diagnosis", "diagnosis_drug": "diagnosis", "scale": "scale", "control": "control",
    "treatment": "treatment", "onset": "treatment", "bias": "masking", "domain": "timing",
}  # fmt: skip
SESSION_CONTROL = "session"
"""The kind of control of people who come for one or a few sessions."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Draws of the calibrated parameters.

    Attributes:
        draws: name to array of shape (draws,) or (draws, group).
        names: group to the names of its members, in order.
        manifest: what made it: evidence hash, versions, seed, settings, diagnostics, rows used.
    """

    draws: dict[str, NDArray[np.float64]]
    names: dict[str, tuple[str, ...]]
    manifest: dict[str, Any]

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(self.draws["sustained_mean"])

    def thinned(self, size: int) -> Posterior:
        """Evenly spaced draws of this posterior, at most ``size`` of them."""
        keep = np.linspace(0, self.size - 1, min(size, self.size)).astype(int)
        return Posterior({name: value[keep] for name, value in self.draws.items()}, self.names, self.manifest)

    def of_scale(self, name: str, seed: int) -> Float[Array, " draws"]:
        """Log responsiveness of a scale; of one never seen, a new draw."""
        return self.member("scale", name, jax.random.key(seed))

    def member(self, effect: str, name: str | None, key: Array | None = None) -> Float[Array, " draws"]:
        """The effect of one member of a group; of a member never seen, a new draw from the group's spread.

        Args:
            effect: for example ``diagnosis_drug``.
            name: the member; None for a new one.
            key: needed for a member never seen.
        """
        group = self.names[GROUPS[effect]]
        if name in group:
            return jnp.asarray(self.draws[effect][:, group.index(name)])
        if key is None:
            raise InputRefused(f"{name!r} is not a member of {effect}", allowed=", ".join(group))
        spread = {
            "scale": "scale_sd",
            "control": "control_kind_sd",
            "treatment": "daily_treatment_sd",
            "onset": "onset_sd",
        }
        return jax.random.normal(key, (self.size,), dtype=jnp.float64) * self.draws[spread.get(effect, f"{effect}_sd")]


def session_population(posterior: Posterior, diagnosis: Diagnosis, key: Array) -> Population:
    """People of a diagnosis in a new place that gives sessions; every entry of shape (draws,).

    What differs between studies is part of what we do not know about a new place, so each draw gets study effects of
    its own. The bias of unmasked arms is left out.

    Args:
        posterior: the calibrated posterior.
        diagnosis: whose people.
        key: for the study effects and for a diagnosis without trials.
    """
    d = {name: jnp.asarray(value) for name, value in posterior.draws.items()}
    keys = jax.random.split(key, 4)
    new = [jax.random.normal(own, (posterior.size,), dtype=jnp.float64) for own in keys[:2]]
    name = diagnosis.value
    control = (
        posterior.member("diagnosis_control", name, keys[2])
        + d["study_control_sd"] * new[0]
        + posterior.member("control", SESSION_CONTROL)
    )
    drug = posterior.member("diagnosis_drug", name, keys[3]) + d["study_drug_sd"] * new[1]
    fixed = load_assumptions()
    return Population(
        sustained_mean=d["sustained_mean"] + drug,
        sustained_sd=d["sustained_sd"],
        k_in_mean=d["k_in_mean"],
        k_in_sd=d["k_in_sd"],
        k_out_mean=math.log(math.log(2.0)) - d["half_life_mean"],
        k_out_sd=d["half_life_sd"],
        acute_mean=d["acute_mean"],
        acute_sd=d["acute_sd"],
        gradual_mean=jnp.exp(d["gradual_mean"] + control),
        gradual_sd=d["gradual_sd"],
        session_mean=d["session_mean"] * jnp.exp(d["study_control_sd"] * new[0]),
        session_sd=d["session_sd"],
        tau_h=jnp.exp(d["tau_mean"]),
        tau_session_h=jnp.exp(d["tau_session_mean"]),
        drive_c50=jnp.full(posterior.size, fixed["drive_c50"].value),
        acute_c50=jnp.full(posterior.size, fixed["acute_c50"].value),
    )


STAND_IN = Diagnosis.MIXED_ANXIETY
"""The name under which the one diagnosis of `of_one_diagnosis` goes."""


def of_one_diagnosis(posterior: Posterior, diagnosis: Diagnosis) -> Posterior:
    """A posterior that knows one diagnosis alone, under the name `STAND_IN`, or none where this one was never seen.

    What is compiled for it serves every diagnosis.
    """
    group = posterior.names["diagnosis"]
    known = [group.index(diagnosis.value)] if diagnosis.value in group else []
    draws = {
        name: value[:, known] if GROUPS.get(name) == "diagnosis" else value for name, value in posterior.draws.items()
    }
    names = {**posterior.names, "diagnosis": (STAND_IN.value,) if known else ()}
    return Posterior(draws, names, posterior.manifest)


@program("names")
def _people(draws: dict[str, Array], key: Array, names: Names) -> Population:
    return session_population(Posterior(draws, dict(names), {}), STAND_IN, key)  # type: ignore[arg-type]


def people_of(posterior: Posterior, diagnosis: Diagnosis, key: Array) -> Population:
    """`session_population` as one compiled program, which starts faster than its steps one by one."""
    own = of_one_diagnosis(posterior, diagnosis)
    return _people(own.draws, key, tuple(own.names.items()))  # type: ignore[arg-type]


def daily_population(
    posterior: Posterior, diagnosis: Diagnosis, treatment: str | None, control: str, key: Array
) -> tuple[Population, Float[Array, " draws"]]:
    """People of a diagnosis under a daily treatment in a new place, and its onset time constant [h]; entries of shape
    (draws,).

    Args:
        posterior: the calibrated posterior.
        diagnosis: whose people.
        treatment: name in the treatment group; None for the control alone (no effect).
        control: kind of control course, for example ``pill``.
        key: for the study effects and for members without trials.
    """
    d = {name: jnp.asarray(value) for name, value in posterior.draws.items()}
    base = session_population(posterior, diagnosis, key)
    keys = jax.random.split(key, 4)
    apart = jnp.exp(d["daily_spread"] if control == "pill" else d["therapy_spread"])
    new = [apart * jax.random.normal(own, (posterior.size,), dtype=jnp.float64) for own in keys[:2]]
    course = (
        posterior.member("diagnosis_control", diagnosis.value, keys[2])
        + d["study_control_sd"] * new[0]
        + posterior.member("control", control)
    )
    gradual = jnp.exp(d["gradual_mean"] + course)
    if treatment is None:
        # a logit of -30 is no effect to rounding
        nothing = jnp.full(posterior.size, -30.0)
        return base._replace(sustained_mean=nothing, sustained_sd=0.0 * nothing, gradual_mean=gradual), jnp.ones(
            posterior.size
        )
    size = d["daily_mean"] + posterior.member("treatment", treatment, keys[3]) + d["study_drug_sd"] * new[1]
    onset = jnp.exp(d["onset_mean"] + posterior.member("onset", treatment, keys[3]))
    return base._replace(sustained_mean=size, sustained_sd=d["daily_sd"], gradual_mean=gradual), onset


def evenly_spaced(draws: Draws, size: int) -> dict[str, NDArray[np.float64]]:
    """Evenly spaced draws of all chains, flattened to shape (size, ...)."""
    return {
        name: value.reshape(-1, *value.shape[2:])[:: max(1, value.shape[0] * value.shape[1] // size)][:size]
        for name, value in draws.items()
        if name in SHIPPED
    }


def manifest(diagnostics: Diagnostics, settings: Any, counts: dict[str, int]) -> dict[str, Any]:
    """What made a posterior."""
    return {
        "evidence_hash": fingerprint(*EVIDENCE_PARTS),
        "evidence_parts": list(EVIDENCE_PARTS),
        "settings": asdict(settings),
        "diagnostics": asdict(diagnostics),
        "rows": counts,
        "versions": {name: version(name) for name in ("remit", "jax", "numpyro", "numpy")},
    }


def default_folder() -> Path:
    """Where the posterior that ships with remit lies."""
    return Path(str(files("remit.inference"))) / "posterior"


def save(posterior: Posterior, folder: Path) -> None:
    """Write ``anxiety.nc`` (group posterior) and ``manifest.json``; each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "anxiety.nc.tmp"
    with h5netcdf.File(fresh, "w") as file:
        group = file.create_group("posterior")
        group.dimensions = {"draw": posterior.size}
        for dimension, members in posterior.names.items():
            axis = f"{dimension}_name"
            group.dimensions[axis] = len(members)
            group.create_variable(axis, (axis,), data=np.array(members, dtype=object), dtype=_text())
        for name, value in posterior.draws.items():
            axes = ("draw",) if value.ndim == 1 else ("draw", f"{GROUPS[name]}_name")
            group.create_variable(name, axes, data=value.astype(np.float64), compression="gzip", compression_opts=9)
    (folder / "manifest.json.tmp").write_text(json.dumps(posterior.manifest, indent=1, sort_keys=True) + "\n")
    fresh.replace(folder / "anxiety.nc")
    (folder / "manifest.json.tmp").replace(folder / "manifest.json")


def _text() -> Any:
    import h5py

    return h5py.string_dtype()


def load(folder: Path | None = None) -> Posterior:
    """The posterior of a folder, or the one that ships with remit.

    Raises:
        StalePosterior: there is none, or it was fitted to other evidence than today's.
    """
    folder = folder or default_folder()
    if not (folder / "manifest.json").exists():
        raise StalePosterior("there is no calibrated posterior", where=folder.name, remedy="Run: remit calibrate")
    made = json.loads((folder / "manifest.json").read_text())
    today = fingerprint(*made["evidence_parts"])
    if made["evidence_hash"] != today:
        raise StalePosterior(
            f"the posterior was fitted to evidence {made['evidence_hash'][:12]}, today's is {today[:12]}",
            remedy="Run: remit calibrate",
        )
    with h5netcdf.File(folder / "anxiety.nc", "r") as file:
        group = file["posterior"]
        draws = {name: np.asarray(group[name][...]) for name in SHIPPED if name in group.variables}
        names = {
            dimension: tuple(
                item.decode() if isinstance(item, bytes) else str(item) for item in group[f"{dimension}_name"][...]
            )
            for dimension in dict.fromkeys(GROUPS.values())
        }
    return Posterior(draws, names, made)
