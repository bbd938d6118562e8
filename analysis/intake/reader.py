"""Reads one file, as a table or as an image. Runs in a worker process (`sandbox`)."""

from __future__ import annotations

from pathlib import Path

from analysis.importers import RefusedError, find_importer
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.importer import SNIFF_BYTES, ImportOptions
from analysis.importers.registry import is_table_by_content
from analysis.intake.companions import read_companion_file
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.intake.media import StoredImage, check_and_store_image
from analysis.intake.not_tables import not_a_table_error
from analysis.intake.reading import Reading
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.streamed import read_large_table
from analysis.intake.tables import Parsed, parse_tables
from analysis.settings import Settings


def read_beside_others(
    file: InputFile,
    media_dir: Path,
    settings: Settings,
    options: ImportOptions | None = None,
    cells: Path | None = None,
) -> Reading:
    """Read a file that is a companion of others by its name, unless its content shows that it is something else.

    Raises:
        RefusedError: See `read_file`.
        OSError: See `read_file`.
    """
    chat = file.suffix == ".txt" and file.size and is_table_by_content(file.head())
    found = None if chat else read_companion_file(file, settings)
    return Reading(companions=(found,)) if found else read_file(file, media_dir, settings, options, cells)


def read_file(
    file: InputFile,
    media_dir: Path,
    settings: Settings,
    options: ImportOptions | None = None,
    cells: Path | None = None,
) -> Reading:
    """Read a table or store an image, depending on the file's content and suffix.

    Args:
        file: Any file; zips are refused, as `archive.unpack_zip` unpacks them first.
        media_dir: Where images are stored.
        settings: Limits.
        options: How to read a table, where the guess is wrong.
        cells: A file for the cells of a large table, which does not exist yet; None to read all tables whole.

    Returns:
        The tables or the stored image; images in cells of a table are stored too.

    Raises:
        RefusedError: If it is neither, or cannot be read within the limits.
        OSError: If the image cannot be stored.
    """
    if file.is_visual:
        return Reading(images=(check_and_store_image(file, media_dir, settings),))
    head = _start_of(file)
    form = format_by_content(head)
    chosen = options is not None and options.format is not None
    if chosen or form in COMPRESSED or (form in (None, "zip") and find_importer(file.suffix, head)):
        if cells and (large := read_large_table(file, settings, options or ImportOptions(), cells)):
            return Reading((large,))
        return _store_cells(parse_tables(file, settings, options), media_dir, settings)
    raise not_a_table_error(file.suffix, form)


def _store_cells(parsed: Parsed, media_dir: Path, settings: Settings) -> Reading:
    """Store the images that the cells of a table hold; each is stored or rejected on its own."""
    images: list[StoredImage] = []
    rejected: list[Rejection] = []
    for name, content in parsed.images.items():
        send_heartbeat()
        try:
            if len(images) + len(rejected) >= settings.max_archive_members:
                limit = f"{settings.max_archive_members:,} images"
                raise RefusedError(f"comes after the first {limit} in its table", "Split the table.")
            images.append(check_and_store_image(InputFile(name, content), media_dir, settings))
        except RefusedError as error:
            rejected.append(reject_file(name, error))
    return Reading(parsed.tables, tuple(images), (*parsed.rejected, *rejected))


def _start_of(file: InputFile) -> bytes:
    file.head()  # raises if it is empty
    with file.open() as opened:
        return opened.read(SNIFF_BYTES)
