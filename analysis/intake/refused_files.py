"""Refused files that may be tables: what can be chosen so that they are read after all, and reading them again."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from analysis.importers.refused import RefusedError
from analysis.importers.registry import find_importer
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.settings import Settings

_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # NUL is frequent in UTF-16
_MOST_CONTROL = 0.02  # share of such bytes in a text; in a legacy encoding a few may occur


@dataclass(frozen=True)
class RefusedFile:
    """A refused file that may be a table.

    Attributes:
        name: Its name within the upload.
        content: Its bytes, or the path of the file.
        format: The name of the importer that refused it; None if none recognised it.
        choices: Its sheets or lists, if they are known.
    """

    name: str
    content: bytes | Path
    format: str | None = None
    choices: tuple[str, ...] = ()


def refused_file(file: InputFile, error: RefusedError, settings: Settings) -> RefusedFile | None:
    """Return what can be chosen for a refused file; None if no choice could make it a table.

    Args:
        file: The file.
        error: Why it was refused.
        settings: Limits.
    """
    try:
        if not 0 < file.size <= settings.max_table_bytes or file.is_visual:
            return None
        head = file.head()
    except RefusedError:
        return None
    form = format_by_content(head)
    if form in COMPRESSED:
        return RefusedFile(file.name, file.content, None, error.choices)
    importer = find_importer(file.suffix, head)
    if importer is None and (form is not None or not _may_be_text(head)):
        return None
    if importer is not None and not importer.options:
        return None
    return RefusedFile(file.name, file.content, importer.name if importer else None, error.choices)


def limit_refused_files(
    files: Collection[RefusedFile], unpacked: Path, settings: Settings
) -> list[RefusedFile]:
    """Return the first files, as many as are kept.

    Args:
        files: All.
        unpacked: The folder with members of zips, which take disk space if they are kept.
        settings: Limits.
    """
    kept: list[RefusedFile] = []
    size = 0
    for file in files:
        if isinstance(file.content, Path) and file.content.is_relative_to(unpacked):
            size += file.content.stat().st_size
        if len(kept) < settings.max_refused_kept and size <= settings.max_table_bytes:
            kept.append(file)
    return kept


def _may_be_text(head: bytes) -> bool:
    return len(_CONTROL.findall(head)) <= _MOST_CONTROL * len(head)
