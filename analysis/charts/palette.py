"""Colours, patterns and symbols of every chart and mark.

The colours are those of Okabe & Ito ("Color Universal Design", 2008), which people of every colour vision can
tell apart; a pattern or a symbol always says the same again. What things are called is in `wording`.
"""

from __future__ import annotations

from types import MappingProxyType

SENTIMENT_COLOURS = MappingProxyType({"negative": "#D55E00", "neutral": "#767676", "positive": "#0072B2"})
SENTIMENTS = tuple(SENTIMENT_COLOURS)
"""The order in which sentiments stand in every chart."""
SENTIMENT_PATTERNS = MappingProxyType({"negative": "/", "neutral": "", "positive": "."})
SENTIMENT_SYMBOLS = MappingProxyType(
    {"negative": "triangle-down", "neutral": "square", "positive": "triangle-up"}
)
SENTIMENT_SIGNS = MappingProxyType({"negative": "▼", "neutral": "■", "positive": "▲"})

INPUT_COLOURS = MappingProxyType({"both": "#999999", "text": "#009E73", "image": "#CC79A7"})
INPUT_PATTERNS = MappingProxyType({"both": "", "text": "/", "image": "."})

RAISES = "#56B4E9"
"""What speaks for the output that is explained, whichever it is; marked + and underlined solid."""
LOWERS = "#E69F00"
"""What speaks against it; marked − and underlined dashed."""
LOOKED_AT = "#F0E442"
"""Where a network looks, which says neither for nor against."""
PLAIN = "#999999"
"""Bars whose meaning their label gives: counts, sums."""
GRID = "rgba(128, 128, 128, 0.3)"
"""Grid and zero lines, faint on light and on dark ground."""
