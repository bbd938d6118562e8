"""Compares a column's name with the known names of the fields of a post."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from analysis.importers.names import (
    ADDRESSES,
    ANSWERS,
    BY,
    COMMENT_WORDS,
    CONTACTS,
    COUNTING,
    EVENTS,
    FILLERS,
    IDENTIFYING,
    NAME_WORDS,
    NAMES,
    NO_AUTHORS,
    NO_IMAGES,
    OTHER_POSTS,
    PEOPLE,
    PLATFORMS,
    POSTS,
    TIMES,
    WRITTEN,
    ZONES,
)

_COUNT_FIELDS = frozenset({"likes", "shares", "comments"})
_NOISE = PLATFORMS | POSTS | FILLERS
_WEAK_PEOPLE = frozenset(
    {"from", "page", "source", "group", "chat", "blog", "seite", "seiten", "pagina"}
)  # "page views" are no author's
_STEMS = PEOPLE | POSTS | EVENTS | OTHER_POSTS | COMMENT_WORDS | ANSWERS  # of compounds
_FORMS = frozenset({"rendered", "value", "raw", "plain", "html"})
"""Words for the form of what an object holds, which say nothing of the field."""
_HANDLES = frozenset({"screenname", "handle", "acct", "uniqueid"})
_PERSON_ENDS = (("user",), ("users",), ("user", "name"), ("user", "names"), ("screen", "name"), ("screen", "names"),
                ("full", "name"), ("display", "name"), ("reply", "to"))  # fmt: skip
"""How names of columns end that hold other people than the author: "in_reply_to_screen_name", "mentioned_users"."""
_ADDRESS_QUALITY = 0.6
_NUMBER_QUALITY = 0.75  # of "#"
_PLATFORM_ID_QUALITY = 0.55  # "Facebook Id" is more often the page's than the post's
_TWO_TEXTS = 0.9  # "content snippet"
_RANK_STEP = 0.001  # per place in the list of known names
_DEPTH_STEP = 0.02  # per object that a path goes through
_MAX_NAME_CHARS = 200  # a longer cell is no name
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GLUED = re.compile(
    r"^(like|digg|share|comment|reply|retweet|favorite|favourite|repost|reaction)(count|s?num)$"
)
_COMPOUND = re.compile(
    r"([a-z]{3,20}?)(?:s|n|en)?(name|naam|datum|zeitpunkt|zeit|tijdstip|tijd|text|tekst|nummer|nr|id|inhalt|titel)"
)
"""German and Dutch: "Kanalname", "Erscheinungsdatum", "Paginanaam"."""
_NUMBER_SIGN = re.compile(r"^n\.?[ \u00a0]?[º°]\.?|^№", re.IGNORECASE)
_GENDER = re.compile(r"[/*:_(]in(?:nen)?\)?$")  # "Autor/in"
_ABBREVIATION = re.compile(r"\.(?=\s)")
_NUMBERED = re.compile(r"[\s_./-]{0,3}\d{1,3}$|\[\d{1,3}\]$")


@lru_cache(maxsize=50_000)
def score_column_name(field: str, column: str) -> float:
    """Return how well a column's name names a field: from 0 for not at all to 1 for an exact name.

    Args:
        field: A key of `names.NAMES`.
        column: The column's name. The last part of a path such as "user.name" counts, the others are its context.
    """
    if len(column) > _MAX_NAME_CHARS:
        return 0.0
    outer, words = _parse(column)
    if column.strip() == "#":
        return _NUMBER_QUALITY if field == "post_id" else 0.0
    if not words or (field == "images" and NO_IMAGES & set(words)):
        return 0.0
    context = {word for part in outer for word in split_column_name(part)}
    if field == "author":
        return max(0.0, _match_author(words, context) - _DEPTH_STEP * len(outer))
    if field == "post_id" and not outer and _is_address(words):
        return _ADDRESS_QUALITY
    if field == "post_id" and len(words) > 1 and set(words) - {"id"} <= PLATFORMS:
        return _PLATFORM_ID_QUALITY
    best = _match_field(field, outer, words)
    if field != "images" and (PEOPLE - _WEAK_PEOPLE) & ({*words} | context):
        return 0.0
    if _is_of_another(field, words, context) and not _is_count(field, words):
        return 0.0
    return max(0.0, best - _DEPTH_STEP * len(outer))


def is_column_of_another_post(column: str) -> bool:
    """Return whether a column's name is that of another post, of an author, or of the collection: "collected at"."""
    outer, words = _parse(column[:_MAX_NAME_CHARS])
    context = {word for part in outer for word in split_column_name(part)}
    return bool((OTHER_POSTS | ANSWERS | (PEOPLE - _WEAK_PEOPLE)) & ({*words} | context))


