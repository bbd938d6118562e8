"""Topics: the analyst's custom topics with their number of posts, or one with its threshold and examples."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis import query
from analysis.columns import TOPIC_FILTER
from analysis.custom_topics import CustomTopic, parse_topic_names
from analysis.query import EVERY_POST, Filters
from analysis.taxonomy import Taxonomy
from analysis.wording import format_share_with_interval
from analysis.workspace import Batch
from pages.review import find
from pages.review.taxonomy_file import show_taxonomy_file
from pages.review.topic_page import find_similarity, show_topic
from pages.shared import catalogue, labels, places, scored
from pages.shared.callbacks import defer_errors
from pages.shared.engine import config, workspace
from pages.shared.messages import plain

STYLE = """<style>
.st-key-topic_list [data-testid=stMarkdownContainer] p { overflow-wrap: anywhere; }
</style>"""


def show_add_field() -> None:
    """Let the user name new topics."""
    st.text_input(
        "Add topics, separated by commas",
        placeholder="For example: delivery, prices, customer service",
        key="new_topics",
        on_change=add_topics,
    )
    st.caption(
        "A post has every topic that is similar enough in meaning to its text or its images. Topics are kept for all "
        "batches. They are a filter, and columns of Posts and Report."
    )


@defer_errors
def add_topics() -> None:
    """Save the topics that the user named."""
    names = parse_topic_names(st.session_state["new_topics"])
    known = {topic.name.casefold() for topic in workspace().topics.read().topics}
    workspace().topics.add([CustomTopic(name) for name in names if name.casefold() not in known])
    for name in names:
        workspace().topics.switch(name, is_on=True)
    st.session_state["new_topics"] = ""


def show_topics(batch: Batch, filters: Filters, taxonomy: Taxonomy) -> None:
    """Show a row for each topic: whether it is on, its name, its posts and its threshold."""
    counted = catalogue.custom_topics()
    saved = {topic.name for topic in taxonomy.topics}
    of_link = [topic for topic in counted if topic.name not in saved]
    if not taxonomy.topics and not of_link:
        return
    warn_about_limit(batch, taxonomy)
    positions = None if filters == EVERY_POST else query.find_positions(batch, filters)
    st.html(STYLE)
    with st.container(border=True, key="topic_list"):
        for topic in (*taxonomy.topics, *of_link):
            is_on = topic in counted and batch.custom_topics is not None
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if topic in of_link:
                    st.button("Save", key=f"save_{topic.name}", on_click=save_topic, args=(topic,))
                    st.markdown(f"**{plain(topic.name)}** (only in this link)", width="stretch")
                else:
                    show_switch(topic, topic in counted)
                    with st.container(width="stretch"):
                        st.button(
                            plain(topic.name),
                            key=f"open_{topic.name}",
                            type="tertiary",
                            on_click=places.set_shown_topic,
                            args=(topic.name,),
                        )
                if is_on:
                    show_count(batch, filters, topic, positions)
                st.caption(f"from {topic.least_similarity(batch.settings):.2f}", width="content")
    st.caption("Choose a topic to set its threshold, and to give it a description and examples.")


def show_switch(topic: CustomTopic, is_on: bool) -> None:
    """Show the switch of a topic."""
    key = f"on_{topic.name}"
    st.session_state[key] = is_on
    st.toggle(
        f"Show {plain(topic.name)}",
        key=key,
        label_visibility="collapsed",
        on_change=partial(switch_topic, topic.name, key),
    )


def show_count(batch: Batch, filters: Filters, topic: CustomTopic, positions: np.ndarray | None) -> None:
    """Show how many of the matching posts have a topic, as a link to them."""
    similarity = find_similarity(batch, topic, positions)
    posts = int((similarity >= np.float32(topic.least_similarity(batch.settings))).sum())
    of = int((~np.isnan(similarity)).sum())
    share = format_share_with_interval(posts / of, *query.compute_share_interval(posts, of)) if of else ""
    st.page_link(
        places.POSTS,
        label=f"{labels.posts(posts)}, {share}",
        query_params=places.link(filters.with_selection((TOPIC_FILTER, topic.name))),
        disabled=not posts,
        help="With the 95 % interval of the share.",
        width="content",
    )


def warn_about_limit(batch: Batch, taxonomy: Taxonomy) -> None:
    """Say how many topics are left out because too many are switched on, or named in the URL."""
    on = {topic.name.casefold() for topic in taxonomy.on}
    wanted = on | {name.casefold() for name in catalogue.named_topics()}
    limits = batch.settings
    if left_out := len(wanted) - len(catalogue.custom_topics()):
        st.warning(
            f"{left_out:,} topic{'s are' if left_out > 1 else ' is'} left out: a batch can show up to "
            f"{limits.max_custom_topics} topics, each with up to {limits.max_name_chars} characters. Switch some "
            "off.",
            icon=":material/warning:",
        )


@defer_errors
def save_topic(topic: CustomTopic) -> None:
    """Save a topic that the URL names."""
    workspace().topics.add([topic])


@defer_errors
def switch_topic(name: str, key: str) -> None:
    """Switch a topic on or off; off, its filter and its name in the URL are removed."""
    workspace().topics.switch(name, st.session_state[key])
    if not st.session_state[key]:
        places.rename_topic(name, "")


st.title("Topics")
batch, filters, _ = scored.open_scored_posts()
if config().space is None:
    st.info("The model cannot compare texts with images, which topics need.", icon=":material/info:")
    st.stop()
if not find.is_offered(batch):
    st.stop()
taxonomy = workspace().topics.read()
shown = next((topic for topic in taxonomy.topics if topic.name == places.shown_topic()), None)
if shown:
    show_topic(batch, filters, shown)
else:
    show_add_field()
    show_topics(batch, filters, taxonomy)
    show_taxonomy_file(taxonomy)
