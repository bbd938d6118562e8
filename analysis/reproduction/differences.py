"""What differs between a manifest and the present: versions, settings, counts, and the rows of two CSV files."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from analysis.errors import PostLensError
from analysis.importers.dialects import MAX_FIELD_CHARS
from analysis.wording import format_posts, make_printable

_LISTED = 10  # columns in a line
_LISTED_VALUES = 50
_SHOWN = 60  # characters of a cell


@dataclass(frozen=True)
class Difference:
    """Something that is not as the manifest says.

    Attributes:
        kind: "input", "bundle", "salt", "engine", "versions", "settings", "mapping", "counts" or "report".
        text: What differs, as a sentence without a full stop; it may quote untrusted names.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        """Write it on one line, without characters that could change what a terminal shows."""
        return make_printable(f"{self.kind}: {self.text}")


def compare_values(kind: str, recorded: Mapping[str, Any], present: Mapping[str, Any]) -> list[Difference]:
    """Compare named values, such as versions.

    Args:
        kind: See `Difference`.
        recorded: Those of the manifest.
        present: Those of this computer.
    """
    names = [name for name in dict.fromkeys((*recorded, *present)) if recorded.get(name) != present.get(name)]
    listed = [
        Difference(
            kind,
            f"{_cut(name)} is {_name(present.get(name))} here, {_name(recorded.get(name))} in the manifest",
        )
        for name in names[:_LISTED_VALUES]
    ]
    more = len(names) - _LISTED_VALUES
    return [*listed, *([Difference(kind, f"{more:,} more {_differ(more)}")] if more > 0 else [])]


def compare_csv_files(original: Path, again: Path) -> list[Difference]:
    """Name the first row and the columns in which two reports differ.

    Args:
        original: The report of the manifest, which may come from anywhere.
        again: The report that was made again.

    Raises:
        PostLensError: The original cannot be read as CSV.
        OSError: The other report cannot be read.
    """
    with (
        _long_fields(),
        closing(_read_original(original)) as expected,
        closing(_read_rows(again)) as found,
    ):
        return list(_compare_rows(expected, found))


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let `csv` read long fields, as importers do."""
    before = csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_original(path: Path) -> Generator[list[str]]:
    try:
        yield from _read_rows(path)
    except (OSError, ValueError, csv.Error) as error:
        raise PostLensError(
            str(path), f"cannot be read as a CSV report: {error}", "Give the original report."
        ) from error


def _read_rows(path: Path) -> Generator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


def _compare_rows(expected: Iterator[list[str]], found: Iterator[list[str]]) -> Iterator[Difference]:
    names, names_here = next(expected, []), next(found, [])
    if names != names_here:
        yield from _compare_headers(names, names_here)
        return
    first: Difference | None = None
    differing: Counter[str] = Counter()
    largest: dict[str, float] = {}
    rows = 0
    for number, (before, now) in enumerate(zip_longest(expected, found), start=1):
        if before == now:
            continue
        if before is None or now is None:
            place = "is missing" if now is None else "is not in the original"
            first = first or Difference(
                "report", f"row {number:,} ({_post_of(names, before or now)}) {place}"
            )
            rows += 1
            continue
        changed = [(name, a, b) for name, a, b in zip_longest(names, before, now, fillvalue="") if a != b]
        first = first or _describe_first(number, names, before, changed)
        rows += 1
        for name, a, b in changed:
            differing[name] += 1
            largest[name] = max(largest.get(name, 0.0), _distance(a, b))
    if first is None:
        yield Difference(
            "report", "all cells are equal, but the files differ in line ends, quotes or encoding"
        )
        return
    yield first
    listed = [f"{name} ({_describe_size(count, largest[name])})" for name, count in differing.most_common()]
    if listed:
        yield Difference("report", f"{format_posts(rows)} {_differ(rows)}, in {_name_columns(listed)}")


def _compare_headers(names: Sequence[str], names_here: Sequence[str]) -> Iterator[Difference]:
    missing = [name for name in names if name not in names_here]
    more = [name for name in names_here if name not in names]
    if missing:
        yield Difference("report", f"columns that are missing: {_join(missing)}")
    if more:
        yield Difference("report", f"columns that are not in the original: {_join(more)}")
    if not missing and not more:
        yield Difference("report", "the columns are in another order")


def _describe_first(
    number: int, names: Sequence[str], row: Sequence[str], changed: Sequence[tuple[str, str, str]]
) -> Difference:
    name, before, now = changed[0]
    columns = _join([each for each, _, _ in changed])
    return Difference(
        "report",
        f"the first row that differs is row {number:,} ({_post_of(names, row)}), in {columns}: {name} is "
        f"{_cut(now)!r} here, {_cut(before)!r} in the original",
    )


def _post_of(names: Sequence[str], row: Sequence[str] | None) -> str:
    cells = dict(zip(names, row or (), strict=False))
    return f"post_id {_cut(cells['post_id'])}" if "post_id" in cells else "without post_id"


def _distance(before: str, now: str) -> float:
    """Return how far two cells are apart; infinity if they are not numbers."""
    try:
        distance = abs(float(before) - float(now))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(distance) else distance


def _describe_size(count: int, largest: float) -> str:
    return format_posts(count) + (f", by at most {largest:.2g}" if math.isfinite(largest) else "")


def _differ(count: int) -> str:
    return "differs" if count == 1 else "differ"


def _name_columns(listed: Sequence[str]) -> str:
    return f"the column{'s' * (len(listed) != 1)} {_join(listed)}"


def _join(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(map(_cut, names[:_LISTED])) + (f" and {more:,} more" if more > 0 else "")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _name(value: object) -> str:
    return "not known" if value is None else _cut(str(value))
