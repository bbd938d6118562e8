"""Text files with one post per line. They are read only if the analyst chooses this format."""

from __future__ import annotations

from analysis.importers.decoding import decode
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.limits import check_shape
from analysis.settings import Settings


def read_lines(content: bytes, settings: Settings, encoding: str | None = None) -> ImportedRows:
    """Read a text file: each line that is not blank is a post.

    Args:
        content: The file.
        settings: Limits.
        encoding: See `ImportOptions`.

    Raises:
        RefusedError: If it is in an unknown encoding, or has too many lines.
    """
    text, encoding = decode(content, encoding)
    return rows_of_posts(split_at_line_breaks(text), [encoding, "one post per line"], len(content), settings)


def split_at_line_breaks(text: str) -> list[str]:
    """Split a text at the line breaks of any operating system, and at no other characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def rows_of_posts(texts: list[str], notes: list[str], size: int, settings: Settings) -> ImportedRows:
    """Return texts as rows of the one column "text"; blank ones are left out.

    Raises:
        RefusedError: If there are too many.
    """
    posts = [text.strip() for text in texts if text.strip()]
    check_shape(len(posts), 1, size, settings)
    return ImportedRows(["text"], {number: [post] for number, post in enumerate(posts, start=1)}, (), notes)


IMPORTER = Importer(
    name="lines",
    label="Text, one post per line",
    suffixes=frozenset(),
    read=read_lines,
    options=("encoding",),
)
