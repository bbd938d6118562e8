"""Guesses which column of a table holds each field of a post, from the columns' names and their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

from analysis.importers.matching import (
    find_column_prefix,
    is_column_of_another_post,
    score_column_name,
    split_column_name,
)
from analysis.importers.names import NAMES, PLATFORMS

SAMPLE_ROWS = 200
"""Rows whose values are looked at."""
_EXACT = 0.97  # confidence of names that are in the lists without other words
_ALL = 0.9  # share of values that counts as all
_IMAGE_WORDS = frozenset({"image", "images", "img", "picture", "pictures", "photo", "photos"})
_SAME_SUBJECT = 0.12
_FEW_PHRASES = 0.1  # share of values
_SEVERAL = 3  # values
_MEDIA = PLATFORMS | frozenset(
    {"blog", "blogs", "news", "forum", "forums", "web", "online", "print", "tv", "radio"}
)
_BY_NAME = 0.5  # confidence from which a name alone decides
_YES_NO = "true false yes no ja nein oui non si sim nao verdadero falso vrai faux wahr falsch"
_FLAGS = frozenset(_YES_NO.split())
_NUMBER = re.compile(r"[+-]?\d[\d.,'’\u00a0\u202f ]*(?:[eE][+-]?\d+)?\s?%?")
_COUNT = re.compile(r"[+-]?\d[\d.,'’\u00a0\u202f ]*\s?(?:[kKmMbB]|Tsd\.?|Mio\.?|mil|mill?\.?)?")
_TIME = re.compile(
    r"\d{9,16}(?:\.\d+)?|\d{18,19}|\d{8}(?:T\d{4,6}.{0,9})?|[45]\d{4}(?:\.\d+)?|.*(?<!\d)(?:19|20)\d\d(?!\d).*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*|.*\d{1,2}:\d\d.*",
    re.DOTALL,
)
_MOMENT = re.compile(
    r"\d{9,16}(?:\.\d+)?|.{0,40}\d[-./ ,T].{0,20}\d{1,2}:\d\d.{0,40}|[45]\d{4}\.\d+", re.DOTALL
)
_IMAGE = re.compile(
    r"\.(?:jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|heic|heif|image)(?:[?#:][^\s]*)?(?=$|[\s,;|\"'\]}])",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"[\d./\\]")
_URL = re.compile(r"[\s\"'\[{]*https?://\S+", re.IGNORECASE)
_FOLLOWERS = frozenset({"followers", "follower", "abonnes", "seguidores", "volgers"})
_FOLLOWING = frozenset(
    {"following", "followed", "friends", "joined", "abonnements", "seguidos", "gefolgt", "volgend"}
)
_ABOUT = frozenset(
    {"description", "bio", "about", "beschreibung", "descripcion", "descricao", "descrizione", "omschrijving"}
)
_EVENT = re.compile(r"creat|publi|post", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Guess:
    """Why a column is taken for a field.

    Attributes:
        column: Its name.
        confidence: From 0 to 1.
        why: The reason in words, to follow the column's name.
    """

    column: str
    confidence: float
    why: str


@dataclass(frozen=True)
class _Values:
    """What the values of a column look like. Shares are of the values that are not blank."""

    count: int
    distinct: float
    numbers: float
    counts: float
    times: float
    moments: float  # times with a day and an hour, or seconds since 1970
    flags: float
    images: float
    addresses: float
    file_names: float  # values that may be names of files: with a digit, a point or a slash, and no numbers
    words: float  # per value
    phrases: float  # with a space between words, unlike names and email addresses
    platforms: float  # names of platforms and kinds of media
    longest: int

    @property
    def are_text(self) -> bool:
        return self.numbers < 0.5 and self.addresses < 0.8 and not (self.flags > 0.9 and self.count > 0)

    @property
    def are_alike(self) -> bool:
        return self.count >= _SEVERAL and self.distinct * self.count < 1.5


def guess_fields(
    columns: Sequence[str], sample: Mapping[str, Sequence[str]] | None = None
) -> dict[str, tuple[Guess, ...]]:
    """Guess which columns hold the fields of a post.

    A name decides, unless the values contradict it: a column of true and false is never the text. Without a known
    name, values do: the column with sentences is the text, one with names of image files holds images.

    Args:
        columns: The table's column names.
        sample: Values of each column, "" where blank; None to guess from names alone.

    Returns:
        Guesses by field, the best first; only images can have more than one column that counts.
    """
    values = {name: _values(sample[name]) for name in columns} if sample else {}
    found: dict[str, tuple[Guess, ...]] = {}
    subject = ""  # of the texts, such as "comment"
    for field in sorted(NAMES, key=lambda name: name != "text"):
        guesses = [
            Guess(name, quality, "its name")
            for name in columns
            if (quality := score_column_name(field, name)) >= _BY_NAME
            and (_plausible(field, values.get(name)) or _is_sure(field, name, quality, values[name]))
        ]
        guesses.sort(key=partial(_order, field, subject, values))
        found[field] = tuple(guesses)
        if field == "text" and guesses:
            subject = find_column_prefix(guesses[0].column)
    if _are_accounts(columns, found):
        found["text"] = ()
        return found
    if values:
        _guess_by_values(columns, values, found)
    return found


def _are_accounts(columns: Sequence[str], found: Mapping[str, Sequence[Guess]]) -> bool:
    """Whether a table is one of accounts: of followers, followed ones and descriptions without times or images."""
    if not found["text"] or found["created_at"] or found["images"]:
        return False
    words = {word for name in columns for word in split_column_name(name)}
    return (
        bool(_FOLLOWERS & words)
        and bool(_FOLLOWING & words)
        and not _ABOUT.isdisjoint(split_column_name(found["text"][0].column))
    )


def _order(field: str, subject: str, values: Mapping[str, _Values], guess: Guess) -> tuple[float, float]:
    """Order guesses from the best: by their weight, which is higher for columns of the same thing as the texts."""
    same = bool(subject) and find_column_prefix(guess.column) == subject
    return -_weight(field, guess, values) - _SAME_SUBJECT * same, -guess.confidence


def _weight(field: str, guess: Guess, values: Mapping[str, _Values]) -> float:
    """Prefer columns with values over blank ones, and texts with words over those without."""
    seen = values.get(guess.column)
    if seen is None or not seen.count:
        return guess.confidence - (0.5 if values else 0)
    weight = guess.confidence
    if field == "text":
        weight += 0.2 * min(seen.words, 10) / 10 - (0.3 if seen.words < 1 else 0)
        weight -= 0.1 * (seen.phrases < _FEW_PHRASES)  # such as a status
    if field == "author":
        weight -= 0.3 * (seen.numbers > 0.5) + 0.2 * (seen.platforms > 0.5)
    if field == "author" and seen.are_alike:
        weight -= 0.1  # rather the account that the posts were collected from
    if field == "post_id":
        weight -= 0.3 * (seen.distinct < 0.5)
    if field == "created_at":
        weight += 0.2 * seen.moments + 0.05 * (seen.numbers > 0.9)  # seconds since 1970 have no zone to guess
    return weight


def _plausible(field: str, seen: _Values | None) -> bool:
    """Whether the values of a column do not contradict a field."""
    if seen is None or not seen.count:
        return True
    checks: Mapping[str, Callable[[_Values], bool]] = {
        "text": lambda values: values.are_text and not values.are_alike,
        "images": lambda values: (
            values.images > 0.1
            or ((values.addresses > 0.5 or values.file_names >= 0.5) and not values.are_alike)
        ),
        "created_at": lambda values: values.times >= 0.5,
        "likes": lambda values: values.counts >= 0.5,
        "shares": lambda values: values.counts >= 0.5,
        "comments": lambda values: values.counts >= 0.5,
        "author": lambda values: values.addresses < 0.5 and values.flags < 1,
        "post_id": lambda values: (
            ((values.words < 4 and values.flags < 1) or values.count < _SEVERAL)
            and (values.addresses < 0.5 or values.distinct == 1)  # comments on a post have its address
        ),
    }
    return checks[field](seen)


def _is_sure(field: str, name: str, quality: float, seen: _Values) -> bool:
    """Whether a name is so exact that the values need only not be flags: "text", "image_1"."""
    exact = field == "text" or (field == "images" and bool(_IMAGE_WORDS & set(split_column_name(name))))
    return exact and quality >= _EXACT and seen.flags < _ALL


def _guess_by_values(
    columns: Sequence[str], values: Mapping[str, _Values], found: dict[str, tuple[Guess, ...]]
) -> None:
    """Add guesses for texts, images and times that no name gives."""
    used = {guesses[0].column for guesses in found.values() if guesses}
    free = [name for name in columns if name not in used and values[name].count]
    if not found["text"]:
        texts = [
            name
            for name in free
            if values[name].are_text
            and values[name].words >= 2
            and values[name].phrases >= 0.5
            and values[name].images < 0.5
        ]
        if texts:
            best = max(texts, key=lambda name: values[name].words * (0.2 + values[name].distinct))
            found["text"] = (Guess(best, 0.4, "its values, which are sentences"),)
            free.remove(best)
    if not found["images"]:
        found["images"] = tuple(
            Guess(name, 0.4, "its values, which name image files")
            for name in free
            if values[name].images >= 0.5
            and values[name].words < 6
            and score_column_name("author", name) < _BY_NAME
            and "avatar" not in name.casefold()
            and "profile" not in name.casefold()
        )
    if not found["created_at"]:
        times = [
            name
            for name in free
            if values[name].times >= 0.9
            and values[name].numbers < 0.5
            and values[name].longest < 40
            and not is_column_of_another_post(name)
        ]
        if times:
            best = max(times, key=lambda name: bool(_EVENT.search(name)))
            found["created_at"] = (Guess(best, 0.4, "its values, which are times"),)


def _values(cells: Sequence[str]) -> _Values:
    present = [cell.strip()[:2_000] for cell in cells[:SAMPLE_ROWS] if cell.strip()]
    count = len(present)
    if not count:
        return _Values(*[0] * len(fields(_Values)))

    def share(test: Callable[[str], object]) -> float:
        return sum(bool(test(cell)) for cell in present) / count

    return _Values(
        count=count,
        distinct=len(set(present)) / count,
        numbers=share(_NUMBER.fullmatch),
        counts=share(
            lambda cell: _COUNT.fullmatch(cell) or cell in ("-", "N/A", "n/a", "null", "None", "nan")
        ),
        times=share(lambda cell: len(cell) < 80 and _TIME.fullmatch(cell)),
        moments=share(lambda cell: len(cell) < 64 and _MOMENT.fullmatch(cell)),
        flags=share(lambda cell: cell.casefold() in _FLAGS),
        images=share(_IMAGE.search),
        addresses=share(_URL.match),
        file_names=share(lambda cell: _FILE_NAME.search(cell) and not _NUMBER.fullmatch(cell)),
        words=sum(len(_LETTERS.findall(cell)) for cell in present if not _URL.fullmatch(cell)) / count,
        phrases=share(lambda cell: len(cell.split()) > 1),
        platforms=share(lambda cell: cell.casefold() in _MEDIA),
        longest=max(map(len, present)),
    )
