"""kinetics/*.yaml and routes.yaml: published models, value by value, and which of them stands for a drug and route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, check_record, line_of, near_miss, parse_yaml, published, read_csv, read_text
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import EvidenceRefused

STATUSES = ("complete", "parent_only", "absorption_only", "check_only", "not_runnable", "out_of_scope")
RUNNABLE = frozenset({"complete", "parent_only"})
SITES = ("arterial", "venous", "not_stated")
HOW = ("read", "derived", "assumed")
REQUIRED = frozenset({"model_id", "citation", "source_id", "status", "compound", "sampling_site", "parameters"})
MODEL_FIELDS = (
    *(
        Field(name, required=name in REQUIRED)
        for name in (
            "model_id", "citation", "year", "doi", "pmid", "source_id", "value_source", "compound", "routes",
            "population", "parameters", "variability", "residual", "scaling", "disposition", "metabolites",
            "absorption", "sprays", "checks", "facts", "known_problems",
        )
    ),
    Field("status", required=True, choices=STATUSES),
    Field("sampling_site", required=True, choices=SITES),
    Field("sampling_how"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typical value [unit] as published, in litres and hours where it is a volume, a flow, a rate or a time."""

    name: str
    value: float
    unit: str
    how: str
    note: str


@dataclass(frozen=True, slots=True)
class Variance:
    """Between-subject (``bsv``) or between-occasion (``iov``) variance of a parameter, or a covariance.

    Attributes:
        parameter: its name; of a covariance the two names.
        kind: ``bsv``, ``iov`` or ``covariance``.
        scale: ``log`` or ``logit``, on which the variance is stated.
        variance: None where the paper does not give it; it stays missing.
        shared_as: parameters with the same label share one random effect.
    """

    parameter: tuple[str, ...]
    kind: str
    scale: str
    variance: float | None
    shared_as: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Compartments and what flows between them.

    Attributes:
        compartments: name and the parameter of its volume.
        exchanges: two compartments and the parameter of the flow that is equal both ways.
        losses: compartment, parameter, and whether that is a ``flow`` [L/h] or a ``rate`` [1/h].
    """

    compartments: tuple[tuple[str, str], ...]
    exchanges: tuple[tuple[str, str, str], ...]
    losses: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Metabolite:
    """A metabolite formed from a loss of the substance before it.

    Attributes:
        analyte: its name.
        formed_from, by, by_kind: compartment, parameter and kind of the loss that forms it.
        fraction: product of parameters, the share of that loss.
        delay_stages, delay: number of transit stages and the parameter of their mean time.
        molar: whether masses are converted by molar mass.
        tree: its own compartments.
    """

    analyte: str
    formed_from: str
    by: str
    by_kind: str
    fraction: str
    delay_stages: int
    delay: str | None
    molar: bool
    tree: Tree


@dataclass(frozen=True, slots=True)
class Pathway:
    """One of the parallel ways a dose enters: a fraction, spread over a time, through a depot, into a compartment."""

    fraction: str
    ka: str
    into: str
    zero_order: str | None
    delay_stages: int
    delay: str | None


@dataclass(frozen=True, slots=True)
class Scaling:
    """Exponents of body weight for volumes and flows; ``only`` names the parameters that are scaled, empty for all."""

    reference_weight_kg: float
    volume: float
    flow: float
    only: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A published population model."""

    model_id: str
    citation: str
    source_id: str
    status: str
    compound: str
    sampling_site: str
    parameters: Mapping[str, Parameter]
    variances: tuple[Variance, ...]
    scaling: Scaling | None
    tree: Tree | None
    metabolites: tuple[Metabolite, ...]
    absorption: Mapping[str, tuple[Pathway, ...]]
    sprays: Mapping[str, Any] | None
    known_problems: tuple[str, ...]

    @property
    def is_runnable(self) -> bool:
        """Whether its published values suffice to compute concentrations."""
        return self.status in RUNNABLE


