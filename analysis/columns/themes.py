"""The column of themes: groups of posts that `analysis.search.themes` finds, of which a post has one or none."""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column
from analysis.columns.filter_kinds import OneOf

THEME_FILTER = "theme"
"""Name of the filter, whose options are the names of the themes and `NO_THEME`."""
NO_THEME = "no theme"
"""The value of a post that belongs to none of the themes."""

THEMES = (
    Column(
        "theme",
        "themes",
        "themes",
        pa.string(),
        label="Theme",
        meaning="The group of similar posts that the post belongs to, as the Themes page found it, named by its most "
        f"typical terms. “{NO_THEME}” if it belongs to none.",
        filter=OneOf(
            name=THEME_FILTER,
            label="Theme",
            help="Groups of similar posts that the Themes page found.",
            is_long=True,
            place=22,
        ),
    ),
)
