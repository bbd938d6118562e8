"""Finds posts by words: a parsed search (`analysis.query.search_syntax`) as SQL.

Each term is a pattern of RE2, which DuckDB uses: time is linear in the text, and a million posts take about 0.3 s a
term. A pattern is a parameter, never part of the SQL.

Upper and lower case are equal. A letter without an accent also finds the letter with one, however it is encoded; a
letter with an accent finds only itself. Variation selectors of emoji and the shape of apostrophes are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from analysis.query.search_syntax import FIELDS, And, Node, Not, Term

_VARIATION = "\ufe0f"
_APOSTROPHES = "'’‘ʼ＇"
_ACCENTS = r"[\x{300}-\x{36f}]*"
_WORD = r"\pL\pM\pN_"
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
"""Scripts without spaces between words, as Unicode names their letters: a word may begin and end anywhere."""
_UNSPACED_RANGES = "".join(
    rf"\p{{{script}}}"
    for script in ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan")
)
_START = rf"(?:^|[^{_WORD}]|[{_UNSPACED_RANGES}])"
_END = rf"(?:$|[^{_WORD}]|[{_UNSPACED_RANGES}])"
_SPACE = r"[\s\pZ\x{b}\x{1c}-\x{1f}\x{85}]+"


def search_sql(search: Node) -> tuple[str, dict[str, Any]]:
    """Write a search as a condition over the post table.

    Returns:
        The condition, which is never null, and its parameters.
    """
    values: dict[str, Any] = {}
    return _node_sql(search, values), values


def _node_sql(node: Node, values: dict[str, Any]) -> str:
    if isinstance(node, Term):
        return _term_sql(node, values)
    if isinstance(node, Not):
        return f"NOT {_node_sql(node.part, values)}"
    word = " AND " if isinstance(node, And) else " OR "
    return f"({word.join(_node_sql(part, values) for part in node.parts)})"


def _term_sql(term: Term, values: dict[str, Any]) -> str:
    keys = []
    for pattern in write_patterns(term):
        keys.append(f"word_{len(values)}")
        values[keys[-1]] = pattern
    columns = [FIELDS[term.field]] if term.field else ["text", "author", "post_id"]
    matches = (
        " AND ".join(f"regexp_matches(coalesce({name}, ''), ${key})" for key in keys) for name in columns
    )
    return f"({' OR '.join(matches)})"


def write_patterns(term: Term) -> tuple[str, ...]:
    """Write a term as patterns of RE2, all of which match: the second is slower and has the boundaries of words."""
    words = unicodedata.normalize("NFC", term.text).replace(_VARIATION, "").split()
    pattern = _SPACE.join("".join(map(_char_pattern, _split_chars(word))) for word in words)
    start = _START if words and term.kind != "word" and _needs_boundary(words[0][0]) else ""
    end = _END if words and term.kind == "phrase" and _needs_boundary(words[-1][-1]) else ""
    return tuple(f"(?i){each}" for each in dict.fromkeys((pattern, f"{start}{pattern}{end}")))


def _needs_boundary(char: str) -> bool:
    """Return whether a word that begins or ends with a character has a boundary there."""
    is_in_word = char == "_" or unicodedata.category(char)[0] in "LMN"
    return is_in_word and not unicodedata.name(char, "").startswith(_UNSPACED)


def _char_pattern(char: str) -> str:
    if char in _APOSTROPHES:
        return f"[{_APOSTROPHES}]"
    if char.isascii() and char.isalpha():
        return f"[{char}{_accented().get(char.lower(), '')}]{_ACCENTS}"
    forms = {
        char: None,
        unicodedata.normalize("NFD", char): None,
        **dict.fromkeys(_equal_chars().get(char, "")),
    }
    pattern = "|".join(re.escape(form) if form.isascii() else form for form in forms)
    pattern = f"(?:{pattern})" if len(forms) > 1 else pattern
    return (
        pattern if char.isascii() or unicodedata.category(char[0])[0] in "LMN" else rf"{pattern}\x{{fe0f}}?"
    )


def _split_chars(word: str) -> list[str]:
    """Split a word (NFC) into characters; letters that Unicode also has as one character stay together."""
    joined, parts, start = _equal_chars(), list[str](), 0
    while start < len(word):
        size = next((size for size in (3, 2) if word[start : start + size] in joined), 1)
        parts.append(word[start : start + size])
        start += size
    return parts


@cache
def _equal_chars() -> dict[str, str]:
    """Return the characters that Unicode calls equal to others, by their NFC: Ohm sign and Omega, for example."""
    found: dict[str, str] = {}
    for point in (
        *range(0x340, 0x3000),
        *range(0xF900, 0xFB50),
        *range(0x1D15E, 0x1D1C1),
        *range(0x2F800, 0x2FA20),
    ):
        char = chr(point)
        normal = unicodedata.normalize("NFC", char)
        if normal != char:
            found[normal] = found.get(normal, "") + char
    return found


@cache
def _accented() -> dict[str, str]:
    """Return the accented letters of the Latin alphabet by the letter without an accent, in lower case."""
    found: dict[str, str] = {}
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        char = chr(point)
        parts = unicodedata.normalize("NFD", char)
        letter = parts[0].lower()
        if len(parts) > 1 and letter.isascii() and letter.isalpha() and (char == char.lower() or char == "İ"):
            found[letter] = found.get(letter, "") + char
    return found
