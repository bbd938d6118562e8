"""One custom topic: its name, its threshold, posts near that to be marked right or wrong, and its examples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from analysis import query, search
from analysis.charts.similarities import similarity_histogram
from analysis.columns import TOPIC_FILTER
from analysis.custom_topics import CustomTopic, TopicExample, clean_topics
from analysis.errors import PostLensError
from analysis.posts import has_text
from analysis.query import EVERY_POST, Filters, Totals
from analysis.wording import format_number, format_share_with_interval
from analysis.workspace import Batch
from pages.review import find
from pages.review.topic_examples import add_example, show_examples
from pages.review.unsaved_topic import change_topic
from pages.shared import cards, labels, places, scored
from pages.shared.callbacks import defer_errors
from pages.shared.charts import draw
from pages.shared.custom_topics import find_topics
from pages.shared.engine import model, workspace
from pages.shared.messages import plain, show_error

SHOWN = 3
"""Posts in each row: the most similar, and those just above and below the threshold."""
STEP = 0.01
"""Step of the slider; readers of posts see no difference between closer similarities."""
_ROUNDING = 1e-4
"""Of the ends of the slider: similarities are in single precision, so 1 may be 1.0000001."""


def find_similarity(
    batch: Batch, topic: CustomTopic, positions: NDArray[np.int64] | None
) -> NDArray[np.float32]:
    """Return the similarity of every post to a topic; NaN for posts that have none, or that do not match.

    Args:
        batch: The batch, with the topics that are on.
        topic: Any topic of the workspace or the URL.
        positions: Positions of the matching posts; None for all.

    Raises:
        PostLensError: The posts cannot be compared with it.
    """
    found = batch.custom_topics
    if found is None or topic.name not in found.names:  # it is off
        found = find_topics(batch, [topic])
    similarity = found.similarity[found.names.index(topic.name)]
    if positions is None:
        return similarity
    matching = np.full_like(similarity, np.nan)
    matching[positions] = similarity[positions]
    return matching


def can_compare(batch: Batch, totals: Totals) -> bool:
    """Return whether any matching posts can be compared with topics; if not, say why."""
    return scored.has_scored_posts(totals) and find.is_offered(batch)


def show_topic(batch: Batch, filters: Filters, totals: Totals, topic: CustomTopic) -> None:
    """Show the page of a topic; without posts that can be compared, only what does not need them."""
    st.button(
        "All topics",
        key="all_topics",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=places.set_shown_topic,
        args=("",),
    )
    st.header(plain(topic.name), anchor=False)
    show_name(topic)
    if can_compare(batch, totals):
        positions = None if filters == EVERY_POST else query.find_positions(batch, filters)
        try:
            similarity = find_similarity(batch, topic, positions)
            show_threshold(batch, filters, topic, similarity[~np.isnan(similarity)])
            show_near_posts(batch, topic, similarity)
        except PostLensError as error:
            show_error(error)
    show_examples(topic)
    show_deletion(topic)


def show_name(topic: CustomTopic) -> None:
    """Let the user change the name and the description."""
    settings = workspace().settings
    st.session_state["topic_name"], st.session_state["topic_description"] = topic.name, topic.description
    with st.container(horizontal=True):
        st.text_input(
            "Name",
            key="topic_name",
            max_chars=settings.max_name_chars,
            width=280,
            on_change=change_name,
            args=(topic,),
        )
        st.text_input(
            "Description",
            key="topic_description",
            max_chars=settings.max_topic_description_chars,
            placeholder="What posts on this topic are about, in a sentence",
            help="Posts are compared with the name and the description.",
            on_change=change_description,
            args=(topic,),
        )


@defer_errors
def change_name(topic: CustomTopic) -> None:
    """Rename a topic, in the URL too."""
    new = st.session_state["topic_name"]
    if change_topic(topic, lambda current: replace(current, name=new)):
        places.rename_topic(topic.name, clean_topics([new])[0].name)


@defer_errors
def change_description(topic: CustomTopic) -> None:
    """Change the description of a topic."""
    text = st.session_state["topic_description"].strip()
    change_topic(topic, lambda current: replace(current, description=text))


def show_threshold(
    batch: Batch, filters: Filters, topic: CustomTopic, similarity: NDArray[np.float32]
) -> None:
    """Show the similarities, a slider for the threshold, the number of posts that it gives, and a suggestion."""
    if not len(similarity):
        st.info("None of these posts can be compared.", icon=":material/info:")
        return
    threshold = topic.least_similarity(batch.settings)
    limits = find_limits(similarity, threshold)
    st.subheader("Threshold", anchor=False)
    posts, of = int((similarity >= np.float32(threshold)).sum()), len(similarity)
    interval = query.compute_share_interval(posts, of)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{posts:,} of {labels.posts(of)}** have a similarity of {format_number(threshold)} or more: "
            f"{format_share_with_interval(posts / of, *interval)}.",
            width="content",
        )
        st.page_link(
            places.POSTS,
            label="Show them",
            query_params=places.link(filters.with_selection((TOPIC_FILTER, topic.name))),
            disabled=not posts,
            width="content",
        )
    draw(similarity_histogram(similarity, threshold, limits), "similarities", "Posts by similarity")
    st.session_state["threshold"] = round(threshold, 2)
    st.slider(
        "Threshold: similarity from which a post has the topic",
        *limits,
        step=STEP,
        key="threshold",
        on_change=change_threshold,
        args=(topic,),
    )
    show_suggestion(batch, topic, threshold)


def find_limits(similarity: NDArray[np.float32], threshold: float) -> tuple[float, float]:
    """Return the ends of the slider: the similarities and the threshold are between them, and both are -1..1.

    They are multiples of 0.05, so the threshold can be dragged to either end without moving it.
    """
    values = 20 * np.array([similarity.min(), similarity.max(), threshold], np.float64)
    low, high = math.floor(values.min() + _ROUNDING), math.ceil(values.max() - _ROUNDING)
    if low == high:
        low, high = (low - 1, high) if high >= 20 else (low, high + 1)
    return max(low, -20) / 20, min(high, 20) / 20


def show_suggestion(batch: Batch, topic: CustomTopic, threshold: float) -> None:
    """Offer the threshold that the marks suggest, and the default; or say how many marks are needed."""
    found = search.suggest_threshold(model(), topic, batch.settings)
    default, least = batch.settings.custom_topic_from, batch.settings.min_topic_marks
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if found:
            suggested = round(found.threshold, 2)
            st.button(
                f"Use {format_number(suggested)}",
                key="use_suggestion",
                disabled=suggested == round(threshold, 2),
                on_click=set_threshold,
                args=(topic, suggested),
            )
            st.caption(
                f"{format_number(suggested)} separates your {found.right} right and {found.wrong} wrong examples "
                f"best (F1 {found.f1:.2f}, each compared with the topic without it). That is not the F1 of all "
                "posts: read some on both sides.",
                width="stretch",
            )
        else:
            right = sum(example.belongs for example in topic.examples)
            st.caption(
                f"To suggest a threshold, PostLens needs at least {least} right and {least} wrong examples. There "
                f"are {right} right and {len(topic.examples) - right} wrong.",
                width="content",
            )
        if topic.threshold is not None:
            st.button(
                f"Default ({default:g})",
                key="use_default",
                type="tertiary",
                on_click=set_threshold,
                args=(topic, None),
            )


@defer_errors
def change_threshold(topic: CustomTopic) -> None:
    """Store the threshold of the slider."""
    set_threshold(topic, st.session_state["threshold"])


@defer_errors
def set_threshold(topic: CustomTopic, threshold: float | None) -> None:
    """Store the threshold of a topic; None for the default."""
    change_topic(topic, lambda current: replace(current, threshold=threshold))


def show_near_posts(batch: Batch, topic: CustomTopic, similarity: NDArray[np.float32]) -> None:
    """Show the most similar posts, and those just above and below the threshold, with buttons to mark them."""
    threshold = topic.least_similarity(batch.settings)
    wanted = 2 * SHOWN + len(topic.examples)  # some are copies of others, or examples already
    near = search.find_near_threshold(similarity, threshold, wanted)
    st.subheader("Posts to check", anchor=False)
    st.caption(
        "Mark posts that are right or wrong. Each mark moves the topic towards the right ones and away from the "
        "wrong ones (Rocchio 1971): the similarities change, so check the threshold again."
    )
    shown: set[str | int] = {example.text for example in topic.examples if example.text}
    for title, found in (
        ("Most similar", near.highest),
        ("Just above the threshold", near.above),
        ("Just below the threshold", near.below),
    ):
        show_row(batch, topic, title, found, similarity, shown)


def show_row(
    batch: Batch,
    topic: CustomTopic,
    title: str,
    positions: NDArray[np.int64],
    similarity: NDArray[np.float32],
    shown: set[str | int],
) -> None:
    """Show some posts under a title, without texts and positions in `shown`, to which theirs are added."""
    posts = []
    for post in query.list_rows(query.read_posts_at(batch, positions.tolist())):
        example = search.make_post_example(batch, post["position"], post["text"] or "", belongs=True)
        if shown & {example.text, post["position"]} or any(
            each.vectors == example.vectors for each in topic.examples
        ):
            continue
        shown |= {example.text or post["position"], post["position"]}
        posts.append((post, example))
        if len(posts) == SHOWN:
            break
    if not posts:
        return
    st.markdown(f"**{title}**")
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for post, example in posts:
            show_candidate(batch, topic, post, example, float(similarity[post["position"]]))


def show_candidate(
    batch: Batch, topic: CustomTopic, post: Mapping[str, Any], example: TopicExample, similarity: float
) -> None:
    """Show a post, and the buttons that make it a right or a wrong example."""
    with st.container(border=True, height="stretch"):
        st.caption(f"Similarity {format_number(similarity)}")
        cards.show_cover([batch.media_path(media_id) for media_id in post["images"]])
        if has_text(post["text"]):
            st.text(cards.excerpt(post["text"]))
        with st.container(horizontal=True, gap="small"):
            for belongs, label, icon in ((True, "Right", "check"), (False, "Wrong", "close")):
                st.button(
                    label,
                    key=f"{label}_{post['position']}",
                    icon=f":material/{icon}:",
                    on_click=partial(add_example, topic, replace(example, belongs=belongs)),
                )


def show_deletion(topic: CustomTopic) -> None:
    """Let the user delete the topic."""
    with st.popover("Delete topic", icon=":material/delete:"):
        st.markdown(f"“{plain(topic.name)}” and its examples will be permanently deleted.")
        st.button("Delete permanently", key="delete_topic", on_click=delete_topic, args=(topic.name,))


@defer_errors
def delete_topic(name: str) -> None:
    """Delete a topic, and its name in the URL."""
    workspace().topics.delete(name)
    places.rename_topic(name, "")
