"""Terms of posts for themes: words, hashtags and emoji of any language, and names made of the most typical ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_LEFT_OUT = re.compile(r"\{\{\w+\}\}|\{@[^@]*@\}|\bhttps?\b\S*|www\.\S+|@\w+|&\w+;", re.IGNORECASE)
"""Links, mentions and escaped characters, also where a data set replaced them, as in {{URL}}."""
_TERM = re.compile(
    r"(?P<unspaced>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+)"  # Japanese, Chinese, Thai
    r"|#?[^\W\d_][\w'’]*"
    r"|[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
)
_MIN_LETTERS = 3
_NAME_TERMS = 3
WITHOUT_TERMS = "Pictures without words"
"""The name of a theme whose posts have no terms."""


def split_terms(text: str) -> list[str]:
    """Split a text into terms: lower-case words of three letters or more, hashtags and emoji.

    Languages that are written without spaces are split into pairs of characters. Links and mentions are left out. A
    letter and its accent are one character, however they are encoded.
    """
    terms: list[str] = []
    composed = unicodedata.normalize("NFC", text.lower())
    for match in _TERM.finditer(_LEFT_OUT.sub(" ", composed)):
        term = match[0].rstrip("'’")
        if match["unspaced"]:
            terms += [term[start : start + 2] for start in range(len(term) - 1)]
        elif len(term) >= _MIN_LETTERS or not term[:1].isalpha():
            terms.append(term)
    return terms


def choose_names(terms: Iterable[Sequence[str]]) -> list[str]:
    """Name themes by their most typical terms; equal names are numbered."""
    names: list[str] = []
    for each in terms:
        name = ", ".join(_choose_different(each)) or WITHOUT_TERMS
        repeated = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({repeated + 1})" if repeated else name)
    return names


def _choose_different(terms: Sequence[str]) -> list[str]:
    """Choose the first terms of which none begins with another one, such as “#music” after “music”."""
    chosen: list[str] = []
    for term in terms:
        bare = term.lstrip("#")
        if not any(
            bare.startswith(other.lstrip("#")) or other.lstrip("#").startswith(bare) for other in chosen
        ):
            chosen.append(term)
    return chosen[:_NAME_TERMS]
