"""Colours, patterns and symbols of all charts and highlights.

The colours are those of Okabe & Ito ("Color Universal Design", 2008), which are distinguishable with any colour
vision; a pattern or symbol always repeats the information. Names are in `analysis.wording`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from types import MappingProxyType

from analysis.model.config import SENTIMENTS
from analysis.wording import title_from_name

SENTIMENT_COLOURS = MappingProxyType({"negative": "#D55E00", "neutral": "#767676", "positive": "#0072B2"})
SENTIMENT_PATTERNS = MappingProxyType({"negative": "/", "neutral": "", "positive": "."})
SENTIMENT_SYMBOLS = MappingProxyType(
    {"negative": "triangle-down", "neutral": "square", "positive": "triangle-up"}
)
SENTIMENT_SIGNS = MappingProxyType({"negative": "▼", "neutral": "■", "positive": "▲"})
SIGNED_SENTIMENTS = MappingProxyType(
    {name: f"{SENTIMENT_SIGNS[name]} {title_from_name(name)}" for name in SENTIMENTS}
)
"""Titles with signs, such as "▲ Positive"."""

INPUT_COLOURS = MappingProxyType({"both": "#999999", "text": "#009E73", "image": "#CC79A7"})
INPUT_PATTERNS = MappingProxyType({"both": "", "text": "/", "image": "."})
_FURTHER_LOOKS = (("#0072B2", "x"), ("#E69F00", "\\"), ("#56B4E9", "+"), ("#D55E00", "-"))


def chart_style_by_input(inputs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the colour and pattern of each content type.

    Args:
        inputs: "both", modalities, or modalities joined by "+", which look like "both".

    Returns:
        Colour and pattern by content type; modalities other than text and image get theirs in the order given.
    """
    further, looks = cycle(_FURTHER_LOOKS), {}
    for name in inputs:
        known = "both" if "+" in name else name
        looks[name] = (
            (INPUT_COLOURS[known], INPUT_PATTERNS[known]) if known in INPUT_COLOURS else next(further)
        )
    return looks


RAISES = "#7B61FF"
"""Raises the explained score; shown with + and a solid underline. No sentiment or modality has this colour."""
LOWERS = "#B07D00"
"""Lowers the explained score; shown with − and a dashed underline."""
ACCENT = "#6478B0"
"""Bars and points that count posts, and those that stand out from `PLAIN` ones."""
GRAD_CAM = "#F0E442"
"""Grad-CAM heat, which has no sign."""
PLAIN = "#999999"
"""Bars that need no colour code, such as counts and totals."""
GRID = "rgba(128, 128, 128, 0.3)"
"""Grid and zero lines, faint in light and dark themes."""


def mix_heat(share: float) -> str:
    """Return the colour of a cell of a heat map: `ACCENT`, the stronger the larger the share, 0..1, of the largest.

    It is transparent, so that signs in the colour of text can be read on it in both themes.
    """
    red, green, blue = (int(ACCENT[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {0.06 + 0.69 * share:.3f})"
