"""Formats scores for pages: sentiments as sign, word and colour; titles of topics; numbers, times and durations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd
import streamlit as st

from analysis.attribution.stored import describe_stored_decision
from analysis.charts.palette import SENTIMENT_SIGNS
from analysis.columns import LANGUAGES, Column, list_class_titles
from analysis.wording import format_posts, title_from_name
from analysis.workspace import Batch
from pages.shared import catalogue
from pages.shared.engine import config, heads
from pages.shared.messages import plain

BADGES: Mapping[str, Literal["orange", "gray", "blue"]] = {
    "negative": "orange",
    "neutral": "gray",
    "positive": "blue",
}


def sentiment(name: str) -> str:
    """Format a sentiment with its sign, such as "▲ Positive"."""
    return f"{SENTIMENT_SIGNS.get(name, '')} {title_from_name(name)}".strip()


def sentiment_sign(name: str) -> str:
    """Return the sign of a sentiment in its colour, as Markdown."""
    return f":{BADGES.get(name, 'gray')}[{SENTIMENT_SIGNS.get(name, '')}]"


def verdict(name: str | None, uncertain: bool | None) -> str:
    """Format a post's sentiment and whether it is uncertain: "▲ Positive", "▲ Positive?", "not scored"."""
    if not isinstance(name, str):
        return "not scored"
    return sentiment(name) + ("?" if uncertain else "")


def verdict_badge(name: str | None, uncertain: bool | None) -> None:
    """Show a verdict in the colour of its sentiment."""
    st.badge(
        verdict(name, uncertain),
        color=BADGES.get(name or "", "gray"),
        help=help_of("uncertain") if uncertain else None,
    )


def mark_badges(post: Mapping[str, Any] | pd.Series) -> None:
    """Show the marks of a post, such as "Ironic"."""
    for mark in catalogue.marks_of(post):
        st.badge(plain(mark), color="violet", help=help_of("tones"))


def reason(batch: Batch, post: Mapping[str, Any] | pd.Series) -> str:
    """Say in one sentence why a post got its sentiment, from its stored scores; "" if it is not scored."""
    is_additive = batch.manifest.shares is not None
    columns = {str(name): value for name, value in post.items()}
    return plain(describe_stored_decision(columns, config().modalities, titles(), is_additive))


def help_of(filter_name: str) -> str:
    """Return what a filter means, escaped for Markdown."""
    return plain(catalogue.filter_help(filter_name))


def option_title(of_filter: Sequence[Column]) -> Callable[[str], str]:
    """Return a function that gives the title of a filter's option."""
    if of_filter[0].name == "sentiment":
        return sentiment
    return lambda value: catalogue.title_of(of_filter, value)


def language(code: str) -> str:
    """Return the name of a language, such as "Spanish"."""
    return LANGUAGES.get(code, code)


def other_language() -> str:
    """Explain the warning about posts in languages that the model was not trained on."""
    known = plain(" and ".join(language(code) for code in config().languages))
    return f"The text is in a language that the model was not trained on ({known} only). Check the scores before use."


def titles() -> dict[str, str]:
    """Return the titles of all classes of all heads by name."""
    return list_class_titles(heads())


def value_titles(head: str) -> dict[str, str]:
    """Return the titles of the values of a head's column by value, such as of the topics and of "unclear"."""
    return {**list_class_titles({head: heads()[head]}), **catalogue.column_of(head).titles}


def posts(count: int) -> str:
    """Format a number of posts: "1 post", "1,204 posts"."""
    return format_posts(count)


def age(moment: datetime) -> str:
    """Format how long ago a moment was: "just now", "1 minute ago", "5 hours ago", "2 days ago"."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if count := int(seconds // size):
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return "just now"


def duration(seconds: float) -> str:
    """Format a duration: "about 40 s", "about 5 min", "about 3 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"about {math.ceil(seconds / size)} {unit}"
    return f"about {max(1, math.ceil(seconds))} s"
