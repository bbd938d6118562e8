"""What PostLens says when something goes wrong, and how text that is not ours gets into a label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from analysis.errors import PostLensError


def show_error(error: PostLensError) -> None:
    """Show an error as thing, fact and remedy; its words may quote a hostile file name."""
    st.error(plain(str(error)), icon=":material/error:")


@contextmanager
def shown_in_words() -> Iterator[None]:
    """Show any `PostLensError` of the block instead of a traceback."""
    try:
        yield
    except PostLensError as error:
        show_error(error)


def plain(text: str) -> str:
    """Escape text for a place that Streamlit reads as Markdown: labels, captions, messages.

    Args:
        text: Anything, such as a batch's or a file's name.

    Returns:
        Markdown that shows the text as it is, on one line, with no link, picture, icon or formula in it.
    """
    one_line = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^])", r"\\\1", one_line)
