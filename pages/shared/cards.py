"""Excerpts and images of posts, as shown outside tables. Post text is passed to `st.text`, never to Markdown."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps

THUMBNAIL, ROW_THUMBNAIL = (360, 270), (112, 84)
EXCERPT = 180
CARD_WIDTH = 250
PREVIEW_WIDTH = 180
STORED_FORMATS = ("JPEG",)  # the workspace stores every image as JPEG
UNREADABLE = (OSError, ValueError, Image.DecompressionBombError)


def excerpt(text: str, length: int = EXCERPT) -> str:
    """Cut a text to its first characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def show_cover(paths: Sequence[Path]) -> None:
    """Show the first image of a post as a thumbnail, and how many more there are."""
    if not paths:
        return
    try:
        st.image(thumbnail(str(paths[0])), width="stretch", alt="First image of the post")
    except UNREADABLE:
        show_missing_image()
    if len(paths) > 1:
        st.caption(f"and {len(paths) - 1} more image{'s' * (len(paths) > 2)}")


def show_image(path: Path) -> None:
    """Show a stored image of the post, or a placeholder if it cannot be read."""
    opened = open_stored_image(path)
    if opened is None:
        show_missing_image()
    else:
        st.image(opened, width="stretch", alt="Image of the post")


def show_missing_image() -> None:
    """Show a placeholder for an image that cannot be read."""
    with st.container(border=True):
        st.caption(":material/broken_image: This image is missing or damaged on disk. Upload its post again.")


def open_stored_image(path: Path) -> Image.Image | None:
    """Read an image of the workspace; None if it is missing or damaged."""
    try:
        with Image.open(path, formats=STORED_FORMATS) as stored:
            return stored.convert("RGB")
    except UNREADABLE:
        return None


@st.cache_data(max_entries=2_000, show_spinner=False)
def thumbnail(path: str, size: tuple[int, int] = THUMBNAIL) -> bytes:
    """Crop a stored image to a size in pixels, as JPEG; cached, because the path identifies the content."""
    with Image.open(path, formats=STORED_FORMATS) as stored:
        stored.draft("RGB", size)  # decodes only as many pixels as needed
        small = ImageOps.fit(stored.convert("RGB"), size)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
