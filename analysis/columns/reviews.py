"""The columns of labels that people gave to posts: what they corrected, their notes and tags."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from analysis.columns.column import Column, Preset, View
from analysis.columns.filter_kinds import OneOf

REVIEW_FIELDS = ("sentiment", "topics", "tone", "tags", "note")
"""What people can label."""
TEXT_FIELDS = ("sentiment", "note")
"""Fields with one text; the others have any number of them."""
UNSURE = "unsure"
"""The sentiment of a post about which a person cannot decide."""
NONE_OF_THEM = "none"
"""The only topic or tone of a post that has none of those offered."""
VALUE_SEPARATOR = "; "
"""Joins topics, tones, tags and notes in text."""
AGREED, DISAGREEMENT, NOT_REVIEWED = "agreed", "disagreement", "no"
REVIEW_STATES: Mapping[str, str] = {
    AGREED: "Labelled",
    DISAGREEMENT: "Coders disagree",
    NOT_REVIEWED: "Not labelled",
}
"""Titles of the values of `review`."""
CORRECTED_SENTIMENT, MODEL_SENTIMENT = "corrected_sentiment", "model_sentiment"
_PLACE = 19  # of the filters


def _label_column(
    name: str, label: str, meaning: str, filter_: OneOf | None = None, width: int = 110
) -> Column:
    return Column(
        name,
        "reviews",
        "reviews",
        pa.string(),
        label=label,
        meaning=f"{meaning} Empty for posts that nobody labelled so.",
        filter=filter_,
        export=Preset.BASIC,
        view=View(width=width, place=12),
    )


REVIEWS = (
    Column(
        "review",
        "reviews",
        "reviews",
        pa.string(),
        label="Review",
        meaning="Whether people labelled the sentiment of the post: “agreed” if all who did gave the same label or a "
        "decision was made, “disagreement” if they differ and nobody has decided yet, “no” otherwise.",
        filter=OneOf(name="review", label="Review", options=tuple(REVIEW_STATES), place=_PLACE),
        export=Preset.BASIC,
        titles=REVIEW_STATES,
    ),
    _label_column(
        CORRECTED_SENTIMENT,
        "Corrected sentiment",
        "The sentiment that people gave the post, if they agree or decided; “unsure” if they could not tell.",
        OneOf(
            name="corrected_sentiments",
            label="Corrected sentiment",
            options=("negative", "neutral", "positive", UNSURE),
            place=_PLACE,
        ),
    ),
    Column(
        MODEL_SENTIMENT,
        "reviews",
        "reviews",
        pa.string(),
        label="Model's sentiment",
        meaning="The model's sentiment. In a report on posts that people labelled, the column sentiment has their "
        "label where there is one, and the model's otherwise.",
        export=Preset.BASIC,
    ),
    _label_column(
        "corrected_topics",
        "Corrected topics",
        "The topics that people gave the post, joined by semicolons, if they agree or decided.",
    ),
    _label_column(
        "corrected_tone",
        "Corrected tone",
        "The tones, such as irony, that people gave the post, joined by semicolons, if they agree or decided.",
    ),
    _label_column(
        "tags",
        "Tags",
        "Tags that people gave the post, joined by semicolons.",
        OneOf(name="tags", label="Tag", is_long=True, place=_PLACE),
    ),
    _label_column("note", "Note", "What people noted about the post.", width=160),
)
REVIEW_FILTERS = tuple(column.filter.name for column in REVIEWS if column.filter)
"""The filters by labels of people."""