@lru_cache(maxsize=20_000)
def is_column_of_people(column: str) -> bool:
    """Return whether a column's name says that its values name or identify people: "username", "reply_to_user_id".

    Counts of a person, such as "user_followers_count", and names that could be anything, such as "name", are none.
    """
    if score_column_name("author", column) > 0:
        return True
    outer, words = _parse(column[:_MAX_NAME_CHARS])
    context = {word for part in outer for word in split_column_name(part)}
    if "count" not in words and CONTACTS & {*words}:
        return True
    if COUNTING & {*words}:
        return False
    if (PEOPLE - _WEAK_PEOPLE) & ({*words} | context) and IDENTIFYING & {*words}:
        return True
    return any(words[-len(end) :] == end for end in _PERSON_ENDS)


def find_column_prefix(column: str) -> str:
    """Return the word for a post or comment, or the object, that a name begins with: "comment" of "comment_by"."""
    outer, words = _parse(column[:_MAX_NAME_CHARS])
    if outer:
        return outer[0].casefold()
    return words[0] if words and words[0] in POSTS | COMMENT_WORDS else ""


@lru_cache(maxsize=20_000)
def split_column_name(name: str) -> tuple[str, ...]:
    """Split a name into words without accents: "publicMetrics_likeCount" into public, metrics, like, count.

    A number at the end that counts columns is removed ("image 2", "images/0").
    """
    name = _NUMBERED.sub("", name) or name
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name.replace("ß", "ss")))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = _WORDS.findall(plain.casefold())
    return tuple(part for word in words for part in _split_compound(_GLUED.sub(r"\1 \2", word)))


def _split_compound(word: str) -> list[str]:
    """Split a German or Dutch compound of two known words; others stay whole."""
    found = _COMPOUND.fullmatch(word)
    if found is None:
        return word.split()
    end = found[2]
    stem = word[: -len(end)]
    return [stem, end] if found[1] in _STEMS or stem in _STEMS else [word]


@lru_cache(maxsize=1)
def _ranks() -> Mapping[str, Mapping[str, int]]:
    """Return the rank of each known name by field; 0 is the most specific. Names are joined without spaces."""
    return {
        field: {name.replace(" ", ""): rank for rank, name in reversed(list(enumerate(names)))}
        for field, names in NAMES.items()
    }


def _parse(column: str) -> tuple[list[str], tuple[str, ...]]:
    """Split a path into the names of its objects and the words of its last name."""
    column = _NUMBER_SIGN.sub("numero ", _GENDER.sub("", column.strip(" ./")))
    *outer, last = _ABBREVIATION.sub("", column).replace("/", ".").rsplit(".", 3)
    if last.isdecimal() and outer:  # "images/0"
        *outer, last = outer
    return outer, split_column_name(last)


def _is_count(field: str, words: tuple[str, ...]) -> bool:
    """Whether a name such as "reply count" or "reposts" counts something, although it mentions other posts."""
    return field in _COUNT_FIELDS and ("".join(words) in _ranks()[field] or bool(COUNTING & set(words)))


