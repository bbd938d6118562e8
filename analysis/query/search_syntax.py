"""The syntax of a search by words: words, phrases, AND, OR, NOT, parentheses, prefixes and fields.

    search   = all { "OR" all }
    all      = negated { ["AND"] negated }
    negated  = { "NOT" | "-" } one
    one      = [ field ":" ] ( word | word "*" | '"' phrase '"' | "(" search ")" )
    field    = "author" | "id" | "text"

Operators are in capitals. A hyphen negates only what directly follows it, so "-" and "-->" are words.
`analysis.query.search_sql` finds the posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from analysis.errors import SearchError
from analysis.settings import Settings

FIELDS = {"author": "author", "id": "post_id", "text": "text"}
"""The fields that can be named, with their columns."""
QUOTES = '"“”„'
"""Quotation marks: a phrase may open with any of them and close with any."""
_OPERATORS = ("AND", "OR", "NOT")
_NEGATED_SIGNS = "#@$" + QUOTES + "("
_MAX_QUOTED = 30  # characters of the search in a message


@dataclass(frozen=True)
class Term:
    """A word, a prefix or a phrase.

    Attributes:
        text: What is searched for.
        kind: A word is found anywhere, a prefix at the start of a word, a phrase as whole words.
        field: One of `FIELDS`; "" for any.
    """

    text: str
    kind: Literal["word", "prefix", "phrase"] = "word"
    field: str = ""


@dataclass(frozen=True)
class Not:
    """Posts that do not match `part`."""

    part: Node


@dataclass(frozen=True)
class And:
    """Posts that match all parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Posts that match any of the parts."""

    parts: tuple[Node, ...]


Node = Term | Not | And | Or


@dataclass(frozen=True)
class _Token:
    """An operator, a parenthesis or a field, of which `text` is empty unless it is a field; or a term."""

    kind: str
    text: str = ""


@lru_cache(maxsize=256)
def parse_search(search: str, settings: Settings) -> Node:
    """Parse a search.

    Args:
        search: As typed; untrusted, not blank.
        settings: Contains the limits.

    Raises:
        SearchError: It is malformed or beyond a limit; the error says where.
    """
    if len(search) > settings.max_search_chars:
        raise SearchError(
            "The search",
            f"has {len(search):,} characters; the limit is {settings.max_search_chars:,}",
            "Shorten it.",
        )
    if any("\ud800" <= char <= "\udfff" for char in search):
        raise SearchError("The search", "is not valid Unicode", "Type it again.")
    tokens = list(_read_tokens(search))
    terms = sum(token.kind in ("word", "prefix", "phrase") for token in tokens)
    if terms > settings.max_search_terms:
        raise SearchError(
            "The search",
            f"has {terms} words and phrases; the limit is {settings.max_search_terms}",
            "Use fewer words, or put those that belong together in quotation marks.",
        )
    return _Parser(tokens, settings.max_search_depth).parse()


def quote_search(text: str) -> str:
    """Write a search for a text as it is: in quotation marks if it would have another meaning without."""
    try:
        is_plain = list(_read_tokens(text)) == [_Token("word", text)]
    except SearchError:
        is_plain = False
    without_quotes = text.translate(dict.fromkeys(map(ord, QUOTES), " ")).strip()
    return text if is_plain or not without_quotes else f'"{without_quotes}"'


def _read_tokens(search: str) -> Iterator[_Token]:
    place = 0
    while place < len(search):
        char = search[place]
        if char.isspace():
            place += 1
        elif char in "()":
            yield _Token(char)
            place += 1
        elif char in QUOTES:
            end = _find_end(search, place + 1, QUOTES)
            phrase = search[place + 1 : end]
            if end == len(search):
                raise SearchError(
                    "The search",
                    f"has a quotation mark that is not closed{_describe_next('before', phrase)}",
                    "Add another one, or remove it.",
                )
            if not phrase.strip():
                raise SearchError(
                    "The search", "has nothing between two quotation marks", "Add a phrase, or remove them."
                )
            yield _Token("phrase", phrase)
            place = end + 1
        elif _is_negation(search, place):
            yield _Token("NOT")
            place += 1
        else:
            end = _find_end(search, place, QUOTES + "()")
            token = _read_word(search[place:end], search[end : end + 1])
            place += len(token.text) + 1 if token.kind == "field" else end - place
            yield token


def _read_word(word: str, following: str) -> _Token:
    """Read a word, or the field before a word, a phrase or a group."""
    name, colon, value = word.partition(":")
    if colon and name.lower() in FIELDS:
        if not value and (not following or following not in QUOTES + "("):
            raise SearchError(
                "The search", f"has nothing after “{word}”", f"Add a word directly after it: {word}name."
            )
        return _Token("field", name)
    if word in _OPERATORS:
        return _Token(word)
    if len(word) > 1 and word.endswith("*"):
        return _Token("prefix", word[:-1])
    return _Token("word", word)


def _is_negation(search: str, place: int) -> bool:
    following = search[place + 1 : place + 2]
    is_negated = following.isalnum() or following in _NEGATED_SIGNS or not following.isascii()
    return search[place] == "-" and bool(following) and is_negated and not following.isspace()


def _find_end(search: str, start: int, ends: str) -> int:
    """Find the end of a phrase, or of a word if parentheses end it: a word also ends at a space."""
    is_word = "(" in ends
    for place in range(start, len(search)):
        if search[place] in ends or (is_word and search[place].isspace()):
            return place
    return len(search)


def _describe_next(where: str, text: str) -> str:
    shown = " ".join(text.split())[:_MAX_QUOTED]
    return f", {where} “{shown}”" if shown else ""


class _Parser:
    """A recursive-descent parser: one method for each rule of the grammar."""

    def __init__(self, tokens: Sequence[_Token], max_depth: int) -> None:
        self._tokens = tokens
        self._max_depth = max_depth
        self._place = 0

    def parse(self) -> Node:
        node = self._parse_search("", 0)
        if self._kind == ")":
            raise _parenthesis_error("has a closing parenthesis without an opening one", "Remove it.")
        return node

    @property
    def _kind(self) -> str:
        """Kind of the next token; "" at the end."""
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def _next(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _parse_search(self, field: str, depth: int) -> Node:
        parts = [self._parse_all(field, depth)]
        while self._kind == "OR":
            self._next()
            parts.append(self._parse_all(field, depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _parse_all(self, field: str, depth: int) -> Node:
        parts = [self._parse_negated(field, depth)]
        while self._kind not in ("", ")", "OR"):
            if self._kind == "AND":
                self._next()
            parts.append(self._parse_negated(field, depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _parse_negated(self, field: str, depth: int) -> Node:
        if depth > self._max_depth:
            raise SearchError(
                "The search",
                f"has more than {self._max_depth} levels of parentheses and NOT",
                "Write it with fewer.",
            )
        if self._kind == "NOT":
            self._next()
            return Not(self._parse_negated(field, depth + 1))
        return self._parse_one(field, depth)

    def _parse_one(self, field: str, depth: int) -> Node:
        if self._kind in ("", ")", *_OPERATORS):
            raise self._missing_error()
        token = self._next()
        if token.kind == "field":
            return self._parse_one(token.text.lower(), depth)
        if token.kind != "(":
            return Term(token.text, token.kind, field)  # type: ignore[arg-type]
        node = self._parse_search(field, depth + 1)
        if not self._kind:
            raise _parenthesis_error("has an opening parenthesis that is not closed", "Add “)”.")
        self._next()
        return node

    def _missing_error(self) -> SearchError:
        """Say before or after what a word is missing."""
        previous = self._tokens[self._place - 1].kind if self._place else ""
        operator, where = (previous, "after") if previous in _OPERATORS else (self._kind, "before")
        if operator in _OPERATORS:
            remedy = f'Add a word there. To search for the word “{operator}”, write it as "{operator}".'
            return SearchError("The search", f"has nothing {where} {operator}", remedy)
        if previous != "(":
            return _parenthesis_error("has a closing parenthesis without an opening one", "Remove it.")
        if self._kind:
            return _parenthesis_error("has nothing between parentheses", "Add a word, or remove them.")
        return _parenthesis_error("has an opening parenthesis that is not closed", "Add “)”.")


def _parenthesis_error(fact: str, remedy: str) -> SearchError:
    return SearchError("The search", fact, f'{remedy} To search for the character, write it as "(" or ")".')
