"""The columns of sentiment and language, which every scored post has."""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column, Order, Preset, View
from analysis.columns.filter_kinds import Flag, OneOf, Range

_LACKS = "Empty for a post without"
_VALENCE = "P(positive) minus P(negative): -1 is surely negative, 0 balanced, 1 surely positive."
_DISAGREE = (
    "Text alone and picture alone are scored differently: their agreement is below {disagree_below:g}."
)
DECIDED_BY = {"text": "Text, against the picture", "image": "Picture, against the text"}
"""Titles of `decided_by`."""

SENTIMENT = (
    Column(
        "sentiment",
        "sentiment",
        "scores",
        pa.string(),
        label="Sentiment",
        meaning="The likeliest sentiment: negative, neutral or positive.",
        filter=OneOf(
            name="sentiments", label="Sentiment", options=("negative", "neutral", "positive"), place=10
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        view=View(width=105, place=10),
    ),
    Column(
        "p_negative",
        "sentiment",
        "scores",
        pa.float64(),
        label="P(negative)",
        meaning="Probability that the post is negative, 0 to 1.",
        unit="0 to 1",
        sort=True,
        export=Preset.BASIC,
    ),
    Column(
        "p_neutral",
        "sentiment",
        "scores",
        pa.float64(),
        label="P(neutral)",
        meaning="Probability that the post is neutral, 0 to 1.",
        unit="0 to 1",
        sort=True,
        orders=(Order("Most neutral first", descending=True),),
        export=Preset.BASIC,
    ),
    Column(
        "p_positive",
        "sentiment",
        "scores",
        pa.float64(),
        label="P(positive)",
        meaning="Probability that the post is positive, 0 to 1. The three add up to 1.",
        unit="0 to 1",
        sort=True,
        export=Preset.BASIC,
    ),
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
    ),
    Column(
        "confidence",
        "sentiment",
        "scores",
        pa.float64(),
        label="Confidence",
        meaning="Probability of the likeliest sentiment, 0.33 to 1, calibrated: of the posts with 0.8, about 80 % "
        "are right.",
        unit="0.33 to 1",
        filter=Range(
            name="confidence",
            label="Confidence",
            low=0.0,
            high=1.0,
            help="The calibrated probability of the sentiment that the post was given.",
            place=81,
        ),
        sort=True,
        orders=(Order("Least sure first", key="uncertainty"), Order("Surest first", descending=True)),
        summary=True,
        export=Preset.BASIC,
        view=View(
            width=85,
            format="percent",
            place=40,
            help="The calibrated probability of the sentiment that the post was given.",
        ),
    ),
    Column(
        "uncertain",
        "sentiment",
        "scores",
        pa.bool_(),
        label="Not sure",
        meaning="true when the confidence is below {uncertain_below:g}: the sentiment named is then likelier wrong "
        "than right; false otherwise.",
        filter=Flag(
            name="uncertain",
            label="Not sure",
            help="The likeliest sentiment has a probability below {uncertain_below:g}.",
            place=60,
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        sql="confidence < $uncertain_below",
        inputs=("confidence",),
    ),
    *(
        Column(
            f"{modality}_sentiment",
            "sentiment",
            "scores",
            pa.string(),
            label=f"Sentiment of the {noun}",
            meaning=f"The likeliest sentiment from the {noun} alone. {_LACKS} {noun}.",
            sort=True,
            export=Preset.BASIC,
        )
        for modality, noun in (("text", "text"), ("image", "pictures"))
    ),
    *(
        Column(
            f"{modality}_valence",
            "sentiment",
            "scores",
            pa.float64(),
            label=f"Valence of the {noun}",
            meaning=f"Valence from the {noun} alone, -1 to 1. {_LACKS} {noun}.",
            unit="-1 to 1",
            sort=True,
            export=Preset.BASIC,
        )
        for modality, noun in (("text", "text"), ("image", "pictures"))
    ),
    Column(
        "agreement",
        "sentiment",
        "scores",
        pa.float64(),
        label="Agreement",
        meaning="How near the valences of text and pictures are: 1 minus half their distance, 0 (opposite) to 1 "
        "(equal). Empty unless the post has both.",
        unit="0 to 1",
        sort=True,
        orders=(Order("Text and picture furthest apart first"),),
        summary=True,
        export=Preset.BASIC,
        view=View(width=85, format="%.2f", place=80, help=_DISAGREE),
    ),
    Column(
        "disagree",
        "sentiment",
        "derived",
        pa.bool_(),
        label="Text and picture disagree",
        filter=Flag(name="disagree", label="Text and picture disagree", help=_DISAGREE, place=61),
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
        meaning="text or image: the one whose sentiment the post was given, where text alone and pictures alone say "
        "different things. Empty elsewhere.",
        filter=OneOf(
            name="decided_by",
            label="Decided by",
            options=tuple(DECIDED_BY),
            help="Posts whose sentiment is that of the text alone or of the picture alone, while the other differs.",
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
        label="Match of text and pictures",
        meaning="How well the text fits the pictures: the share of texts of other posts that fit them less, 0 to 1; "
        "0.5 is no better than chance. Empty unless the post has both, and with a model that has no space for both.",
        unit="0 to 1",
        sort=True,
        export=Preset.BASIC,
    ),
)

LANGUAGE = (
    Column(
        "language",
        "language",
        "scores",
        pa.string(),
        label="Language",
        meaning="The language of the text, as an ISO 639-1 code such as en. Empty where it is unknown: without "
        "text, or with too little of it.",
        sort=True,
        export=Preset.BASIC,
        view=View(width=95, place=60),
    ),
    Column(
        "in_language",
        "language",
        "scores",
        pa.bool_(),
        label="In the model's languages",
        meaning="true when the model was trained on the text's language; false when not, and its scores are then to "
        "be checked before use. Empty where the language is unknown.",
        filter=Flag(
            name="other_language",
            label="Other language",
            help="The text is in a language that the model was not trained on: check before use.",
            is_negated=True,
            place=62,
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
    ),
)
