"""The side panel of the Posts page: one post with the reason for its sentiment, next to the list."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis.attribution import Output
from analysis.attribution.sentences import title_of_explained_output
from analysis.workspace import Batch
from pages.components.label_form import show_label_panel
from pages.review.explained import ledger_of
from pages.review.explanation import show_decision
from pages.review.marks import show_mark_buttons
from pages.review.shown_post import show_post, show_scores
from pages.shared import labels, places
from pages.shared.engine import model
from pages.shared.messages import error_boundary

_OPENED, _PICKED = "opened_post", "picked_row"


PostKey = tuple[str, str]
"""The id of a batch, and of one of its posts."""


def find_opened_post(table: str, posts: Sequence[PostKey]) -> PostKey | None:
    """Return the post that the panel shows: the one chosen last in the table, or by "Previous" and "Next".

    Args:
        table: Key of the table; another list of posts has another one.
        posts: The posts in its rows.
    """
    selection = st.session_state.get(table, {}).get("selection", {})
    rows = selection.get("rows") or [row for row, _ in selection.get("cells", ())]
    picked = (table, rows[0]) if rows and rows[0] < len(posts) else None
    if picked and picked != st.session_state.get(_PICKED):
        st.session_state[_OPENED] = posts[rows[0]]
    st.session_state[_PICKED] = picked
    opened = st.session_state.get(_OPENED)
    return opened if opened in posts else None


def show_panel(batch: Batch, post: pd.Series, posts: Sequence[PostKey], by_similarity: bool) -> None:
    """Show a post, why it got its sentiment, and buttons for the posts before and after it in the list.

    Args:
        batch: The batch.
        post: The post.
        posts: The posts of the list, in order.
        by_similarity: Whether posts can be ranked by their similarity to this one.
    """
    place = posts.index((batch.id, post["post_id"]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for step, name, icon, key in (
            (-1, "Previous", "chevron_left", "k"),
            (1, "Next", "chevron_right", "j"),
        ):
            there = 0 <= place + step < len(posts)
            st.button(
                name,
                icon=f":material/{icon}:",
                shortcut=key,
                key=f"panel_{key}",
                disabled=not there,
                on_click=_open,
                args=(posts[place + step] if there else None,),
            )
        st.button("Close", icon=":material/close:", key="panel_close", on_click=_open, args=(None,))
    if by_similarity:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            show_mark_buttons(batch.id, post, has_shortcuts=True)
    explained = None
    if isinstance(post["sentiment"], str):
        with error_boundary(), st.spinner("Computing explanation..."):
            explained = ledger_of(batch.id, post["post_id"], model().id, "sentiment", post["sentiment"])
    title = title_of_explained_output(Output("sentiment", str(post["sentiment"])), labels.titles())
    if explained:
        show_decision(post, explained, title)
        show_scores(post)
    show_label_panel(batch, int(post["position"]))
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            places.EXPLAIN,
            label="Full explanation",
            icon=":material/troubleshoot:",
            query_params=places.link(batch=batch.id, post=post["post_id"]),
        )
        if by_similarity:
            st.page_link(
                places.POSTS,
                label="Similar posts",
                icon=":material/join_inner:",
                query_params=places.link_similar(batch.id, post["post_id"]),
            )
    show_post(batch, post, explained, title=title)


def _open(post: PostKey | None) -> None:
    st.session_state[_OPENED] = post
