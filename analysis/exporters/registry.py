"""The formats that a report of posts can have. To add one, write its function and register it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

import pandas as pd

from analysis.columns import Column

Write = Callable[[Iterable[pd.DataFrame], Sequence[Column], IO[bytes]], int]
"""Writes chunks of typed values (`analysis.exporters.report.typed_chunks`), their columns' declarations, and the file
to write to, which is left open; returns the number of posts."""


@dataclass(frozen=True)
class Exporter:
    """One format of a report.

    Attributes:
        name: Such as "csv".
        label: Its name for people, such as "CSV".
        suffix: Of its files, with the dot.
        media_type: For browsers.
        write: Writes a report.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    write: Write


_exporters: dict[str, Exporter] = {}


def register(exporter: Exporter) -> None:
    """Add a format: `postlens score` writes it to files of its suffix, and the Report page offers it.

    Raises:
        ValueError: Another format has its name or its suffix.
    """
    for other in _exporters.values():
        if exporter.name == other.name or exporter.suffix == other.suffix:
            raise ValueError(f"{other.label} has the name or the suffix of {exporter.label}")
    _exporters[exporter.name] = exporter


def exporters() -> tuple[Exporter, ...]:
    """List the registered formats; the first is the default."""
    return tuple(_exporters.values())


def exporter_of(path: PurePath) -> Exporter:
    """Find the format of a file by its suffix; the default one for a suffix that none has."""
    found = (exporter for exporter in exporters() if exporter.suffix == path.suffix.lower())
    return next(found, exporters()[0])
