"""Lets the user upload one image, which is checked and read like the images of a batch."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from analysis.importers import RefusedError
from analysis.intake import InputFile, read_image_in_worker
from analysis.settings import MB
from pages.shared.engine import workspace
from pages.shared.messages import plain


def upload_image(label: str, key: str, width: int | None = None) -> Image.Image | None:
    """Show the field for an image, and why it was refused.

    Args:
        label: For screen readers.
        key: Key of the widget.
        width: In pixels; None for all of the available width.

    Returns:
        The image (RGB); None without one, or if it was refused.
    """
    upload = st.file_uploader(
        label,
        key=key,
        label_visibility="collapsed",
        width="stretch" if width is None else width,
        max_upload_size=workspace().settings.max_image_bytes // MB,
    )
    if upload is None:
        return None
    try:
        return read_image_in_worker(InputFile(upload.name, upload.getvalue()))
    except RefusedError as error:
        st.error(plain(f"{upload.name} {error.reason}. {error.remedy}"), icon=":material/error:")
        return None
