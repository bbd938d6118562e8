"""Reading of one file, as a table or as an image. Runs in a worker process (`sandbox`)."""

from __future__ import annotations

from pathlib import Path

from analysis.importers.refused import RefusedError
from analysis.importers.registry import is_table_by_content, table_labels, table_suffixes
from analysis.intake.companions import Companion, read_companion
from analysis.intake.files import InputFile
from analysis.intake.formats import (
    ARCHIVES,
    OTHER_TABLE_SUFFIXES,
    format_by_content,
    format_by_suffix,
)
from analysis.intake.media import StoredImage, store_image
from analysis.intake.tables import Table, parse_table
from analysis.settings import Settings


def read_beside_others(
    file: InputFile, media_dir: Path, settings: Settings
) -> Table | StoredImage | Companion:
    """Read a file that is a companion of others by its name, unless its content shows that it is something else.

    Raises:
        RefusedError: See `read_file`.
        OSError: See `read_file`.
    """
    chat = file.suffix == ".txt" and file.size and is_table_by_content(file.head())
    found = None if chat else read_companion(file, settings)
    return found or read_file(file, media_dir, settings)


def read_file(file: InputFile, media_dir: Path, settings: Settings) -> Table | StoredImage:
    """Read a table or store an image, depending on the file's content and suffix.

    Args:
        file: Any file; zips are refused, as `archive.expand` unpacks them first.
        media_dir: Where images are stored.
        settings: Limits.

    Returns:
        The table or the stored image.

    Raises:
        RefusedError: If it is neither, or cannot be read within the limits.
        OSError: If the image cannot be stored.
    """
    if file.is_visual:
        return store_image(file, media_dir, settings)
    head = file.head()
    content = format_by_content(head)
    if file.suffix in table_suffixes() and content in (None, "zip"):
        return parse_table(file, settings)
    if content is None and is_table_by_content(head):
        return parse_table(file, settings)
    if file.suffix in OTHER_TABLE_SUFFIXES:
        raise RefusedError(
            f"is a table of the kind {file.suffix}; PostLens reads {table_labels()}",
            "Save it as XLSX or CSV and add it again.",
        )
    packed = content or format_by_suffix(file.suffix)
    if packed == "zip":
        raise RefusedError(
            "is packed like a zip, but its name does not end in .zip",
            "If it is a zip, name it so and add it again.",
        )
    if packed in ARCHIVES:
        raise RefusedError(
            f"is an archive in the {packed} format; PostLens unpacks zip",
            "Unpack it, and add its files or a zip of them.",
        )
    raise RefusedError(
        "is neither a table, an image nor a zip",
        "Nothing to do, unless it holds posts: then save them as CSV.",
    )
