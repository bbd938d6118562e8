"""Text files whose posts are separated by blank lines. They are read only if the analyst chooses this format."""

from __future__ import annotations

from analysis.importers.decoding import decode
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.text_lines import rows_of_posts, split_at_line_breaks
from analysis.settings import Settings


def read_paragraphs(content: bytes, settings: Settings, encoding: str | None = None) -> ImportedRows:
    """Read a text file: the lines between two blank lines are a post.

    Args:
        content: The file.
        settings: Limits.
        encoding: See `ImportOptions`.

    Raises:
        RefusedError: If it is in an unknown encoding, or has too many posts.
    """
    text, encoding = decode(content, encoding)
    notes = [encoding, "posts separated by blank lines"]
    return rows_of_posts(split_paragraphs(text), notes, len(content), settings)


def split_paragraphs(text: str) -> list[str]:
    """Split a text at its blank lines."""
    posts: list[list[str]] = [[]]
    for line in split_at_line_breaks(text):
        if line.strip():
            posts[-1].append(line)
        elif posts[-1]:
            posts.append([])
    return ["\n".join(lines) for lines in posts if lines]


IMPORTER = Importer(
    name="paragraphs",
    label="Text, posts separated by blank lines",
    suffixes=frozenset(),
    read=read_paragraphs,
    options=("encoding",),
)
