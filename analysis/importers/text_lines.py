"""Text files with one post per line. They are read only if the analyst chooses this format."""

from __future__ import annotations

from collections.abc import Callable

from analysis.importers.decoding import decode_file_text
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.limits import check_table_shape
from analysis.settings import Settings


def split_at_line_breaks(text: str) -> list[str]:
    """Split a text at the line breaks of any operating system, and at no other characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def text_importer(name: str, label: str, note: str, split: Callable[[str], list[str]]) -> Importer:
    """Return an importer of text files, each with several posts; blank posts are left out.

    Args:
        name: See `Importer`.
        label: See `Importer`.
        note: How posts are separated, for display.
        split: Splits a text into posts.
    """

    def read(content: bytes, settings: Settings, encoding: str | None = None) -> ImportedRows:
        text, encoding = decode_file_text(content, encoding)
        posts = [post.strip() for post in split(text) if post.strip()]
        check_table_shape(len(posts), 1, len(content), settings)
        rows = {number: [post] for number, post in enumerate(posts, start=1)}
        return ImportedRows(["text"], rows, (), [encoding, note])

    return Importer(name, label, suffixes=frozenset(), read=read, options=("encoding",))


IMPORTER = text_importer("lines", "Text, one post per line", "one post per line", split_at_line_breaks)