@dataclass(frozen=True, slots=True)
class Absorption:
    """Assumed first-order absorption: fraction and rate [1/h], each with the range carried as uncertainty."""

    fraction: float
    fraction_low: float
    fraction_high: float
    ka: float
    ka_low: float
    ka_high: float


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """The models that stand for a drug and route."""

    drug: Drug
    route: Route
    plasma: str
    effect: str
    metabolite_from: str | None
    variability_from: str | None
    absorption: Absorption | None
    how: str
    sources: tuple[str, ...]
    note: str


def product_names(text: str) -> list[tuple[str, bool]]:
    """Factors of a product such as ``(1-FRn)*Fgut``: name, and whether one minus it is meant; numbers are left as they
    are."""
    factors = []
    for part in text.replace(" ", "").split("*"):
        complement = part.startswith("(1-") and part.endswith(")")
        factors.append((part[3:-1] if complement else part, complement))
    return factors


def _tree(record: Mapping[str, Any], parameters: Mapping[str, Parameter], file: str, text: str) -> Tree:
    compartments = tuple(record["compartments"].items())
    names = {name for name, _ in compartments}
    exchanges = tuple((str(a), str(b), str(flow)) for a, b, flow in record["exchanges"])
    losses = tuple((str(a), str(by), str(kind)) for a, by, kind in record["losses"])
    for name in [*(n for a, b, _ in exchanges for n in (a, b)), *(a for a, _, _ in losses)]:
        if name not in names:
            raise EvidenceRefused(
                f"unknown compartment {name!r}",
                allowed=", ".join(sorted(names)),
                where=f"{file}, line {line_of(text, 'disposition')}",
            )
    for parameter in [*(v for _, v in compartments), *(flow for _, _, flow in exchanges), *(by for _, by, _ in losses)]:
        _need(parameter, parameters, file, text)
    return Tree(compartments, exchanges, losses)


def _need(name: str, parameters: Mapping[str, Parameter], file: str, text: str) -> Parameter:
    if name not in parameters:
        raise EvidenceRefused(
            f"unknown parameter {name!r}", allowed=", ".join(parameters), remedy=near_miss(name, parameters),
            where=f"{file}, line {line_of(text, 'disposition')}",
        )  # fmt: skip
    return parameters[name]


def _parameters(record: Mapping[str, Any], file: str, text: str) -> dict[str, Parameter]:
    found = {}
    for name, entry in record.items():
        where = f"{file}, line {line_of(text, name)}, parameter {name}"
        if (
            not isinstance(entry, Mapping)
            or isinstance(entry.get("value"), bool)
            or not isinstance(entry.get("value"), int | float)
        ):
            raise EvidenceRefused(f"value is {entry!r}", allowed="a number under `value`", where=where)
        if entry.get("how") not in HOW:
            raise EvidenceRefused(f"how is {entry.get('how')!r}", allowed=", ".join(HOW), where=where)
        if entry.get("unit") == "fraction" and not 0 <= entry["value"] <= 1.25:
            # a published mean of 1.16 stands: apparent fractions may exceed one
            raise EvidenceRefused(f"value is {entry['value']}", allowed="a fraction", where=where)
        if entry.get("unit") in {"L", "L/h"} and not entry["value"] > 0:
            raise EvidenceRefused(f"value is {entry['value']}", allowed="above zero", where=where)
        found[name] = Parameter(
            name, float(entry["value"]), str(entry.get("unit", "")), entry["how"], str(entry.get("note", ""))
        )
    return found


def _variances(record: Mapping[str, Any]) -> tuple[Variance, ...]:
    found = []
    for name, entry in record.items():
        if entry["kind"] == "covariance":
            found.append(Variance(tuple(entry["between"]), "covariance", "log", entry["value"], ""))
        else:
            parameter = name.removesuffix("_iov")
            found.append(
                Variance((parameter,), entry["kind"], entry["scale"], entry.get("variance"), entry.get("shared_as", ""))
            )
    return tuple(found)


