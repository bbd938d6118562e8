"""Text files whose posts are separated by blank lines. They are read only if the analyst chooses this format."""

from __future__ import annotations

from analysis.importers.text_lines import split_at_line_breaks, text_importer


def split_paragraphs(text: str) -> list[str]:
    """Split a text at its blank lines."""
    posts: list[list[str]] = [[]]
    for line in split_at_line_breaks(text):
        if line.strip():
            posts[-1].append(line)
        elif posts[-1]:
            posts.append([])
    return ["\n".join(lines) for lines in posts if lines]


IMPORTER = text_importer(
    "paragraphs",
    "Text, posts separated by blank lines",
    "posts separated by blank lines",
    split_paragraphs,
)
