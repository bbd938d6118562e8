"""Converts a DataFrame to intake input: cells as text, images as stored files."""

from __future__ import annotations

import io
import json
import math
import numbers
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from analysis.errors import IntakeError
from analysis.importers import RefusedError, guess_mapping
from analysis.importers.decoding import remove_invalid_characters
from analysis.importers.importer import list_table_columns
from analysis.intake import InputFile, Inputs, Rejection, StoredImage, Table, read_inputs
from analysis.intake.cells import FrameCells
from analysis.intake.rejections import reject_file
from analysis.settings import Settings

_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_NO_IMAGE = "Give a path, the bytes of an image file, a PIL image, or a list of these."


def convert_input_frame(frame: pd.DataFrame, name: str, media_dir: Path) -> Inputs:
    """Convert a DataFrame to the input of intake.

    Args:
        frame: One row per post, with a column of texts, of images, or both; images are paths, bytes, PIL images, or
            lists of these. Other columns are recognised by their names or stored with the post.
        name: Name for messages, such as "DataFrame".
        media_dir: The folder in which images are stored.

    Raises:
        IntakeError: Column names are not unique, or there is no column of texts or images.
    """
    columns = tuple(str(column) for column in frame.columns)
    if len(set(columns)) < len(columns):
        repeated = next(column for column in columns if columns.count(column) > 1)
        raise IntakeError(f"The {name}", f"has several columns {repeated!r}", "Rename or drop all but one.")
    mapping = guess_mapping(columns)
    if not mapping.makes_posts:
        raise IntakeError(
            f"The {name}",
            f"has no column of texts or images; its columns are: {list_table_columns(columns) or 'none'}",
            "Rename the column with texts to text, or the one with images to images.",
        )
    images = _Images()
    wrong = dict[int, Rejection]()
    cells: dict[str, list[str]] = {}
    for column, label in zip(columns, frame.columns, strict=True):
        values = frame[label].tolist()
        if column in mapping.images:
            cells[column] = [images.add(row, value) for row, value in enumerate(values, start=1)]
        else:
            cells[column] = [_format_cell(value) for value in values]
        if column == mapping.text:
            wrong |= _find_wrong_texts(values, column, name)
    if mapping.post_id is None:
        cells["post_id"] = [str(position) for position in range(len(frame))]
        mapping = replace(mapping, post_id="post_id")
    rows = pd.DataFrame(cells, index=pd.RangeIndex(1, len(frame) + 1), dtype=object).drop(index=list(wrong))
    table = Table(name, tuple(cells), FrameCells(rows), tuple(wrong.values()), (), b"", mapping=mapping)
    stored, rejected = images.store(media_dir)
    return Inputs((table,), stored, tuple(rejected), 1 + len(stored) + len(rejected))


def _format_cell(value: Any) -> str:
    """Format a value as the text of a cell; values without a plain text form become ""."""
    if isinstance(value, str):
        return remove_invalid_characters(value)
    if _is_missing(value):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():  # an integer in a column with missing values
        return str(int(value))
    return str(value) if isinstance(value, (bool, numbers.Number)) else ""


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def _find_wrong_texts(values: Sequence[Any], column: str, name: str) -> dict[int, Rejection]:
    """List the rows whose text is neither a string, a number nor missing."""
    return {
        row: Rejection(
            "row",
            name,
            f"row {row:,} has a value of the type {type(value).__name__} in the column {column}",
            "Give a string.",
        )
        for row, value in enumerate(values, start=1)
        if not isinstance(value, (str, bool, numbers.Number, date)) and not _is_missing(value)
    }


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray) and value.dtype.kind in "OU":  # a list from a Parquet file
        return list(value.tolist())
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _is_address(value: Any) -> bool:
    return isinstance(value, (str, Path)) and "://" in str(value)


class _Images:
    """The images of a DataFrame, by the names that its cells use for them."""

    def __init__(self) -> None:
        self._sources: dict[str, Any] = {}

    def add(self, row: int, value: Any) -> str:
        """Add the images of one cell.

        Returns:
            The cell's text: a JSON list of the images' names, "" without any.
        """
        names = []
        given = [
            each
            for each in _as_list(value)
            if not (_is_missing(each) or (isinstance(each, str) and not each))
        ]
        for number, each in enumerate(given, start=1):
            label = f"image {number} of row {row}" if len(given) > 1 else f"image of row {row}"
            name = self._name(each, label)
            names.append(name)
            if not _is_address(each):  # nothing is downloaded; intake rejects URLs
                self._sources.setdefault(name, each)
        return json.dumps(names) if names else ""

    def _name(self, image: Any, label: str) -> str:
        """Name an image: by its path, unless another path has the same name once control characters are removed."""
        if not isinstance(image, (str, Path)):
            return label
        name = InputFile(remove_invalid_characters(str(image)), b"").name
        return name if str(self._sources.get(name, image)) == str(image) else label

    def store(self, media_dir: Path) -> tuple[dict[str, StoredImage], list[Rejection]]:
        """Read and store all images.

        Returns:
            The stored images by name, and the rejected ones.
        """
        stored: dict[str, StoredImage] = {}
        rejected: list[Rejection] = []
        sources = list(self._sources.items())
        size = Settings().queued_images
        for start in range(0, len(sources), size):
            files = list(self._files(sources[start : start + size], rejected))
            inputs = read_inputs(files, media_dir)
            stored |= inputs.images
            rejected += inputs.rejected
        return stored, rejected

    def _files(self, sources: Sequence[tuple[str, Any]], rejected: list[Rejection]) -> Iterator[InputFile]:
        for name, source in sources:
            try:
                file = InputFile(name, _get_content(source))
                if not file.is_visual:
                    file.head()  # raises the reason if it is empty or cannot be opened
                    raise RefusedError("is not an image", _NO_IMAGE)
            except RefusedError as error:
                rejected.append(reject_file(name, error))
            else:
                yield file


def _get_content(source: Any) -> bytes | Path:
    """Return an image's file: its bytes or its path.

    Raises:
        RefusedError: The value has an unsupported type, or the file does not exist.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, Image.Image):
        return _encode_png(source)
    if not isinstance(source, (str, Path)):
        raise RefusedError(f"is of the type {type(source).__name__}", _NO_IMAGE)
    try:
        path = Path(source).expanduser()
        if path.is_file():
            return path
    except (OSError, ValueError, RuntimeError):  # such as a null character or an unknown user in the name
        pass
    raise RefusedError(
        "is not a file on this computer", "Check the path; relative ones start at the current folder."
    )


def _encode_png(image: Image.Image) -> bytes:
    try:
        upright = ImageOps.exif_transpose(image)
        if upright.mode not in _PNG_MODES:
            upright = upright.convert("RGB")
        target = io.BytesIO()
        upright.save(target, "PNG", compress_level=1)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RefusedError(
            "is damaged or truncated", "Open it and save it again, or download it again."
        ) from error
    return target.getvalue()
