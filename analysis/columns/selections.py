"""Selections of columns for a report, from the facts of each post to everything."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from analysis.columns.column import Column
from analysis.columns.filter_kinds import AnyOf
from analysis.columns.posts import REACTIONS


class Selection(Enum):
    """A selection of columns; the values are display names."""

    BASIC = "Basic"
    PROBABILITIES = "Probabilities"
    EXPLANATIONS = "Explanations"
    EVERYTHING = "Everything"

    @property
    def meaning(self) -> str:
        """What it contains, in one sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Selection.BASIC: "The post, its sentiment, topic and tone, and whether the model is sure.",
    Selection.PROBABILITIES: "Basic, and the probability of every class.",
    Selection.EXPLANATIONS: "Basic, and what text, image and words contributed.",
    Selection.EVERYTHING: "All columns, without those of your own tables.",
}
_SUMMARIES = ("confidence", "valence")
_BY_MODALITY = (
    "text_sentiment", "image_sentiment", "text_valence", "image_valence", "agreement", "decided_by",
    "text_image_match",
)  # fmt: skip


def select_columns(columns: Sequence[Column], selection: Selection) -> list[Column]:
    """Select columns of a report, in their order.

    Args:
        columns: Columns of `report_columns`, without those of the analyst's tables.
        selection: Which.
    """
    if selection is Selection.EVERYTHING:
        return list(columns)
    wanted = {Selection.BASIC, selection}
    return [column for column in columns if _find_smallest(column) in wanted]


def _find_smallest(column: Column) -> Selection:
    """Return the smallest selection that contains a column."""
    if column.name in REACTIONS or column.name == "top_words":
        return Selection.BASIC
    if not column.is_basic:
        return Selection.EVERYTHING
    if column.group == "reasons" or column.name in _BY_MODALITY:
        return Selection.EXPLANATIONS
    if column.kind != "number" or isinstance(column.filter, AnyOf) or column.name in _SUMMARIES:
        return Selection.BASIC
    return Selection.PROBABILITIES
