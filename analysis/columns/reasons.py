"""The columns that say what drove a score: weights of text and image, and the most influential words."""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column, Order, Preset

TOP_WORDS = pa.list_(pa.struct([("word", pa.string()), ("value", pa.float64())]))
"""The most influential words of a post with their values in logits, strongest first."""
_LOGITS = "in logits, the scale on which contributions add up: the same for all posts, mostly -5 to 5"


def _weight(
    name: str, label: str, meaning: str, unit: str = "logits", order: str = "", summary: bool = False
) -> Column:
    """Declare one number of the explanation; those of the topic are in full reports only."""
    return Column(
        name,
        "reasons",
        "scores",
        pa.float64(),
        label=label,
        meaning=meaning,
        unit=unit,
        sort=True,
        orders=(Order(order, descending=True),) if order else (),
        summary=summary,
        export=Preset.FULL if name.endswith("_topic") else Preset.BASIC,
    )


REASONS = (
    _weight(
        "phi_text",
        "Weight of the text",
        f"What the text adds to the predicted sentiment (Shapley value), {_LOGITS}. Above 0 it supports that "
        "sentiment, below 0 it opposes it. 0 without text.",
        order="Strongest text support first",
    ),
    _weight(
        "phi_image",
        "Weight of the image",
        f"What the image adds to the predicted sentiment (Shapley value), {_LOGITS}. 0 without an image.",
        order="Strongest image support first",
    ),
    _weight(
        "interaction",
        "Interaction",
        f"What text and image add together beyond each alone, {_LOGITS}. Half of it is counted in each weight "
        "above. 0 unless the post has both.",
    ),
    _weight(
        "share_text",
        "Share of the text",
        "Part of both weights (without their signs) that is the text's, 0 to 1. Empty when both are near 0.",
        unit="0 to 1",
        summary=True,
    ),
    _weight(
        "share_image",
        "Share of the image",
        "Part of both weights (without their signs) that is the image's, 0 to 1. Empty when both are near 0.",
        unit="0 to 1",
        summary=True,
    ),
    _weight(
        "phi_text_topic",
        "Weight of the text for the topic",
        f"What the text adds to the most likely topic (Shapley value), {_LOGITS}. 0 without text.",
    ),
    _weight(
        "phi_image_topic",
        "Weight of the image for the topic",
        f"What the image adds to the most likely topic (Shapley value), {_LOGITS}. 0 without an image.",
    ),
    _weight(
        "interaction_topic",
        "Interaction for the topic",
        f"What text and image add together to the most likely topic beyond each alone, {_LOGITS}. 0 unless the "
        "post has both.",
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
    ),
)
