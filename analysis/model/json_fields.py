"""Reads values from a JSON object, and checks the type and range of each.

Used for config.json, which is untrusted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from analysis.errors import BundleError

MAX_ENTRIES = 1_000
"""Most entries of a list of strings."""
_MAX_CHARS = 1_000
_MAX_INTEGER = 2**20
"""Limit for integers in an architecture; the largest are vocabulary sizes of about 256,000."""
_MAX_DEPTH = 8
_CONTROL_CHARS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EMPTY: Mapping[str, Any] = {}


class Fields:
    """The fields of one JSON object; tracks which ones were read.

    Args:
        path: Path of the object in the file, such as "heads.topic".
        values: The object.
    """

    def __init__(self, path: str, values: object) -> None:
        self.path = path
        if not isinstance(values, Mapping):
            raise config_error(path or "It", "must be a JSON object")
        self.values: Mapping[str, Any] = values
        self._read: set[str] = set()

    def fields(self, name: str, default: object = None) -> Fields:
        """Return a nested object."""
        return Fields(self._at(name), self._get(name, default))

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string without line breaks and control characters."""
        return self._text(self._at(name), self._get(name, default))

    def name(self, name: str, form: re.Pattern[str]) -> str:
        """Return a string that matches a pattern."""
        value = self.text(name)
        if not form.fullmatch(value):
            raise config_error(self._at(name), "must contain only letters, digits and hyphens")
        return value

    def choice(self, name: str, known: Collection[str], default: str | None = None) -> str:
        """Return a string that must be one of `known`."""
        value = self.text(name, default)
        if value not in known:
            raise config_error(
                self._at(name), f"has the unknown value {value[:40]!r}; use one of {', '.join(known)}"
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise config_error(self._at(name), "must be true or false")
        return value

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer in a range."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise config_error(self._at(name), f"must be a whole number from {low:,} to {high:,}")
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number in a range."""
        return self._number(self._at(name), self._get(name, default), low, high)

    def numbers(
        self, name: str, low: float, high: float, default: tuple[float, ...], counts: Collection[int]
    ) -> tuple[float, ...]:
        """Return a list of numbers in a range."""
        values = self._list(name, default)
        if len(values) not in counts:
            allowed = (
                f"{min(counts):,} to {max(counts):,}" if isinstance(counts, range) else _join_counts(counts)
            )
            raise config_error(self._at(name), f"must be {allowed} numbers")
        return tuple(self._number(self._at(name), value, low, high) for value in values)

    def texts(
        self, name: str, default: tuple[str, ...] | None = None, form: re.Pattern[str] | None = None
    ) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._list(name, default)
        if len(values) > MAX_ENTRIES:
            raise config_error(self._at(name), f"must be at most {MAX_ENTRIES:,} strings")
        texts = tuple(self._text(self._at(name), value) for value in values)
        if form and not all(form.fullmatch(text) for text in texts):
            raise config_error(self._at(name), "must contain only letters, digits and hyphens")
        return texts

    def choices(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Return a list of strings that must all be in `known`."""
        found = self.texts(name, ())
        if not set(found) <= set(known):
            raise config_error(self._at(name), f"may only contain {', '.join(known)}")
        return found

    def plain_json(self, name: str) -> Mapping[str, Any]:
        """Return an object of plain JSON values, with limits on numbers and depth."""
        values = self.fields(name, _EMPTY).values
        _check_plain(self._at(name), values, _MAX_DEPTH)
        return values

    def finish(self, optional: Iterable[str] = ()) -> None:
        """Reject fields that were not read and are not in `optional`."""
        if unknown := sorted(set(self.values) - self._read - set(optional)):
            raise config_error(self._at(unknown[0][:40]), "is unknown")

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _get(self, name: str, default: object) -> Any:
        self._read.add(name)
        value = self.values.get(name, default)
        if value is None:
            raise config_error(self._at(name), "is missing")
        return value

    def _list(self, name: str, default: tuple[Any, ...] | None) -> Collection[Any]:
        values = self._get(name, default)
        if not isinstance(values, (list, tuple)):
            raise config_error(self._at(name), "must be a list")
        return values

    def _text(self, at: str, value: object) -> str:
        if not isinstance(value, str) or _CONTROL_CHARS.search(value) or len(value) > _MAX_CHARS:
            raise config_error(at, f"must be text on one line, at most {_MAX_CHARS:,} characters")
        return value

    def _number(self, at: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise config_error(at, f"must be a number from {low:g} to {high:g}")
        return float(value)


def _check_plain(at: str, value: object, depth: int) -> None:
    if isinstance(value, Mapping) and depth:
        for name, each in value.items():
            _check_plain(f"{at}.{name[:40]}", each, depth - 1)
    elif isinstance(value, (list, tuple)) and depth:
        for each in value:
            _check_plain(at, each, depth - 1)
    elif (
        isinstance(value, (bool, str))
        or value is None
        or (isinstance(value, int) and abs(value) <= _MAX_INTEGER)
    ):
        return
    elif not isinstance(value, float) or not math.isfinite(value):
        raise config_error(at, f"must be text, a number up to {_MAX_INTEGER:,}, or a list or object of these")


def _join_counts(counts: Collection[int]) -> str:
    return " or ".join(str(count) for count in counts)


def config_error(at: str, fact: str) -> BundleError:
    """Return the error of an invalid value; `at` is its path in the file."""
    return BundleError("config.json", f"is invalid: {at} {fact}", "Use a bundle written by `postlens train`.")
