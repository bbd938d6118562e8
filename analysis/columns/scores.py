"""The columns of sentiment, of the match between text and image, and of language, which every scored post has."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from analysis.columns.column import Column, Order, Preset, View
from analysis.columns.filter_kinds import Flag, OneOf, Range
from analysis.columns.languages import LANGUAGES
from analysis.columns.modalities import TEXT_AND_IMAGE, declare_sentiment, declare_valence
from analysis.columns.scored import Scored, Values

_VALENCE = "P(positive) minus P(negative): -1 is fully negative, 0 balanced, +1 fully positive."
_DISAGREE = (
    "Text alone and image alone get clearly different scores: their agreement is below {disagree_below:g}."
)
DECIDED_BY = {"text": "Text over image", "image": "Image over text"}
"""Titles of `decided_by`."""


def _uncertain(scored: Scored) -> Values:
    return np.asarray(scored.columns["confidence"]) < scored.settings.uncertain_below


def _agreement(scored: Scored) -> Values:
    text, image = (np.asarray(scored.columns[f"{modality}_valence"]) for modality in ("text", "image"))
    return 1 - np.abs(text - image) / 2


def _probability(sentiment: str, more: str = "", orders: tuple[Order, ...] = ()) -> Column:
    return Column(
        f"p_{sentiment}",
        "sentiment",
        "scores",
        pa.float64(),
        label=f"P({sentiment})",
        meaning=f"Probability that the post is {sentiment}, 0 to 1.{more}",
        unit="0 to 1",
        sort=True,
        orders=orders,
        export=Preset.BASIC,
        compute=lambda scored: scored.probability("sentiment", sentiment),
    )


SENTIMENT = (
    Column(
        "sentiment",
        "sentiment",
        "scores",
        pa.string(),
        label="Sentiment",
        meaning="The most likely sentiment: negative, neutral or positive.",
        filter=OneOf(
            name="sentiments", label="Sentiment", options=("negative", "neutral", "positive"), place=10
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        view=View(width=105, place=12),
        compute=lambda scored: scored.most_likely("sentiment"),
    ),
    _probability("negative"),
    _probability("neutral", orders=(Order("Most neutral first", descending=True),)),
    _probability("positive", " The three add up to 1."),
    Column(
        "valence",
        "sentiment",
        "scores",
        pa.float64(),
        label="Valence",
        meaning=_VALENCE,
        unit="-1 to 1",
        filter=Range(name="valence", label="Valence", low=-1.0, high=1.0, help=_VALENCE, place=80),
        sort=True,
        orders=(Order("Most negative first"), Order("Most positive first", descending=True)),
        summary=True,
        export=Preset.BASIC,
        view=View(width=70, format="%+.2f", place=30, help=_VALENCE),
        compute=lambda scored: scored.valence(),
    ),
    Column(
        "confidence",
        "sentiment",
        "scores",
        pa.float64(),
        label="Confidence",
        meaning="Calibrated probability of the predicted sentiment, 0.33 to 1: of the posts with 0.8, about 80 % are "
        "right.",
        unit="0.33 to 1",
        filter=Range(
            name="confidence",
            label="Confidence",
            low=0.0,
            high=1.0,
            help="The calibrated probability of the predicted sentiment.",
            place=81,
        ),
        sort=True,
        orders=(
            Order("Least confident first", key="uncertainty"),
            Order("Most confident first", descending=True),
        ),
        summary=True,
        export=Preset.BASIC,
        view=View(
            width=85,
            format="percent",
            place=40,
            help="The calibrated probability of the predicted sentiment.",
        ),
        compute=lambda scored: scored.probabilities["sentiment"].max(1),
    ),
    Column(
        "uncertain",
        "sentiment",
        "scores",
        pa.bool_(),
        label="Uncertain",
        meaning="true when the confidence is below {uncertain_below:g}: the predicted sentiment is then more likely "
        "wrong than right; false otherwise.",
        filter=Flag(
            name="uncertain",
            label="Not sure",
            without="Sure",
            help="The most likely sentiment has a probability below {uncertain_below:g}.",
            place=60,
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        compute=_uncertain,
        sql="confidence < $uncertain_below",
        inputs=("confidence",),
    ),
    *(declare_sentiment(*modality) for modality in TEXT_AND_IMAGE.items()),
    *(declare_valence(*modality) for modality in TEXT_AND_IMAGE.items()),
    Column(
        "agreement",
        "sentiment",
        "scores",
        pa.float64(),
        label="Agreement",
        meaning="How similar the valences of text and image are: 1 minus half their distance, 0 (opposite) to 1 "
        "(equal). Empty unless the post has both.",
        unit="0 to 1",
        sort=True,
        orders=(Order("Largest disagreement first"),),
        summary=True,
        export=Preset.BASIC,
        view=View(width=85, format="%.2f", place=80, help=_DISAGREE),
        compute=_agreement,
    ),
    Column(
        "disagree",
        "sentiment",
        "derived",
        pa.bool_(),
        label="Text and image disagree",
        filter=Flag(name="disagree", label="Text and image disagree", help=_DISAGREE, place=61),
        sort=True,
        summary=True,
        sql="agreement < $disagree_below",
        inputs=("agreement",),
    ),
    Column(
        "decided_by",
        "sentiment",
        "derived",
        pa.string(),
        label="Decided by",
        meaning="The modality whose sentiment the post has when text alone and image alone differ: text or image. "
        "Empty otherwise.",
        filter=OneOf(
            name="decided_by",
            label="Decided by",
            options=tuple(DECIDED_BY),
            help="Posts whose text and image alone get different sentiments, and whose overall sentiment matches "
            "this one.",
            place=45,
        ),
        summary=True,
        export=Preset.BASIC,
        sql="CASE WHEN text_sentiment <> image_sentiment AND sentiment = text_sentiment THEN 'text' "
        "WHEN text_sentiment <> image_sentiment AND sentiment = image_sentiment THEN 'image' END",
        inputs=("sentiment", "text_sentiment", "image_sentiment"),
        titles=DECIDED_BY,
    ),
    Column(
        "text_image_match",
        "sentiment",
        "scores",
        pa.float64(),
        label="Text-image match",
        meaning="How well the text matches the image: the share of unrelated text-image pairs that match less, 0 to "
        "1; 0.5 is no better than chance. Empty unless the post has both, and with a model without a shared "
        "embedding space.",
        unit="0 to 1",
        sort=True,
        export=Preset.BASIC,
        compute=lambda scored: np.where(scored.has["text"] & scored.has["image"], scored.match, np.nan),
    ),
)

LANGUAGE = (
    Column(
        "language",
        "language",
        "scores",
        pa.string(),
        label="Language",
        meaning="The language of the text, as an ISO 639-1 code such as en. Empty if unknown: without text, or with "
        "too little of it.",
        filter=OneOf(name="languages", label="Language", is_long=True, place=91),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        view=View(width=95, place=60),
        titles=LANGUAGES,
    ),
    Column(
        "in_language",
        "language",
        "scores",
        pa.bool_(),
        label="In the model's languages",
        meaning="true when the model was trained on the text's language; false when not, check its scores "
        "before use. Empty if the language is unknown.",
        filter=Flag(
            name="other_language",
            label="Other language",
            help="The text is in a language that the model was not trained on. Check the scores before use.",
            is_negated=True,
            place=62,
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
    ),
)
