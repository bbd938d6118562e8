"""Selections of columns for a report: each contains the facts of a post, and what its name says."""

import pytest

from analysis.columns import Selection, report_columns, select_columns
from tests.scored import HEADS

COLUMNS = report_columns(HEADS)


def names_of(selection: Selection) -> set[str]:
    return {column.name for column in select_columns(COLUMNS, selection)}


def test_basic_has_predictions_and_how_sure_they_are() -> None:
    basic = names_of(Selection.BASIC)
    assert {"post_id", "text", "sentiment", "uncertain", "topic", "emotion", "p_irony", "likes"} <= basic
    assert not {"p_negative", "topic_daily_life", "phi_text", "text_sentiment", "row"} & basic


@pytest.mark.parametrize(
    ("selection", "added"),
    [
        (Selection.PROBABILITIES, {"p_negative", "topic_daily_life", "p_anger"}),
        (Selection.EXPLANATIONS, {"phi_text", "share_image", "text_sentiment", "decided_by"}),
    ],
)
def test_a_larger_selection_contains_the_basic_one(selection: Selection, added: set[str]) -> None:
    assert names_of(Selection.BASIC) | added <= names_of(selection)


def test_probabilities_are_not_explanations() -> None:
    common = names_of(Selection.PROBABILITIES) & names_of(Selection.EXPLANATIONS)
    assert common == names_of(Selection.BASIC)


def test_everything_is_in_order() -> None:
    assert select_columns(COLUMNS, Selection.EVERYTHING) == list(COLUMNS)
    kept = select_columns(COLUMNS, Selection.BASIC)
    assert kept == [column for column in COLUMNS if column in kept]
