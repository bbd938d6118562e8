"""Stores the images and the original tables of a new batch."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.intake.media import stored_image_path
from analysis.temporary import OWNER_ONLY_FOLDER
from analysis.workspace.files import copy_private_file, link_or_copy_file

if TYPE_CHECKING:
    from analysis.intake import CheckedBatch


def store_images(checked: CheckedBatch, media_dir: Path, folder: Path) -> None:
    """Link or copy the images of all posts.

    Args:
        checked: The posts, which are read in chunks.
        media_dir: Where intake stored the images.
        folder: The folder of the batch's images; created if missing.

    Raises:
        OSError: An image is missing, or the disk cannot be written.
    """
    stored: set[str] = set()
    for posts in checked.chunks():
        for media_id in posts["images"].explode().dropna().unique():
            if media_id not in stored:
                image = stored_image_path(media_dir, media_id)
                link_or_copy_file(image, folder / image.relative_to(media_dir))
                stored.add(media_id)


def store_sources(sources: Sequence[tuple[str, bytes | Path]], folder: Path) -> tuple[Mapping[str, str], ...]:
    """Store tables under numbers, as their names may be paths; the manifest has their names."""
    folder.mkdir(OWNER_ONLY_FOLDER)
    stored = []
    for index, (name, content) in enumerate(sources):
        file = f"{index:05d}"
        with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
            digest = copy_private_file(source, folder / file)
        stored.append({"name": name, "file": file, "sha256": digest})
    return tuple(stored)
