"""The column of themes: groups of posts that `analysis.search.themes` finds, of which a post has one or none."""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column, Preset, View
from analysis.columns.filter_kinds import OneOf

THEME_COLUMN = "theme"
"""Name of the column with the name of a post's theme."""
THEME_FILTER = "theme"
"""Name of the filter, whose options are the names of the themes and `NO_THEME`."""
NO_THEME = "no theme"
"""The value of a post that belongs to none of the themes."""

THEMES = (
    Column(
        THEME_COLUMN,
        "themes",
        "themes",
        pa.string(),
        label="Theme",
        meaning="The group of similar posts that the post belongs to, as the Themes page found it, named by its most "
        f"typical terms. “{NO_THEME}” if it belongs to none; empty for a post without text and image.",
        filter=OneOf(
            name=THEME_FILTER,
            label="Theme",
            help="Groups of similar posts that the Themes page found.",
            is_long=True,
            place=22,
        ),
        export=Preset.BASIC,
        view=View(width=150, place=14, help="The group of similar posts, as the Themes page found it."),
    ),
)
