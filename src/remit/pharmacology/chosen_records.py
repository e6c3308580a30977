"""Which published records together answer for a drug and route, and what of them is borrowed or assumed."""

from __future__ import annotations

from dataclasses import dataclass

from remit.evidence.kinetics import Absorption, Metabolite, PublishedModel, RouteChoice, load_models, molar_masses
from remit.pharmacology.published_models import (
    Effects,
    Subjects,
    Substance,
    Values,
    choice,
    individual_values,
    metabolite,
    parent,
    runnable,
)
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import METABOLITE_OF, Analyte, Drug
from remit.vocabulary.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Kinetics:
    """The published records that together answer for a drug and route.

    Attributes:
        drug, route: what they answer for.
        plasma: model of the parent.
        metabolites: records of its metabolites, with the model each comes from.
        variability: model whose variances are used; None where nothing is published.
        absorption: assumed absorption, where the model has none for the route.
        assumptions: what is assumed or borrowed, in words.
        alone: whether the model was named by the caller and stands without loans.
    """

    drug: Drug
    route: Route
    plasma: PublishedModel
    metabolites: tuple[tuple[PublishedModel, Metabolite], ...]
    variability: PublishedModel | None
    absorption: Absorption | None
    assumptions: tuple[str, ...]
    alone: bool

    @property
    def analytes(self) -> tuple[str, ...]:
        """The parent and its metabolites in order of formation."""
        if not self.drug.is_racemate:
            return (self.drug.value, *(record.analyte for _, record in self.metabolites))
        names: list[str] = [self.drug.value]
        for _ in self.metabolites:
            names.append(next(m.value for m, before in METABOLITE_OF.items() if before == Analyte(names[-1])))
        return tuple(names)


def kinetics(drug: Drug, route: Route, model_id: str | None = None) -> Kinetics:
    """The records that answer for a drug and route.

    Args:
        drug, route: what is given and how.
        model_id: another model of the parent than the one chosen in routes.yaml; it then stands alone, with its own
            metabolites and variability, and only the absorption is taken from the choice where it has none.

    Raises:
        InputRefused: nothing covers the route, or the model cannot be run.
    """
    chosen: RouteChoice = choice(drug, route)
    plasma = runnable(model_id or chosen.plasma)
    if plasma.compound != drug.value and not (model_id and drug.is_racemate):
        raise InputRefused(f"the model {plasma.model_id} is of {plasma.compound}", allowed=f"a model of {drug}")
    own = model_id is not None and model_id != chosen.plasma
    assumptions = []
    if plasma.compound != drug.value:
        assumptions.append(f"{drug} is taken to behave like {plasma.compound}, of which the model {plasma.model_id} is")
    source = plasma if own or not chosen.metabolite_from else runnable(chosen.metabolite_from)
    variability = plasma if own or not chosen.variability_from else runnable(chosen.variability_from)
    if source is not plasma:
        assumptions.append(f"metabolite kinetics borrowed from {source.model_id} ({source.compound})")
    if variability is not plasma:
        assumptions.append(f"differences between people borrowed from {variability.model_id} ({variability.compound})")
    absorption = None
    if route is not Route.IV and route.value not in plasma.absorption:
        absorption = chosen.absorption
        if absorption is not None:
            assumptions.append(
                f"absorption assumed: {absorption.fraction:.0%} ({absorption.fraction_low:.0%} to "
                f"{absorption.fraction_high:.0%}) arrives, rate {absorption.ka:g} ({absorption.ka_low:g} to "
                f"{absorption.ka_high:g}) per hour"
            )
    return Kinetics(
        drug,
        route,
        plasma,
        tuple((source, record) for record in source.metabolites),
        variability if variability.variances else None,
        absorption,
        tuple(assumptions),
        own,
    )


def borrowed_values(records: Kinetics, plasma: Values, subjects: Subjects, effects: Effects) -> Values:
    """Parameters of the model the metabolites come from, one value a person."""
    source = records.metabolites[0][0] if records.metabolites else records.plasma
    return plasma if source is records.plasma else individual_values(source, subjects, effects)


def substances(records: Kinetics, plasma: Values, source: Values) -> list[Substance]:
    """The parent and its metabolites for these people.

    Args:
        records: from `kinetics`.
        plasma: parameters of the parent's model.
        source: parameters of the model the metabolites come from.
    """
    masses = molar_masses()
    found = [parent(records.plasma, plasma, records.analytes[0])]
    for name, (_, record) in zip(records.analytes[1:], records.metabolites, strict=True):
        formed_by = record.by
        if formed_by not in found[-1].losses and len(found[-1].losses) == 1:
            formed_by = next(iter(found[-1].losses))  # a borrowed metabolite is formed by the only loss there is
        found.append(
            metabolite(record, source, name, masses[name] / masses[records.analytes[len(found) - 1]], formed_by)
        )
    return found


def models_of(drug: Drug) -> tuple[str, ...]:
    """Ids of the models of a drug that can be run."""
    return tuple(name for name, model in load_models().items() if model.is_runnable and model.compound == drug.value)
