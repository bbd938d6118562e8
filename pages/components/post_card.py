"""A card that shows one post in short: picture, sentiment, text, and why it got its sentiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from analysis.posts import has_text
from analysis.wording import format_percent
from analysis.workspace import Batch
from pages.shared import cards, labels, places


def show_post_card(
    batch: Batch,
    post: Mapping[str, Any],
    address: Mapping[str, str | list[str]],
    title: str = "",
    show_actions: Callable[[], None] | None = None,
) -> None:
    """Show a card.

    Args:
        batch: The batch of the post.
        post: Its columns (`query.read_page`).
        address: The address of its explanation (`places.link`).
        title: Why it is shown; "" for none.
        show_actions: Shows further buttons in a row; None for none.
    """
    with st.container(border=True, height="stretch"):
        if title:
            st.caption(title)
        cards.show_cover([batch.media_path(media_id) for media_id in post["images"]])
        with st.container(horizontal=True, vertical_alignment="center"):
            labels.verdict_badge(post["sentiment"], post["uncertain"] is True)
            labels.mark_badges(post)
            if isinstance(post["sentiment"], str):
                st.caption(f"Confidence {format_percent(post['confidence'])}", width="content")
        if has_text(post["text"]):
            st.text(cards.excerpt(post["text"]))
        if reason := labels.reason(batch, post):
            st.caption(reason)
        st.page_link(
            places.EXPLAIN, label="Full explanation", icon=":material/troubleshoot:", query_params=address
        )
        if show_actions:
            with st.container(horizontal=True, gap="small"):
                show_actions()
