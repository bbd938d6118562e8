"""A row of chips: short labels of choices, each removed by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

STYLE = """<style>
[class*=st-key-drop_] button { border-radius: 1rem; min-height: 2rem; padding: 0 0.7rem; }
</style>"""


@dataclass(frozen=True)
class Chip:
    """One chip.

    Attributes:
        name: Identifies the chip on its page.
        label: What is chosen, as Markdown: untrusted text must be escaped.
        on_remove: Called when the chip is clicked.
        meaning: What a click does, as tooltip.
    """

    name: str
    label: str
    on_remove: Callable[[], None]
    meaning: str = "Remove filter"


def show_chip_bar(summary: str, chips: Sequence[Chip], key: str = "drop_all") -> None:
    """Show a text and the chips next to it, as many as fit in a row; several chips can be removed at once.

    Args:
        summary: Markdown before the chips, such as "**5 of 34 posts**"; "" for none.
        chips: The chips.
        key: Key of the button that removes all of them.
    """
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if summary:
            st.caption(summary, width="content")
        for chip in chips:
            st.button(
                chip.label,
                key=f"drop_{chip.name}",
                icon=":material/close:",
                icon_position="right",
                help=chip.meaning,
                on_click=chip.on_remove,
            )
        if len(chips) > 1:
            st.button("Clear all", key=key, type="tertiary", on_click=partial(_remove_all, chips))


def _remove_all(chips: Sequence[Chip]) -> None:
    for chip in chips:
        chip.on_remove()
