"""Posts marked "more like this" or "not like this", kept in the session, by which posts can be ranked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from analysis.wording import shorten_to_one_line
from pages.components.chip_bar import Chip, show_chip_bar
from pages.shared import cards, places
from pages.shared.engine import workspace
from pages.shared.messages import plain

_MARKS = "marked_posts"
_LABEL_CHARS = 24


@dataclass(frozen=True)
class Mark:
    """A marked post: its batch, its id, whether more posts like it are wanted, and how a chip shows it."""

    batch: str
    post_id: str
    is_liked: bool
    label: str


def list_marks() -> tuple[Mark, ...]:
    """List the marks of this session in the order of their making, without those of deleted batches."""
    existing = workspace()
    marks: dict[tuple[str, str], Mark] = st.session_state.get(_MARKS, {})
    return tuple(mark for mark in marks.values() if existing.has(mark.batch))


def show_mark_buttons(batch_id: str, post: Any, has_shortcuts: bool = False) -> None:
    """Show the two buttons that mark a post; a second click removes the mark.

    Args:
        batch_id: The batch of the post.
        post: Its columns, with post_id and text.
        has_shortcuts: Whether keys click them.
    """
    label = cards.excerpt(post["text"], _LABEL_CHARS) or shorten_to_one_line(post["post_id"])[:_LABEL_CHARS]
    marks: dict[tuple[str, str], Mark] = st.session_state.get(_MARKS, {})
    present = marks.get((batch_id, post["post_id"]))
    is_full = present is None and len(marks) >= workspace().settings.max_marked_posts
    for is_liked, title, icon, key in (
        (True, "More like this", "thumb_up", "m"),
        (False, "Not like this", "thumb_down", "x"),
    ):
        is_set = present is not None and present.is_liked is is_liked
        mark = Mark(batch_id, post["post_id"], is_liked, label)
        st.button(
            title,
            icon=f":material/{icon}:",
            key=f"mark_{key}_{batch_id}_{post['post_id']}",
            type="primary" if is_set else "secondary",
            shortcut=key if has_shortcuts else None,
            disabled=is_full,
            help="Remove other marks first." if is_full else None,
            on_click=_remove if is_set else _add,
            args=(mark,),
        )


def show_marks() -> None:
    """Show a chip for each mark, and the button that ranks posts by them."""
    marks = list_marks()
    if not marks:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Find more like these",
            key="rank_by_marks",
            icon=":material/thumb_up:",
            type="primary",
            disabled=not any(mark.is_liked for mark in marks) or places.near() == ("marked", "yes"),
            help="Ranks posts by similarity to the mean of the posts with a thumb up, minus a fifth of the mean of "
            "those with a thumb down (Rocchio 1971). At least one thumb up is needed.",
            on_click=partial(places.set_near, "marked", "yes"),
        )
        icons = {True: ":material/thumb_up:", False: ":material/thumb_down:"}
        chips = [
            Chip(
                f"mark_{number}",
                f"{icons[mark.is_liked]} {plain(mark.label)}",
                partial(_remove, mark),
                "Remove mark",
            )
            for number, mark in enumerate(marks)
        ]
        show_chip_bar("", chips, "drop_all_marks")


def _add(mark: Mark) -> None:
    marks = st.session_state.setdefault(_MARKS, {})
    marks[mark.batch, mark.post_id] = mark


def _remove(mark: Mark) -> None:
    st.session_state.get(_MARKS, {}).pop((mark.batch, mark.post_id), None)