def parse_model(text: str, file: str) -> PublishedModel:
    """A model from the text of its file.

    Raises:
        EvidenceRefused: a key, a value, or a name that refers to another is not allowed.
    """
    raw = check_record(parse_yaml(text, file), MODEL_FIELDS, file, text)
    parameters = _parameters(raw["parameters"] or {}, file, text)
    tree = _tree(raw["disposition"], parameters, file, text) if raw["disposition"] else None
    if raw["status"] in RUNNABLE and tree is None:
        raise EvidenceRefused(
            "a runnable model without a disposition", where=file, remedy="Give `disposition` or another status"
        )
    metabolites = []
    for entry in raw["metabolites"] or ():
        own = _tree(entry["disposition"], parameters, file, text)
        metabolites.append(Metabolite(**{k: v for k, v in entry.items() if k != "disposition"}, tree=own))
    absorption = {
        route: tuple(
            Pathway(p["fraction"], p["ka"], p["into"], p.get("zero_order"), p.get("delay_stages", 0), p.get("delay"))
            for p in pathways
        )
        for route, pathways in (raw["absorption"] or {}).items()
    }
    for pathways in absorption.values():
        for pathway in pathways:
            for name, _ in product_names(pathway.fraction):
                _need(name, parameters, file, text)
            _need(pathway.ka, parameters, file, text)
    scaling = None
    if raw["scaling"]:
        s = raw["scaling"]
        scaling = Scaling(
            float(s["reference_weight_kg"]), float(s["volume"]), float(s["flow"]), tuple(s.get("only") or ()), s["how"]
        )
    return PublishedModel(
        raw["model_id"], raw["citation"], raw["source_id"], raw["status"], raw["compound"],
        raw["sampling_site"], parameters,
        _variances(raw["variability"] or {}), scaling, tree, tuple(metabolites), absorption, raw["sprays"],
        tuple(str(problem) for problem in raw["known_problems"] or ()),
    )  # fmt: skip


@cache
def load_model(model_id: str) -> PublishedModel:
    """A model by its id.

    Raises:
        EvidenceRefused: there is none of that id, or its file is malformed.
    """
    path = published() / "kinetics" / f"{model_id}.yaml"
    if not path.is_file():
        raise EvidenceRefused(
            f"unknown model {model_id!r}", remedy=near_miss(model_id, model_ids()), allowed=", ".join(model_ids())
        )
    file = f"kinetics/{model_id}.yaml"
    model = parse_model(read_text(path, file), file)
    if model.source_id not in load_sources():
        raise EvidenceRefused(f"source_id is {model.source_id!r}", allowed="an id of sources*.csv", where=file)
    return model


@cache
def model_ids() -> tuple[str, ...]:
    """Ids of all models, sorted."""
    folder = published() / "kinetics"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def load_models() -> dict[str, PublishedModel]:
    """All models by id, also those that cannot be run."""
    return {model_id: load_model(model_id) for model_id in model_ids()}


@cache
def load_routes() -> dict[tuple[Drug, Route], RouteChoice]:
    """The choice of models by drug and route.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    file = "routes.yaml"
    entries = parse_yaml(read_text(published() / file, file), file)["routes"]
    found = {}
    for entry in entries:
        absorption = None
        if entry["absorption"]:
            absorption = Absorption(**{key: value for key, value in entry["absorption"].items() if key != "zero_order"})
        choice = RouteChoice(
            Drug(entry["drug"]), Route(entry["route"]), entry["plasma"], entry["effect"], entry["metabolite_from"],
            entry["variability_from"], absorption, entry["how"], tuple(entry.get("sources") or ()), entry["note"],
        )  # fmt: skip
        found[choice.drug, choice.route] = choice
    return found


@cache
def molar_masses() -> dict[str, float]:
    """Molar mass of each substance [g/mol]."""
    fields = (
        Field("substance", required=True), Field("g_per_mol", "number", required=True, low=1),
        Field("salt_g_per_mol", "number", low=1),
        Field("how", required=True, choices=HOW), Field("source_id", required=True), Field("note"),
    )  # fmt: skip
    return {
        row["substance"]: row["g_per_mol"] for row in read_csv(published() / "substances.csv", fields, "substances.csv")
    }
