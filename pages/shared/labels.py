"""How scores read on a page: sentiments as sign, word and colour; topics by their titles; numbers in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import pandas as pd
import streamlit as st

from analysis.charts.palette import SENTIMENT_SIGNS
from analysis.model.language import LANGUAGES
from analysis.query import TONES
from analysis.query.filters import LIKELY
from pages.shared.engine import config, heads
from pages.shared.messages import plain

BADGES: Mapping[str, Literal["orange", "gray", "blue"]] = {
    "negative": "orange",
    "neutral": "gray",
    "positive": "blue",
}
INPUTS = {"text": "Text only", "image": "Image only", "both": "Text and image"}
DECIDED_BY = {"text": "Text over image", "image": "Image over text"}
UNCLEAR = "unclear"

# What the words mean, wherever a page uses them.
NOT_SURE = (
    "The most likely sentiment has a probability below one half, so it is more likely wrong than right."
)
AT_ODDS = "Text alone and image alone would get clearly different scores."
VALENCE = "P(positive) minus P(negative): -1 is fully negative, +1 fully positive."
NEAR_COPY = (
    "Posts that repeat an earlier post of the batch with the same images, ignoring case, links, names, punctuation, "
    "and image size or compression. Detected once all posts of the batch are scored."
)
DECIDED = (
    "Posts whose text and image alone get different sentiments, and whose overall sentiment matches this one."
)
TONE = (
    f"Counted above a probability of {LIKELY:g}, among posts with text. Often wrong: read some posts first."
)
EMOTION = "The most likely emotion of the text, if its probability is at least one half."
CONFIDENCE = "The calibrated probability of the predicted sentiment."


def sentiment(name: str) -> str:
    """Say a sentiment with its sign, such as "▲ positive"."""
    return f"{SENTIMENT_SIGNS.get(name, '')} {name}".strip()


def verdict(name: str | None, uncertain: bool | None) -> str:
    """Say a post's sentiment and whether the model is sure of it: "▲ positive", "▲ positive?", "not scored"."""
    if not isinstance(name, str):
        return "not scored"
    return sentiment(name) + ("?" if uncertain else "")


def verdict_badge(name: str | None, uncertain: bool | None) -> None:
    """Show a verdict in the colour of its sentiment."""
    st.badge(
        verdict(name, uncertain), color=BADGES.get(name or "", "gray"), help=NOT_SURE if uncertain else None
    )


def made_of(inputs: str) -> str:
    """Say which inputs a post was scored from."""
    return INPUTS.get(inputs, inputs)


def decided_by(modality: str) -> str:
    """Say which of text and picture decided against the other."""
    return DECIDED_BY.get(modality, modality)


def topic(name: str) -> str:
    """Say a topic's title, such as "Arts & culture"."""
    return "No clear topic" if name == UNCLEAR else heads()["topic"].title(name)


def head(name: str) -> str:
    """Say what a head scores, such as "Sentiment"."""
    return name.replace("_", " ").capitalize()


def emotion(name: str) -> str:
    """Say an emotion's title, such as "Joy"."""
    return (
        "No clear emotion"
        if name == UNCLEAR
        else heads()["emotion"].title(name)
        if "emotion" in heads()
        else name
    )


def emotions() -> list[str]:
    """The emotions that the model tells apart, and "unclear"; none for a model without that head."""
    return [*heads()["emotion"].classes, UNCLEAR] if "emotion" in heads() else []


def tone(name: str) -> str:
    """Say what a post is that has a tone, such as "Ironic"."""
    return heads()[name].title(name) if name in heads() else name.capitalize()


def tones() -> list[str]:
    """Those of `TONES` that the model judges."""
    return [name for name in TONES if name in heads()]


def tones_of(post: Mapping[str, Any] | pd.Series) -> list[str]:
    """Say the tones that a scored post has, such as "Ironic" and "Hateful"."""
    return [tone(name) for name in TONES if (post[f"p_{name}"] or 0) > LIKELY]


def language(code: str) -> str:
    """Say a language, such as "Spanish"."""
    return LANGUAGES.get(code, code)


def other_language() -> str:
    """Say what it means that a post is in another language than the model's."""
    known = plain(" and ".join(language(code) for code in config().languages))
    return f"The text is in a language that the model was not trained on ({known} only). Check the scores before use."


def titles() -> dict[str, str]:
    """Titles of every class of every head by name, and of "no clear topic"."""
    known = {name: head.title(name) for head in heads().values() for name in head.classes}
    return {**known, UNCLEAR: topic(UNCLEAR)}


def posts(count: int) -> str:
    """Say a number of posts: "1 post", "1,204 posts"."""
    return f"{count:,} post" if count == 1 else f"{count:,} posts"


def time(moment: datetime) -> str:
    """Say a moment: "28 Nov 2026, 13:05 UTC"."""
    return f"{moment:%d %b %Y, %H:%M} UTC"


def duration(seconds: float) -> str:
    """Say a time left: "about 40 s", "about 5 min", "about 3 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"about {math.ceil(seconds / size)} {unit}"
    return f"about {max(1, math.ceil(seconds))} s"
