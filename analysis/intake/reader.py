"""Reading of one file, as a table or as an image. Runs in a worker process (`sandbox`)."""

from __future__ import annotations

from pathlib import Path

from analysis.importers import find_importer
from analysis.importers.importer import SNIFF_BYTES, ImportOptions
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.intake.media import StoredImage, looks_like_image, store_image
from analysis.intake.not_tables import not_a_table
from analysis.intake.tables import Table, parse_table
from analysis.settings import Settings


def read_file(
    file: InputFile, media_dir: Path, settings: Settings, options: ImportOptions | None = None
) -> Table | StoredImage:
    """Read a table or store an image, depending on the file's content and suffix.

    Args:
        file: Any file; zips are refused, as `archive.expand` unpacks them first.
        media_dir: Where images are stored.
        settings: Limits.
        options: How to read a table, where the guess is wrong.

    Returns:
        The table or the stored image.

    Raises:
        RefusedError: If it is neither, or cannot be read within the limits.
        OSError: If the image cannot be stored.
    """
    if looks_like_image(file):
        return store_image(file, media_dir, settings)
    head = _start_of(file)
    form = format_by_content(head)
    if form in COMPRESSED or (form in (None, "zip") and find_importer(file.ending, head)):
        return parse_table(file, settings, options)
    raise not_a_table(file.ending, form)


def _start_of(file: InputFile) -> bytes:
    file.head()  # raises if it is empty
    with file.open() as opened:
        return opened.read(SNIFF_BYTES)
