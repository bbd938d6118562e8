"""Stable pseudonyms of people, posts and files: keyed hashes, which nobody can compute without the secret salt.

The hash is BLAKE2b with the salt as its key. Within one salt, a person has the same pseudonym in the author column,
in texts and in columns of the analyst's tables, so that reports can be joined; another salt gives other pseudonyms.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.attribution.ledger import WordValue
from analysis.exporters.found_names import find_names
from analysis.importers.matching import is_column_of_people
from analysis.wording import INVISIBLE

HIDDEN = "…"
"""What a word that belongs to a removed link is replaced by."""
_NAME_BYTES = 6
"""Two of a million names share a pseudonym with a probability of 0.2 %."""
_POST_BYTES = 8
"""Ids join rows, so two of a million posts may share a pseudonym only with a probability of 3e-8."""
_MIN_ID = 6
"""Characters of the shortest id that is replaced inside a value; shorter ones are often other numbers."""
_MAX_PATH = 150
"""Characters at the end of the path of a nested value that say whether it names a person."""
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class _Change:
    """A part of a text, and what replaces it."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Pseudonyms:
    """Replaces names by pseudonyms.

    Attributes:
        salt: The secret key of the hash, 32 random bytes.
    """

    salt: bytes = field(repr=False)

    def user(self, name: str) -> str:
        """Return the pseudonym of a person: "user_3f9a2c81d05b".

        Case, a leading "@", and invisible characters make no difference.
        """
        return f"user_{self._hash('user', normalise_name(name), _NAME_BYTES)}"

    def post(self, post_id: str) -> str:
        """Return the pseudonym of a post's id, which would lead to the post."""
        return f"post_{self._hash('post', post_id, _POST_BYTES)}"

    def file(self, name: str) -> str:
        """Return the pseudonym of a file's name, which may hold the name of an account."""
        return f"file_{self._hash('file', name, _NAME_BYTES)}"

    def text(self, text: str, author: str | None = None, post_id: str | None = None) -> str:
        """Replace the names in a text, and end links where they lead to a person.

        Args:
            text: Untrusted.
            author: The author of the post, who is replaced without a sign such as "@" too.
            post_id: An id that is replaced too.

        Returns:
            The text with pseudonyms; everything else is unchanged.
        """
        ids = [post_id] if post_id and len(post_id) >= _MIN_ID else []
        return self._replace(text, [_strip_sign(author)] if author else [], ids)

    def heading(self, text: str, authors: Sequence[str]) -> str:
        """Replace the names in a heading, and some authors without a sign such as "@" too."""
        return self._replace(text, [_strip_sign(author) for author in authors], ())

    def text_with_words(
        self, text: str, author: str | None, words: Sequence[WordValue]
    ) -> tuple[str, tuple[WordValue, ...]]:
        """Replace the names in a text, and move its words to their new places.

        Args:
            text: Untrusted.
            author: The author of the post.
            words: Words of the text with their offsets; those that begin or end within a name are dropped.

        Returns:
            The text as `text` returns it, and the remaining words.
        """
        changes = self._changes(text, [_strip_sign(author)] if author else [], ())
        published = _apply_changes(text, changes)
        moved = []
        for word in words:
            places = [_move(place, changes) for place in (word.start, word.end)]
            if None not in places:
                start, end = (place or 0 for place in places)
                moved.append(WordValue(published[start:end], start, end, word.value))
        return published, tuple(moved)

    def _replace(self, text: str, bare: Sequence[str], ids: Sequence[str]) -> str:
        return _apply_changes(text, self._changes(text, bare, ids))

    def _changes(self, text: str, bare: Sequence[str], ids: Sequence[str]) -> list[_Change]:
        return [
            _Change(found.start, found.end, found.lead + self._pseudonym(found.name, ids))
            for found in find_names(text, [*ids, *bare])
        ]

    def _pseudonym(self, name: str, ids: Sequence[str]) -> str:
        if not name:
            return ""
        return self.post(name) if name in ids else self.user(name)

    def top_words(
        self, words: Sequence[tuple[str, float]], text: str, author: str | None
    ) -> list[tuple[str, float]]:
        """Replace the names among the most influential words of a text.

        A word may be a part of a name, such as "smith" of "@ann.smith", or of a link. So a word that does not occur
        in the text with pseudonyms is replaced by the pseudonym of the name that it belongs to.
        """
        changes = self._changes(text, [_strip_sign(author)] if author else [], ())
        published = _apply_changes(text, changes)

        def hide(word: str) -> str:
            replaced = self.text(word, author)
            if replaced != word or word not in text or _occurs(word, published):
                return replaced
            parts = set(_WORDS.findall(word.casefold()))
            hidden = (
                each.new
                for each in changes
                if parts & set(_WORDS.findall(text[each.start : each.end].casefold()))
            )
            return next(hidden, HIDDEN) or HIDDEN

        return [(hide(word), value) for word, value in words]

    def own_value(self, value: Any, column: str, author: str | None, post_id: str | None) -> Any:
        """Replace the names in a value of a column of the analyst's own table.

        Args:
            value: A JSON value.
            column: The column's name; values of a column such as "username" are names of people.
            author: The author of the post.
            post_id: The id of the post.
        """
        try:
            return self._own_value(value, column, author, post_id)
        except RecursionError:  # nested by someone hostile
            return HIDDEN

    def _own_value(self, value: Any, path: str, author: str | None, post_id: str | None) -> Any:
        if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
            return value
        if isinstance(value, dict):
            return {
                self.text(key, author, post_id): self._own_value(
                    each, f"{path}.{key}"[-_MAX_PATH:], author, post_id
                )
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._own_value(each, path, author, post_id) for each in value]
        text = value if isinstance(value, str) else json.dumps(value)
        if isinstance(value, str) and (nested := _parse_nested(text)) is not None:
            hidden = self._own_value(nested, path, author, post_id)
            return value if hidden == nested else json.dumps(hidden, ensure_ascii=False)
        if is_column_of_people(path) or (author and normalise_name(text) == normalise_name(author)):
            return self.user(text)
        replaced = self.text(text, author, post_id)
        return value if replaced == text else replaced

    def _hash(self, kind: str, text: str, size: int) -> str:
        content = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, key=self.salt, digest_size=size, person=kind.encode()).hexdigest()


