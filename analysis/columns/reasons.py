"""The columns that explain a score: weights of text and image, and the most influential words."""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column, Preset, View
from analysis.columns.modalities import (
    LOGITS,
    TEXT_AND_IMAGE,
    declare_share,
    declare_topic_weight,
    declare_weight,
)

TOP_WORDS = pa.list_(pa.struct([("word", pa.string()), ("value", pa.float64())]))
"""The most influential words of a post with their values in logits, strongest first."""
IMAGE_MAP = pa.list_(pa.float32())
"""Values of the cells of a post's images in logits: row by row, one image after the other."""


def _interaction(head: str, name: str, label: str, meaning: str, export: Preset) -> Column:
    return Column(
        name,
        "reasons",
        "scores",
        pa.float64(),
        label=label,
        meaning=meaning,
        unit="logits",
        sort=True,
        export=export,
        compute=lambda scored: scored.interaction[head],
    )


REASONS = (
    *(declare_weight(*modality) for modality in TEXT_AND_IMAGE.items()),
    _interaction(
        "sentiment",
        "interaction",
        "Interaction",
        f"What {{modalities}} add together beyond each alone, {LOGITS}. The weights above include it: half each if "
        "the post has two of them. 0 if it has one.",
        Preset.BASIC,
    ),
    *(declare_share(*modality) for modality in TEXT_AND_IMAGE.items()),
    *(declare_topic_weight(*modality) for modality in TEXT_AND_IMAGE.items()),
    _interaction(
        "topic",
        "interaction_topic",
        "Interaction for the topic",
        f"What {{modalities}} add together to the most likely topic beyond each alone, {LOGITS}. 0 if the post has "
        "one of them.",
        Preset.FULL,
    ),
    Column(
        "top_words",
        "reasons",
        "words",
        TOP_WORDS,
        label="Most influential words",
        meaning="The words that most support (+) or oppose (-) the predicted sentiment, in logits. Empty without "
        "text, where words were not computed, or where their values do not add up.",
        unit="logits",
        sort=True,
        export=Preset.BASIC,
        view=View(
            width=200,
            place=45,
            label="Top words",
            help="The words that most support (+) or oppose (−) the sentiment, in logits.",
        ),
    ),
    Column(
        "image_map",
        "reasons",
        "words",
        IMAGE_MAP,
        label="Image map",
        meaning="What each cell of a grid on the images adds to the predicted sentiment, in logits: row by row, one "
        "image after the other. Empty without images.",
        unit="logits",
    ),
)