def _match_field(field: str, outer: list[str], words: tuple[str, ...]) -> float:
    """Match a name in the ways that its field has."""
    if field in _COUNT_FIELDS and outer and COUNTING.issuperset(words):  # "likes.summary.total_count"
        parts = map(split_column_name, reversed(outer))
        return _match_words(field, next((part for part in parts if not COUNTING.issuperset(part)), ()))
    if outer and _FORMS.issuperset(words):  # "content.rendered"
        words = split_column_name(outer[-1])
    best = _match_words(field, words)
    if field == "created_at":
        return max(best, _match_time(words))
    texts = _ranks()["text"]
    if field == "text" and len(words) > 1 and all(word in texts for word in words):
        return max(best, _TWO_TEXTS - _RANK_STEP * texts[words[-1]])
    return best


def _is_address(words: tuple[str, ...]) -> bool:
    """Whether a name is that of a post's address: "permalink", "Tweet URL"."""
    return "".join(words) in ADDRESSES or "".join(word for word in words if word not in POSTS) in ADDRESSES


def _is_of_another(field: str, words: tuple[str, ...], context: set[str]) -> bool:
    """Whether a name is that of another post, or of the collection."""
    others = OTHER_POSTS if field == "post_id" or len(words) < 2 else OTHER_POSTS | ANSWERS
    return bool(others & ({*words} | context))


def _match_words(field: str, words: tuple[str, ...]) -> float:
    """Match a name, or what is left of it without words that say nothing about the field."""
    counted = field in _COUNT_FIELDS
    subjects = POSTS | FILLERS | (COUNTING if counted else frozenset())
    subjects |= ANSWERS if field == "post_id" else frozenset()
    more = frozenset() if field == "comments" else COMMENT_WORDS
    variants = (
        (1.0, words),
        (0.98, tuple(word for word in words if word not in FILLERS)),
        (0.94, tuple(word for word in words if word not in subjects)),
        (0.9, tuple(word for word in words if word not in subjects | PLATFORMS)),
        (0.85, tuple(word for word in words if word not in subjects | PLATFORMS | more)),
    )
    known = _ranks()[field]
    matches = [
        quality - _RANK_STEP * known[name] for quality, kept in variants if (name := "".join(kept)) in known
    ]
    return max(matches, default=0.0)


def _match_time(words: tuple[str, ...]) -> float:
    """Match a time of a post in other words: "Publication date (EST)", "Hora de publicación", "Review date"."""
    kept = {*words} - FILLERS - PLATFORMS - ZONES
    if not kept & (TIMES | WRITTEN) or not kept <= TIMES | EVENTS | WRITTEN | POSTS | COMMENT_WORDS:
        return 0.0
    if not kept & TIMES:
        return 0.8
    return 0.97 if kept & (EVENTS | WRITTEN) else 0.9


def _match_author(words: tuple[str, ...], context: set[str]) -> float:
    """Match names such as "username", "user.name", "author_fullname", "channelTitle" and "Nom de la page"."""
    described = [word for word, before in zip(words, ("", *words), strict=False) if before != "unique"]
    if NO_AUTHORS & set(described):
        return 0.0
    people = PEOPLE & ({*words} | context)
    if len(words) == 1 and words[0] in NAME_WORDS and not context & PEOPLE:
        return 0.0
    best = _match_words("author", words)
    if BY & {*words} and (WRITTEN | BY).issuperset(words):
        best = max(best, 0.9)
    if people:
        rest = "".join(word for word in words if word not in PEOPLE | _NOISE)
        weak = 0.05 * people.issubset(_WEAK_PEOPLE)
        if not rest and (context & PEOPLE or (len(words) > 1 and PEOPLE.issuperset(words))):
            best = max(best, 0.85)
        elif rest in _HANDLES:
            best = max(best, 1.0)
        elif rest in _ranks()["author"]:
            best = max(best, 0.95 - weak - _RANK_STEP * _ranks()["author"][rest])
    return 0.0 if _is_of_another("author", words, context) else best
