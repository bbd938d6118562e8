"""Files from the analyst: uploaded, found in a folder, or pasted. `inputs` reads them.

File names are only labels: they are compared with each other and never opened as paths.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from analysis.errors import IntakeError
from analysis.importers.refused import RefusedError
from analysis.importers.text_lines import split_at_line_breaks
from analysis.importers.text_paragraphs import split_paragraphs
from analysis.intake.formats import is_visual
from analysis.settings import Settings
from analysis.wording import replace_surrogates

HEAD_BYTES = 4_096
"""Bytes from the start of a file that its format is recognised from."""

READ_THOUGH_HIDDEN = ".metadata.json"
"""The list of images of 4CAT's image downloader, the only hidden file that is read."""

_COPY = "Copy what it points to into the folder, in place of the link."
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class InputFile:
    """One file with its original name.

    Attributes:
        name: A label that may contain folders, without control characters and invalid characters.
        content: The bytes, or the path of a file with them.
        packed_size: Its size in its zip, bytes; None if it was not in one.
        problem: Why it cannot be used; it is listed with this reason and never opened.
    """

    name: str
    content: bytes | Path
    packed_size: int | None = None
    problem: RefusedError | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_file_name(self.name))

    @property
    def base(self) -> str:
        """The last part of the name, after any folders."""
        return re.split(r"[/\\]", self.name)[-1]

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case with its dot; "" for none."""
        return PurePosixPath(self.base).suffix.lower()

    @property
    def is_visual(self) -> bool:
        """Whether it is an image or video by its content, or by its suffix if the content is unknown."""
        try:
            return is_visual(self.head(), self.suffix)
        except RefusedError:
            return is_visual(b"", self.suffix)

    @property
    def size(self) -> int:
        """Bytes.

        Raises:
            RefusedError: If the file cannot be read.
        """
        if self.problem is not None:
            raise self.problem
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
        if self.problem is not None:
            raise self.problem
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

    Hidden files are skipped. Symbolic links are followed if they stay inside the folder; others, and what is neither
    a file nor a folder, are listed with a `problem`.

    Args:
        path: A file or a folder.
        settings: Holds the largest number of files; the defaults when None.

    Returns:
        The files sorted by name; names are relative to the folder.

    Raises:
        IntakeError: If it is missing or unreadable, or has no files or too many.
    """
    settings = settings or Settings()
    shown = clean_file_name(str(path))
    if path.is_file():
        return [InputFile(path.name, path)]
    if not path.is_dir():
        raise IntakeError(shown, "is not a file or folder on this computer", "Check the spelling.")
    files: list[InputFile] = []
    for file in _walk(path, path.resolve(), set()):
        files.append(file)
        if len(files) > settings.max_archive_members:
            fact = f"contains more than {settings.max_archive_members:,} files"
            raise IntakeError(shown, fact, "Choose a folder with only the posts, or add it in parts.")
    if not files:
        raise IntakeError(shown, "contains no files", "Choose the folder with the table and the images.")
    return files


def parse_pasted_text(text: str, blank_lines: bool | None = None) -> InputFile:
    """Convert pasted text to a table.

    Args:
        text: As pasted.
        blank_lines: Whether posts are separated by blank lines, or each line is a post; None: see
            `split_pasted_posts`.

    Returns:
        A UTF-8 CSV named "pasted text.csv" with the one column `text`.
    """
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(["text"])
    writer.writerows([post] for post in split_pasted_posts(text, blank_lines))
    return InputFile("pasted text.csv", table.getvalue().encode("utf-8", "replace"))


def split_pasted_posts(text: str, blank_lines: bool | None = None) -> list[str]:
    """Split pasted text into posts.

    Args:
        text: As pasted.
        blank_lines: Whether posts are separated by blank lines, or each line is a post. None: by blank lines if they
            make at least three paragraphs of at most two lines on average, so that a few blank lines in a list do
            not merge posts.
    """
    lines = [line.strip() for line in split_at_line_breaks(text) if line.strip()]
    paragraphs = [paragraph.strip() for paragraph in split_paragraphs(text)]
    if blank_lines is None:
        blank_lines = len(paragraphs) > 2 and len(lines) <= 2 * len(paragraphs)
    return paragraphs if blank_lines else lines


def _walk(
    folder: Path, inside: Path, linked: set[Path], name: str = "", above: frozenset[Path] = frozenset()
) -> Iterator[InputFile]:
    """Find the files of a folder.

    Args:
        folder: The folder.
        inside: The real path of the first folder, which links must not leave.
        linked: The real paths of the folders that links were followed to; each is followed once.
        name: Its name relative to the first folder, "" or ending in "/".
        above: The real paths of the folders that it is in.
    """
    above |= {folder.resolve()}
    folders: list[Path] = []
    for found in _entries(folder):
        label = name + found.name
        if found.name.startswith(".") and found.name != READ_THOUGH_HIDDEN:
            continue
        real = Path(os.path.realpath(found))
        if found.is_symlink() and (problem := _link_problem(found, real, inside, linked | above)):
            yield InputFile(label, found, problem=problem)
        elif found.is_dir():
            folders.append(found)
            linked.update([real] if found.is_symlink() else ())
        elif not found.is_file():
            yield InputFile(
                label,
                found,
                problem=RefusedError("is neither a file nor a folder", "Leave it out, or save it as a file."),
            )
        else:
            file = InputFile(label, found)
            # A second name of an image serves tables that use it; a table would be scored twice.
            again = real != inside / label and not file.is_visual and _is_walked(real, inside)
            yield replace(file, problem=_second_name(real, inside)) if again else file
    for each in folders:
        yield from _walk(each, inside, linked, f"{name}{each.name}/", above)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise IntakeError(
            clean_file_name(str(error.filename)),
            f"cannot be read: {error.strerror}",
            "Check its permissions, or choose another folder.",
        ) from error


def _link_problem(link: Path, real: Path, inside: Path, walked: Set[Path]) -> RefusedError | None:
    if not link.exists():
        return RefusedError("is a symbolic link to a file or folder that does not exist", _COPY)
    if not real.is_relative_to(inside):
        return outside_folder_error("is a symbolic link")
    if real in walked:
        return RefusedError(
            "is a symbolic link to a folder that it is in, or that another link leads to",
            "Nothing is missing; remove the link.",
        )
    return None


def _is_walked(real: Path, inside: Path) -> bool:
    return not any(part.startswith(".") for part in real.relative_to(inside).parts)


def _second_name(real: Path, inside: Path) -> RefusedError:
    return RefusedError(
        f"is behind a symbolic link to {real.relative_to(inside).as_posix()}, which is read itself",
        "Nothing is missing; remove the link.",
    )


def outside_folder_error(what: str) -> RefusedError:
    """Return the error for what leads out of a folder."""
    return RefusedError(f"{what} that leads out of its folder, so it was not followed", _COPY)


def clean_file_name(name: str) -> str:
    """Remove control characters and invalid characters from a name; everything else is kept, such as markup."""
    valid = replace_surrogates(name)
    if valid.isprintable():  # as most are; looking at each letter takes a tenth of the time of a small image
        return valid.strip() or "unnamed file"
    printable = "".join(letter for letter in valid if unicodedata.category(letter) != "Cc")
    return printable.strip() or "unnamed file"


def _unreadable(error: OSError) -> RefusedError:
    return RefusedError(f"cannot be read: {error.strerror or error}", "Check that it exists and is readable.")
