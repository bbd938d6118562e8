"""Uploads that are not scored yet, of other tabs or of this one before it was closed: to continue or discard."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.wording import shorten_to_one_line
from pages.batch import open_drops
from pages.batch.drop import Drop
from pages.shared import cards, labels
from pages.shared.messages import plain

NAME_CHARS = 60
MOST_SHOWN = 3


def offer_uploads() -> None:
    """Offer to continue the last uploads, the one used last first; nothing if there are none."""
    for number, drop in enumerate(open_drops.list_open()[:MOST_SHOWN]):
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", key=f"unfinished_{number}"
        ):
            st.markdown(f"**Not scored yet:** {plain(_describe(drop))}", width="stretch")
            with st.container(horizontal=True, width="content"):
                st.button(
                    "Continue",
                    key=f"continue_{number}",
                    icon=":material/arrow_forward:",
                    on_click=partial(_continue, drop),
                )
                st.button(
                    "Discard",
                    key=f"discard_{number}",
                    icon=":material/delete:",
                    on_click=partial(open_drops.release, drop),
                )


def _describe(drop: Drop) -> str:
    """Describe an upload: "posts.csv and 2 more files (34 posts, uploaded 5 minutes ago)"."""
    more = len(drop.files) - 1
    others = f" and {more:,} more file{'s' * (more != 1)}" if more else ""
    posts = "" if drop.n_posts is None else f"{labels.posts(drop.n_posts)}, "
    name = cards.excerpt(shorten_to_one_line(drop.files[0].name), NAME_CHARS)
    return f"{name}{others} ({posts}uploaded {labels.age(drop.added_at)})"


def _continue(drop: Drop) -> None:
    st.session_state["drop"] = drop
