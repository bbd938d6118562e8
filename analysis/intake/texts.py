"""Texts as people wrote them: pieces joined, HTML and entities resolved, UTF-8 that was decoded twice repaired."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from typing import Any

import ftfy

_TAG = re.compile(
    r"</?(?:p|br|a|div|span|b|i|em|strong|u|s|ul|ol|li|blockquote|code|pre|h[1-6]|img|del)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"<br\b[^<>]{0,100}>|</(?:p|div|li|blockquote|pre|h[1-6])\s*>(?=.)", re.IGNORECASE | re.DOTALL
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_DOUBLY_ENCODED = re.compile(r"[ÂÃÄÅâãäåðÐÑØÙ][\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")
HTML_SAMPLE = 2_000
"""Cells of a column from which it follows whether its texts are HTML."""
_HTML_SHARE = 0.5  # of the texts of a column with tags, from which all are taken for HTML


def read_texts(cells: Sequence[str], is_html: bool | None = None) -> list[str]:
    """Read the texts of a column.

    Args:
        cells: The column, or a chunk of it, "" where blank.
        is_html: Whether most texts of the column have HTML tags, from `are_html`; None to find out from `cells`.

    Returns:
        One text per cell. A list of strings and objects with a `text` is joined. HTML tags are removed if most texts
        of the column have some; paragraphs and line breaks stay line breaks. Entities such as `&amp;` are resolved,
        and UTF-8 that was decoded as Latin-1 or cp1252 is repaired (ftfy).
    """
    texts = [_join_pieces(cell) if cell[:1] in ("[", "{") else cell for cell in cells]
    if _is_html(texts) if is_html is None else is_html:
        texts = [_strip_tags(text) if "<" in text else text for text in texts]
    return [text if text.isascii() and "&" not in text else read_text(text) for text in texts]


def are_html(cells: Sequence[str]) -> bool:
    """Return whether most of the first texts of a column have HTML tags.

    Args:
        cells: At least the first `HTML_SAMPLE` cells of the column.
    """
    return _is_html([_join_pieces(cell) if cell[:1] in ("[", "{") else cell for cell in cells[:HTML_SAMPLE]])


def _is_html(texts: Sequence[str]) -> bool:
    written = [text for text in texts[:HTML_SAMPLE] if text.strip()]
    if "<" not in "".join(text[:2_000] for text in written):
        return False
    return sum(bool(_TAG.search(text[:20_000])) for text in written) >= len(written) * _HTML_SHARE


def read_text(text: str) -> str:
    """Resolve the entities of one text, and repair UTF-8 that was decoded twice."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if not text.isascii() and _DOUBLY_ENCODED.search(text):
        text = ftfy.fix_encoding(text)
    return text


def _strip_tags(text: str) -> str:
    return _TAG.sub("", _BREAK.sub("\n", text)).strip()


def _join_pieces(cell: str) -> str:
    try:
        pieces: Any = json.loads(cell if cell[0] == "[" else f"[{cell}]")
    except (ValueError, RecursionError):
        return cell
    if not isinstance(pieces, list):
        return cell
    words = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
    if not words or not all(isinstance(word, str) for word in words):
        return cell
    return "".join(map(str, words))
