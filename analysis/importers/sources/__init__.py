"""Sources: tools and platforms whose exports are recognised by their columns. One module for each, and a registry.

A module of this package with a constant `SOURCE` (see `source`) is a source. An unknown table is mapped by
`analysis.importers.guess`.
"""

from __future__ import annotations

from typing import Any

from analysis.importers.importer import ImportedRows
from analysis.importers.sources.source import Source
from analysis.registry import Registry

_registry = Registry("analysis.importers.sources", "SOURCE", Source)


def list_sources() -> list[Source]:
    """Return all sources."""
    return _registry.all()


def get_source(name: str) -> Source:
    """Return the source of a name.

    Raises:
        ValueError: There is none; the message lists the known names.
    """
    known = {source.name: source for source in list_sources()}
    if name not in known:
        raise ValueError(f"{name!r} is not a known source. Use one of: {', '.join(sorted(known))}.")
    return known[name]


def find_source(imported: ImportedRows) -> Source | None:
    """Return the source of a table: the one that most columns recognise; None if none does."""
    matches = {source.name: source.match(imported) for source in list_sources()}
    found = max(list_sources(), key=lambda source: matches[source.name], default=None)
    return found if found is not None and matches[found.name] else None


def open_source_document(document: Any) -> tuple[list[Any], Source] | None:
    """Return the records of a JSON document in the form of a source, and the source; None for other documents."""
    for source in list_sources():
        if source.open is not None and (records := source.open(document)) is not None:
            return records, source
    return None


__all__ = ["Source", "find_source", "get_source", "list_sources", "open_source_document"]
