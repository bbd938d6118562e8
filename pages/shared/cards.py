"""Posts and pictures as they are shown outside of tables. Post text goes through `st.text`, never Markdown."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps

THUMBNAIL = (360, 270)
EXCERPT = 180
CARD_WIDTH = 250
STORED = ("JPEG",)  # the format of every picture of a workspace
UNREADABLE = (OSError, ValueError, Image.DecompressionBombError)


def excerpt(text: str, length: int = EXCERPT) -> str:
    """Shorten a text to its first characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def picture_strip(paths: Sequence[Path]) -> None:
    """Show the first picture of a post cut to a thumbnail, and say how many more there are."""
    if not paths:
        return
    try:
        st.image(thumbnail(str(paths[0])), width="stretch", alt="The post's first picture")
    except UNREADABLE:
        no_picture()
    if len(paths) > 1:
        st.caption(f"and {len(paths) - 1} more picture{'s' * (len(paths) > 2)}")


def picture(path: Path) -> None:
    """Show a stored picture of the post, or a placeholder where it cannot be read."""
    opened = open_stored(path)
    if opened is None:
        no_picture()
    else:
        st.image(opened, width="stretch", alt="Picture of the post")


def no_picture() -> None:
    """Show a placeholder in place of a picture that cannot be read."""
    with st.container(border=True):
        st.caption(
            ":material/broken_image: This picture is missing or damaged on disk. Upload its post again."
        )


def open_stored(path: Path) -> Image.Image | None:
    """Read a picture of the workspace; None where it is missing or damaged."""
    try:
        with Image.open(path, formats=STORED) as stored:
            return stored.convert("RGB")
    except UNREADABLE:
        return None


@st.cache_data(max_entries=2_000, show_spinner=False)
def thumbnail(path: str) -> bytes:
    """Cut a stored picture to `THUMBNAIL`, as JPEG; cached, since its path names its content."""
    with Image.open(path, formats=STORED) as stored:
        small = ImageOps.fit(stored.convert("RGB"), THUMBNAIL)
    packed = io.BytesIO()
    small.save(packed, "JPEG", quality=82)
    return packed.getvalue()
