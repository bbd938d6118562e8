"""A button that makes a theme a custom topic, and what the page of that topic says about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from analysis import query, search
from analysis.custom_topics import CustomTopic
from analysis.errors import PostLensError
from analysis.search.theme_terms import NAME_SEPARATOR, ONE_AUTHOR
from analysis.workspace import Batch
from pages.shared import catalogue, labels, places
from pages.shared.custom_topics import find_topics
from pages.shared.engine import workspace
from pages.shared.messages import plain

_MADE = "topic_made_of_theme"


@dataclass(frozen=True)
class _Made:
    """The topic that was made last.

    Attributes:
        batch: Id of the batch of the theme.
        topic: Name of the topic.
        threshold: The threshold that was chosen.
        theme: Name of the theme.
        theme_posts: Posts of the theme.
        topic_posts: Posts that have the topic.
    """

    batch: str
    topic: str
    threshold: float
    theme: str
    theme_posts: int
    topic_posts: int


def offer_topic(batch: Batch, number: int, theme: str, typical: pd.DataFrame) -> None:
    """Offer to make a theme a custom topic, named by its terms, with its typical posts as examples.

    Args:
        batch: The batch, with themes.
        number: The number of the theme.
        theme: Its name.
        typical: Its typical posts (`query.read_typical_posts`).
    """
    themes = batch.themes
    if themes is None:
        return
    name = (
        theme.replace(ONE_AUTHOR, "")
        .replace(NAME_SEPARATOR, ", ")
        .replace(";", "")[: batch.settings.max_name_chars]
        .strip()
    )
    is_known = catalogue.saved_topics().find(name) is not None
    if st.button(
        "Is a topic" if is_known else "Make a topic",
        key=f"promote_{number}",
        icon=":material/check:" if is_known else ":material/label:",
        disabled=is_known or not themes.terms[number] or not batch.has_part("embeddings", 0),
        help="Adds a custom topic with these terms as name and these posts as examples, for any batch. Its threshold "
        "is chosen so that about as many posts have it as the theme has.",
    ):
        examples = tuple(
            search.make_post_example(batch, post["position"], post["text"] or "", belongs=True)
            for post in query.list_rows(typical)
        )
        _add_topic(batch, number, theme, CustomTopic(name, examples=examples))
        st.switch_page(places.TOPICS, query_params=places.link_topic(name))


def _add_topic(batch: Batch, number: int, theme: str, topic: CustomTopic) -> None:
    """Save a topic with a threshold that gives about as many posts as its theme.

    If posts cannot be compared with it, it has the default, and its page gives the reason.
    """
    try:
        similarity = find_topics(batch, [topic]).similarity[0]
    except PostLensError:
        workspace().topics.add([topic])
        return
    posts = int((batch.themes.theme == number).sum()) if batch.themes else 0
    threshold = search.choose_threshold(similarity, posts, batch.settings)
    workspace().topics.add([replace(topic, threshold=threshold)])
    has_topic = int((similarity >= np.float32(threshold)).sum())
    st.session_state[_MADE] = _Made(batch.id, topic.name, threshold, theme, posts, has_topic)


def show_made_topic(batch: Batch, topic: CustomTopic) -> None:
    """Say how many posts a topic and the theme that it was made of have; nothing after any change of it."""
    made = st.session_state.get(_MADE)
    if made is None or (made.batch, made.topic, made.threshold) != (batch.id, topic.name, topic.threshold):
        return
    st.success(
        f"Made of the theme “{plain(made.theme)}”, which has {labels.posts(made.theme_posts)}. "
        f"{labels.posts(made.topic_posts)} {'has' if made.topic_posts == 1 else 'have'} the topic, with the "
        f"threshold {made.threshold:.2f}: the similarity that gives about as many posts, and at least the default.",
        icon=":material/check:",
    )
