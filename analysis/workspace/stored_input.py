"""Stores the images and the original tables of a new batch, and the record of how its files were read."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.intake.media import stored_image_path
from analysis.json_values import from_json_value, to_json_value
from analysis.temporary import OWNER_ONLY_FOLDER
from analysis.workspace.digests import compute_file_digest
from analysis.workspace.files import copy_private_file, link_or_copy_file, write_private_file

if TYPE_CHECKING:
    from analysis.intake import CheckedBatch
    from analysis.intake.record import InputRecord


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


def write_input_record(path: Path, record: InputRecord) -> str:
    """Write the record of how the files of a batch were read.

    Returns:
        The digest of the file.
    """
    write_private_file(path, json.dumps(to_json_value(record)).encode("ascii"))
    with path.open("rb") as file:
        return compute_file_digest(file)


def read_input_record(path: Path) -> InputRecord:
    """Read what `write_input_record` wrote.

    Raises:
        OSError: The file cannot be read.
        ValueError: It has other content.
    """
    from analysis.intake.record import InputRecord  # pages that only list batches need not wait for it

    return from_json_value(InputRecord, json.loads(path.read_bytes()))
