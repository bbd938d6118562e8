"""Compares a column's name with the known names of the fields of a post."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from analysis.importers.names import (
    ADDRESSES,
    COUNTING,
    FILLERS,
    NAMES,
    NO_AUTHORS,
    NO_IMAGES,
    OTHER_POSTS,
    PEOPLE,
    PLATFORMS,
    POSTS,
)

_COUNT_FIELDS = frozenset({"likes", "shares", "comments"})
_NOISE = PLATFORMS | POSTS | FILLERS
_WEAK_PEOPLE = frozenset({"from", "page", "source", "group", "chat"})  # "page views" are no author's
_ADDRESS_QUALITY = 0.6
_PLATFORM_ID_QUALITY = 0.55  # "Facebook Id" is more often the page's than the post's
_RANK_STEP = 0.001  # per place in the list of known names
_DEPTH_STEP = 0.02  # per object that a path goes through
_MAX_NAME_CHARS = 200  # a longer cell is no name
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GLUED = re.compile(
    r"^(like|digg|share|comment|reply|retweet|favorite|favourite|repost|reaction)(count|s?num)$"
)
_NUMBERED = re.compile(r"[\s_./-]{0,3}\d{1,3}$|\[\d{1,3}\]$")


@lru_cache(maxsize=50_000)
def match(field: str, column: str) -> float:
    """Return how well a column's name names a field: from 0 for not at all to 1 for an exact name.

    Args:
        field: A key of `names.NAMES`.
        column: The column's name. The last part of a path such as "user.name" counts, the others are its context.
    """
    if len(column) > _MAX_NAME_CHARS:
        return 0.0
    outer, words = _parse(column)
    if not words or (field == "images" and NO_IMAGES & set(words)):
        return 0.0
    context = {word for part in outer for word in list_words(part)}
    if field == "author":
        return max(0.0, _match_author(words, context) - _DEPTH_STEP * len(outer))
    if field == "post_id" and not outer and "".join(words) in ADDRESSES:
        return _ADDRESS_QUALITY
    if field == "post_id" and len(words) > 1 and set(words) - {"id"} <= PLATFORMS:
        return _PLATFORM_ID_QUALITY
    best = _match_words(field, words)
    if field != "images" and (PEOPLE - _WEAK_PEOPLE) & ({*words} | context):
        return 0.0
    if OTHER_POSTS & ({*words} | context) and not _is_count(field, words):
        return 0.0
    return max(0.0, best - _DEPTH_STEP * len(outer))


@lru_cache(maxsize=20_000)
def list_words(name: str) -> tuple[str, ...]:
    """Split a name into words without accents: "publicMetrics_likeCount" into public, metrics, like, count.

    A number at the end that counts columns is removed ("image 2", "images/0").
    """
    name = _NUMBERED.sub("", name) or name
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name.replace("ß", "ss")))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = _WORDS.findall(plain.casefold())
    return tuple(part for word in words for part in _GLUED.sub(r"\1 \2", word).split())


@lru_cache(maxsize=1)
def _ranks() -> Mapping[str, Mapping[str, int]]:
    """Return the rank of each known name by field; 0 is the most specific. Names are joined without spaces."""
    return {
        field: {name.replace(" ", ""): rank for rank, name in reversed(list(enumerate(names)))}
        for field, names in NAMES.items()
    }


def _parse(column: str) -> tuple[list[str], tuple[str, ...]]:
    """Split a path into the names of its objects and the words of its last name."""
    *outer, last = column.strip(" ./").replace("/", ".").rsplit(".", 3)
    if last.isdecimal() and outer:  # "images/0"
        *outer, last = outer
    return outer, list_words(last)


def _is_count(field: str, words: tuple[str, ...]) -> bool:
    """Whether a name such as "reply count" or "reposts" counts something, although it mentions other posts."""
    return field in _COUNT_FIELDS and ("".join(words) in _ranks()[field] or bool(COUNTING & set(words)))


def _match_words(field: str, words: tuple[str, ...]) -> float:
    """Match a name, or what is left of it without words that say nothing about the field."""
    noise = _NOISE | (COUNTING if field in _COUNT_FIELDS else frozenset())
    variants = (
        (1.0, words),
        (0.98, tuple(word for word in words if word not in FILLERS)),
        (0.9, tuple(word for word in words if word not in noise)),
    )
    known = _ranks()[field]
    matches = [
        quality - _RANK_STEP * known[name] for quality, kept in variants if (name := "".join(kept)) in known
    ]
    return max(matches, default=0.0)


def _match_author(words: tuple[str, ...], context: set[str]) -> float:
    """Match names such as "username", "user.name", "author_fullname" and "channelTitle"."""
    if NO_AUTHORS & set(words):
        return 0.0
    people = PEOPLE & ({*words} | context)
    if "".join(words) in ("name", "title") and not context & PEOPLE:
        return 0.0
    best = _match_words("author", words)
    if people:
        rest = "".join(word for word in words if word not in PEOPLE | _NOISE)
        if not rest and context & PEOPLE:
            best = max(best, 0.85)
        elif rest in _ranks()["author"]:
            best = max(best, 0.95 - _RANK_STEP * _ranks()["author"][rest])
    return 0.0 if OTHER_POSTS & ({*words} | context) else best
