"""Files in folders of images and next to a table.

Only folders that the user names are read, and files that lie outside one are listed with the reason.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from analysis.importers.refused import RefusedError
from analysis.intake.files import READ_THOUGH_HIDDEN, InputFile, list_files, outside_folder_error
from analysis.settings import Settings


def list_images(folder: Path, settings: Settings | None = None) -> list[InputFile]:
    """List the images of a folder of images, and its other files with a `problem`.

    Raises:
        IntakeError: See `list_files`.
    """
    other = RefusedError(
        "is in the folder of images, but is not an image", "If it holds posts, add it to the input itself."
    )
    return [
        file
        if file.problem or file.is_visual or file.base.endswith(READ_THOUGH_HIDDEN)
        else replace(file, problem=other)
        for file in list_files(folder, settings)
    ]


def list_nearby_files(folder: Path, names: Iterable[str], settings: Settings) -> list[InputFile]:
    """Return the files that a table names by paths relative to its folder.

    Args:
        folder: The table's folder.
        names: As in the table; other paths and names of missing files are ignored.
        settings: Holds the largest number of files.

    Returns:
        The files, named as in the table. Those outside the folder, or behind a link that leads out of it, have a
        `problem`.
    """
    inside = folder.resolve()
    found: dict[str, InputFile] = {}
    for name in names:
        if len(found) >= settings.max_archive_members:
            break
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or not path.parts or ":" in path.parts[0]:
            continue
        label = path.as_posix()
        if label in found or any(part.startswith(".") and part != ".." for part in path.parts):
            continue
        if ".." in path.parts:
            found[label] = InputFile(label, b"", problem=outside_folder_error("names a file"))
            continue
        for form in ("NFC", "NFD"):
            nearby = folder / unicodedata.normalize(form, label)
            try:
                exists = nearby.is_file()
                leaves = exists and not nearby.resolve().is_relative_to(inside)
            except (OSError, ValueError):  # a name that no file can have
                continue
            if exists:
                found[label] = InputFile(
                    label,
                    nearby,
                    problem=outside_folder_error("is behind a symbolic link") if leaves else None,
                )
                break
    return list(found.values())
