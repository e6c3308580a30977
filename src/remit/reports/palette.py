"""Colours and type of every picture: the Okabe-Ito family, one hue a treatment, controls grey, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

from remit.vocabulary.errors import InputRefused

# names in quotes or with digits are not measured right by the renderer, which then draws too wide a picture
SERIF = "Source Serif Pro, Georgia, serif"
SANS = "Source Sans Pro, Inter, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one picture.

    Attributes:
        name: ``light`` or ``dark``.
        paper, ink, soft, rule, shade: background, text, secondary text, thin lines, shading.
        ketamine, ssri, control: a treatment's hue, the same in every picture.
        warning: of marks that say a picture goes beyond the evidence.
        band: opacity of the wide band between people; the narrow one lies on it.
    """

    name: str
    paper: str
    ink: str
    soft: str
    rule: str
    shade: str
    ketamine: str
    ssri: str
    control: str
    warning: str
    band: float


LIGHT = Theme(
    "light", "#ffffff", "#1b1f23", "#5b636b", "#d9dde1", "#eef0f2", "#0072b2", "#b8560b", "#6b7177", "#a63f00", 0.15
)
DARK = Theme(
    "dark", "#14181c", "#eceae6", "#a9b0b7", "#343b42", "#1f252b", "#56b4e9", "#e69f00", "#9aa2aa", "#f0a35e", 0.20
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def find_theme(name: str) -> Theme:
    """The theme of a name.

    Raises:
        InputRefused: there is none of that name.
    """
    if name not in THEMES:
        raise InputRefused(f"unknown theme {name!r}", allowed=", ".join(THEMES), where="--theme")
    return THEMES[name]


def mixed(paper: str, hue: str, share: float) -> str:
    """A hue laid over the paper: ``share`` of it [fraction], as ``#rrggbb``."""
    parts = [
        round((1 - share) * int(paper[place : place + 2], 16) + share * int(hue[place : place + 2], 16))
        for place in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)