def _apply_changes(text: str, changes: Sequence[_Change]) -> str:
    parts, done = [], 0
    for change in changes:
        parts += [text[done : change.start], change.new]
        done = change.end
    return "".join([*parts, text[done:]])


def _move(place: int, changes: Sequence[_Change]) -> int | None:
    """Return where a place in a text is after changes; None if it is inside of one."""
    moved = place
    for change in changes:
        if change.start < place < change.end:
            return None
        if change.end <= place and change.start < place:
            moved += len(change.new) - (change.end - change.start)
    return moved


def _occurs(word: str, text: str) -> bool:
    """Return whether a word occurs in a text and is not part of a longer one; signs and emoji may touch others."""
    start = text.find(word) if word else -1
    while start >= 0:
        around = (text[max(start - 1, 0) : start], text[start + len(word) :][:1])
        if not any(
            edge.isalnum() and each.isalnum() for edge, each in zip((word[0], word[-1]), around, strict=True)
        ):
            return True
        start = text.find(word, start + 1)
    return False


def normalise_name(name: str) -> str:
    """Write equal names equally: without invisible characters and "@", in folded case."""
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", name))
    return _strip_sign(plain).casefold().replace("i\u0307", "i")  # of İ, which DuckDB lowers to a plain i


def _strip_sign(name: str) -> str:
    return name.strip().lstrip("@\uff20").strip()


def _parse_nested(text: str) -> Any:
    """Parse a cell that holds JSON; None for others."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict | list) else None
