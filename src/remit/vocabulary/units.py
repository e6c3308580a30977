"""Amounts of drug with their unit, and the conversions that need no measurement.

Inside remit a dose is mg of base, a time h, a volume L, a concentration ng/mL (so mg/L times 1,000).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from remit.vocabulary.errors import OutOfRange, UnitRefused

NG_PER_ML_IN_MG_PER_L = 1000.0
"""One mg/L is this many ng/mL."""


class DoseUnit(StrEnum):
    """Units a dose may be written in."""

    MG = "mg"
    MG_PER_KG = "mg/kg"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much drug, as base, in mg or mg per kg of body weight.

    Raises:
        OutOfRange: the value is not a positive finite number.
    """

    value: float
    unit: DoseUnit

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value > 0):
            raise OutOfRange(f"a dose of {self.value:g} {self.unit} cannot be given", allowed="a number above zero")

    def in_mg(self, weight_kg: float) -> float:
        """The amount [mg] for a body weight [kg]."""
        return self.value * weight_kg if self.unit is DoseUnit.MG_PER_KG else self.value

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


_AMOUNT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([a-zA-Zµ/ ]*)\s*")


def parse_amount(text: str, *, where: str = "") -> Amount:
    """Read ``0.5mg/kg`` or ``56 mg``.

    Raises:
        UnitRefused: the unit is missing or is not mg or mg/kg.
        OutOfRange: the number is not above zero.
    """
    match = _AMOUNT.fullmatch(text)
    unit = match[2].replace(" ", "").lower() if match else ""
    if match is None or unit not in set(DoseUnit):
        raise UnitRefused(
            f"{text!r} is not a dose", allowed="a number and mg or mg/kg, for example 0.5mg/kg", where=where
        )
    return Amount(float(match[1]), DoseUnit(unit))


def base_from_salt(salt_mg: float, base_g_per_mol: float, salt_g_per_mol: float) -> float:
    """Mass of base [mg] in a mass of salt [mg], from the two molar masses [g/mol]."""
    return salt_mg * base_g_per_mol / salt_g_per_mol


def ng_per_ml_from_nmol_per_ml(nmol_per_ml: float, g_per_mol: float) -> float:
    """Concentration [ng/mL] of a concentration [nmol/mL] (= µmol/L) of a substance of that molar mass [g/mol]."""
    return nmol_per_ml * g_per_mol
