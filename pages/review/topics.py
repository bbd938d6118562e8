"""Custom topics: the analyst's custom topics with their number of posts, or one with its threshold and examples."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis import query
from analysis.columns import TOPIC_FILTER
from analysis.custom_topics import CustomTopic, fold_name, parse_topic_names
from analysis.query import EVERY_POST, Filters, Totals
from analysis.settings import Settings
from analysis.taxonomy import Taxonomy
from analysis.wording import format_count, format_number, format_share_with_interval
from analysis.workspace import Batch
from pages.review.taxonomy_file import show_taxonomy_file
from pages.review.theme_topic import show_made_topic
from pages.review.topic_page import can_compare, find_similarity, show_topic
from pages.review.unsaved_topic import show_unsaved_topic
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
    known = {fold_name(topic.name) for topic in workspace().topics.read().topics}
    workspace().topics.add([CustomTopic(name) for name in names if fold_name(name) not in known])
    for name in names:
        workspace().topics.switch(name, is_on=True)
    st.session_state["new_topics"] = ""


def show_topics(batch: Batch, filters: Filters, totals: Totals, taxonomy: Taxonomy) -> None:
    """Show a row for each topic: whether it is on, its name, its posts and its threshold.

    Without posts that can be compared, their numbers are left out.
    """
    has_counts = can_compare(batch, totals) and batch.custom_topics is not None
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
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if topic in of_link:
                    st.button("Save", key=f"save_{topic.name}", on_click=save_topic, args=(topic,))
                    st.markdown(f"**{plain(topic.name)}** (only in this link)", width="stretch")
                else:
                    show_switch(topic, topic in taxonomy.on)
                    with st.container(width="stretch"):
                        st.button(
                            plain(topic.name),
                            key=f"open_{topic.name}",
                            type="tertiary",
                            on_click=places.set_shown_topic,
                            args=(topic.name,),
                        )
                if topic in counted and has_counts:
                    show_count(batch, filters, topic, positions)
                elif topic in taxonomy.on and topic not in counted:
                    st.caption("left out", width="content", help=describe_limit(batch.settings))
                st.caption(f"from {format_number(topic.least_similarity(batch.settings))}", width="content")
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
    on = {fold_name(topic.name) for topic in taxonomy.on}
    wanted = on | {fold_name(name) for name in catalogue.named_topics()}
    limits = batch.settings
    too_long = sum(len(name) > limits.max_name_chars for name in catalogue.named_topics())
    if left_out := len(wanted) - len(catalogue.custom_topics()) - too_long:
        st.warning(
            f"{left_out:,} topic{'s are' if left_out > 1 else ' is'} left out. {describe_limit(limits)}",
            icon=":material/warning:",
        )
    if too_long:
        st.warning(
            f"{format_count(too_long, 'topic')} of the link {'are' if too_long > 1 else 'is'} left out: a name can "
            f"have up to {limits.max_name_chars} characters.",
            icon=":material/warning:",
        )


def warn_if_left_out(batch: Batch, taxonomy: Taxonomy, topic: CustomTopic) -> None:
    """Say that a topic is switched on, but left out because too many are."""
    if topic in taxonomy.on and topic not in catalogue.custom_topics():
        st.warning(
            "This topic is left out: it is no filter and no column of Posts and Report. "
            f"{describe_limit(batch.settings)}",
            icon=":material/warning:",
        )


def describe_limit(limits: Settings) -> str:
    """Say how many topics are counted at once, and what to do about it."""
    return f"Up to {limits.max_custom_topics} topics are counted at once. Switch some off."


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


st.title("Custom topics")
batch, filters, totals = scored.open_posts()
if config().space is None:
    st.info("The model cannot compare texts with images, which topics need.", icon=":material/info:")
    st.stop()
taxonomy = workspace().topics.read()
is_unsaved = show_unsaved_topic()
shown = taxonomy.find(places.shown_topic())
if shown:
    show_made_topic(batch, shown)
    warn_if_left_out(batch, taxonomy, shown)
    show_topic(batch, filters, totals, shown)
else:
    if (name := places.shown_topic()) and not is_unsaved:
        st.info(f"There is no topic “{plain(name)}”: it was renamed or deleted.", icon=":material/info:")
    show_add_field()
    show_topics(batch, filters, totals, taxonomy)
    show_taxonomy_file(taxonomy)
