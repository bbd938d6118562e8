"""An importer for files of one text per line, registered by tests."""

from __future__ import annotations

from analysis.importers import ImportedRows, Importer
from analysis.settings import Settings


def read_lines(content: bytes, settings: Settings) -> ImportedRows:
    lines = content.decode().splitlines()[1:]
    return ImportedRows(["text"], {number: [line] for number, line in enumerate(lines, 1)}, notes=["dummy"])


IMPORTER = Importer(
    name="dummy",
    label="Dummy",
    suffixes=frozenset({".dummy"}),
    read=read_lines,
    sniff=lambda head: 0.9 if head.startswith(b"DUMMY") else 0.0,
)
