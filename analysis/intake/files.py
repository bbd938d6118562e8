"""Files from the analyst: uploaded, found in a folder, or pasted. `inputs` reads them.

File names are only labels: they are compared with each other and never opened as paths.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analysis.errors import IntakeError
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

HEAD_BYTES = 4_096
"""Bytes from the start of a file that its format is recognised from."""

_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class InputFile:
    """One file with its original name.

    Attributes:
        name: A label that may contain folders, without control characters and invalid characters.
        content: The bytes, or the path of a file with them.
        packed_size: Its size in its zip, bytes; None if it was not in one.
    """

    name: str
    content: bytes | Path
    packed_size: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _clean(self.name))

    @property
    def base(self) -> str:
        """The last part of the name, after any folders."""
        return re.split(r"[/\\]", self.name)[-1]

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case with its dot; "" for none."""
        return PurePosixPath(self.base).suffix.lower()

    @property
    def size(self) -> int:
        """Bytes.

        Raises:
            RefusedError: If the file cannot be read.
        """
        if isinstance(self.content, bytes):
            return len(self.content)
        try:
            return self.content.stat().st_size
        except OSError as error:
            raise _unreadable(error) from error

    def open(self) -> io.BufferedReader | io.BytesIO:
        """Open for reading from the start.

        Raises:
            RefusedError: If the file cannot be read.
        """
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        try:
            return self.content.open("rb")
        except OSError as error:
            raise _unreadable(error) from error

    def read(self) -> bytes:
        """Read all bytes.

        Raises:
            RefusedError: If the file cannot be read.
        """
        try:
            with self.open() as opened:
                return opened.read()
        except OSError as error:
            raise _unreadable(error) from error

    def head(self) -> bytes:
        """Read the first `HEAD_BYTES`.

        Raises:
            RefusedError: If the file is empty or cannot be read.
        """
        try:
            with self.open() as opened:
                head = opened.read(HEAD_BYTES)
        except OSError as error:
            raise _unreadable(error) from error
        if not head:
            raise RefusedError("is empty (0 bytes)", "Export or download it again.")
        return head


def is_system_file(name: str) -> bool:
    """Return whether a file was added by an operating system; such files are neither counted nor listed.

    Args:
        name: With its folders, separated by "/".
    """
    *folders, base = name.split("/")
    return "__MACOSX" in folders or base.lower() in _SYSTEM_FILES or base.startswith("._")


def list_files(path: Path, settings: Settings | None = None) -> list[InputFile]:
    """List one file, or every file of a folder and the folders in it.

    Hidden files, links out of the folder and links to folders are skipped.

    Args:
        path: A file or a folder.
        settings: Holds the largest number of files; the defaults when None.

    Returns:
        The files sorted by name; names are relative to the folder.

    Raises:
        IntakeError: If it is missing or unreadable, or has no files or too many.
    """
    settings = settings or Settings()
    shown = _clean(str(path))
    if path.is_file():
        return [InputFile(path.name, path)]
    if not path.is_dir():
        raise IntakeError(shown, "is not a file or folder on this computer", "Check the spelling.")
    files: list[InputFile] = []
    for found in _walk(path):
        files.append(InputFile(found.relative_to(path).as_posix(), found))
        if len(files) > settings.max_archive_members:
            fact = f"contains more than {settings.max_archive_members:,} files"
            raise IntakeError(shown, fact, "Choose a folder with only the posts, or add it in parts.")
    if not files:
        raise IntakeError(shown, "contains no files", "Choose the folder with the table and the images.")
    return files


def parse_pasted_text(text: str) -> InputFile:
    """Convert pasted text to a table.

    Posts are separated by blank lines; if there are none, each line is a post.

    Args:
        text: As pasted.

    Returns:
        A UTF-8 CSV named "pasted text.csv" with the one column `text`.
    """
    lines = re.sub(r"\r\n?", "\n", text).strip()
    blocks = re.split(r"\n(?:[^\S\n]*\n)+", lines)
    posts = blocks if len(blocks) > 1 else lines.split("\n")
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(["text"])
    writer.writerows([post.strip()] for post in posts if post.strip())
    return InputFile("pasted text.csv", table.getvalue().encode("utf-8", "replace"))


def _walk(root: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise IntakeError(
            _clean(str(error.filename)),
            f"cannot be read: {error.strerror}",
            "Check its permissions, or choose another folder.",
        ) from error

    inside = root.resolve()
    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            found = Path(folder, name)
            hidden = name.startswith(".")
            if not hidden and found.is_file() and found.resolve().is_relative_to(inside):
                yield found


def _clean(name: str) -> str:
    """Remove control characters and invalid characters from a name; everything else is kept, such as markup."""
    valid = name.encode("utf-8", "replace").decode("utf-8")
    printable = "".join(letter for letter in valid if unicodedata.category(letter) != "Cc")
    return printable.strip() or "unnamed file"


def _unreadable(error: OSError) -> RefusedError:
    return RefusedError(f"cannot be read: {error.strerror or error}", "Check that it exists and is readable.")
