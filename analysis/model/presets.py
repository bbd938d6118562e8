"""Named model configurations for `postlens train`, and the default heads."""

from __future__ import annotations

from analysis.columns.options import ColumnOptions
from analysis.model.config import (
    BY_LANGUAGE,
    OTHER,
    SENTIMENTS,
    EncoderConfig,
    FusionConfig,
    Head,
    ModelConfig,
    SpaceConfig,
)

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
E5 = "intfloat/multilingual-e5-small"
LITE0 = "tf_efficientnet_lite0"
_TOPICS = {
    "arts_culture": "Arts & culture",
    "business_entrepreneurs": "Business & entrepreneurs",
    "daily_life": "Daily life",
    "pop_culture": "Pop culture",
    "science_technology": "Science & technology",
    "sports_gaming": "Sports & gaming",
}
_EMOTIONS = ("anger", "joy", "optimism", "sadness", "disgust", "fear", "love", "surprise")
_TEXT = ("text",)

HEADS = {
    "sentiment": Head("sentiment", SENTIMENTS, ("Negative", "Neutral", "Positive"), values=(-1.0, 0.0, 1.0)),
    "topic": Head(
        "topic",
        tuple(_TOPICS),
        tuple(_TOPICS.values()),
        exclusive=False,
        needs=_TEXT,  # for images alone, topics are no better than always predicting the most common one
        column_options=ColumnOptions(
            filter_name="topics",
            chart_title="Topics",
            icon=":material/sell:",
            width=150,
            shows_unclear=True,
            has_orders=True,
            threshold="topic_from",
        ),
    ),
    "emotion": Head(
        "emotion",
        _EMOTIONS,
        tuple(name.title() for name in _EMOTIONS),
        exclusive=False,
        reads=_TEXT,
        column_options=ColumnOptions(filter_name="emotions", chart_title="Emotions", icon=":material/mood:"),
    ),
    "irony": Head("irony", ("not_irony", "irony"), ("Not ironic", "Ironic"), reads=_TEXT),
    "offensive": Head(
        "offensive", ("not_offensive", "offensive"), ("Not offensive", "Offensive"), reads=_TEXT
    ),
    "hate": Head("hate", ("not_hate", "hate"), ("Not hateful", "Hateful"), reads=_TEXT),
}
"""The heads of the shipped bundle. The tone heads read only the text, because no images were labelled for tone."""


def default_options(name: str) -> ColumnOptions:
    """Return the options of the columns of the default head of this name; of other names, those made of the name."""
    return HEADS[name].column_options if name in HEADS else ColumnOptions()


def default_marks() -> tuple[str, ...]:
    """List the marks of the default heads, such as irony."""
    return tuple(head.mark for head in HEADS.values() if head.mark)


COMPACT = ModelConfig(
    name="compact",
    encoders={
        "text": EncoderConfig(
            BY_LANGUAGE,
            "all-MiniLM-L6-v2 for English, multilingual-e5-small for other languages",
            dim=770,
            branches={
                "en": EncoderConfig("transformers", MINILM, dim=384),
                OTHER: EncoderConfig("transformers", E5, dim=384),
            },
        ),
        "image": EncoderConfig("timm", LITE0, dim=1280, explained_layer="network.blocks.4"),
    },
    fusion=FusionConfig(kind="additive", rank=0),
    heads=HEADS,
    space=SpaceConfig(dim=384, hidden={"image": 768}, dropout=0.2),
)
"""The shipped bundle."""
BERT_RESNET50 = ModelConfig(
    name="bert-resnet50",
    encoders={
        "text": EncoderConfig("transformers", "bert-base-uncased", dim=768, pooling="cls"),
        "image": EncoderConfig(
            "torchvision",
            "resnet50",
            dim=2048,
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            explained_layer="network.layer3",
        ),
    },
    fusion=FusionConfig(),  # plain concatenation: each head is one linear layer on 2,816 numbers
    heads={"sentiment": HEADS["sentiment"]},
)
"""The reference model of the benchmarks."""
PRESETS = {preset.name: preset for preset in (COMPACT, BERT_RESNET50)}
