"""The registry of importers: every module of this package with an `IMPORTER`, and those that callers register."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.importers.importer import Importer
from analysis.registry import Registry

_CERTAIN = 0.8  # confidence from which a file of any name is a table
_registry = Registry("analysis.importers", "IMPORTER", Importer)


def register_importer(module: str) -> Importer:
    """Add the importer of a module outside this package.

    Worker processes import the module too, so it must be importable by name and should import little.

    Args:
        module: Its full name; its importer must be called `IMPORTER`.

    Returns:
        The importer, which replaces an earlier one of the same name.

    Raises:
        ImportError: There is no such module.
        AttributeError: It has no `IMPORTER`.
        TypeError: Its `IMPORTER` is not an `Importer`.
    """
    return _registry.register(module)


def unregister_importer(module: str) -> None:
    """Remove the importer of a module that was given to `register_importer`."""
    _registry.unregister(module)


def list_registered_importers() -> list[str]:
    """Return the modules given to `register_importer`; a worker process registers the same ones."""
    return list(_registry.modules)


def set_registered_importers(modules: Iterable[str]) -> None:
    """Register exactly these modules."""
    if (wanted := list(modules)) != _registry.modules:
        _registry.modules.clear()
        for module in wanted:
            register_importer(module)


def list_importers() -> list[Importer]:
    """Return all importers, those of this package first."""
    return list({importer.name: importer for importer in _registry.all()}.values())


def find_importer(suffix: str, head: bytes) -> Importer | None:
    """Return the importer that most certainly reads a file; None if none recognises it.

    Args:
        suffix: Of the file's name, in lower case.
        head: Its first `SNIFF_BYTES` or more.
    """
    best = max(list_importers(), key=lambda importer: importer.confidence(suffix, head))
    return best if best.confidence(suffix, head) else None


def get_importer(name: str) -> Importer:
    """Return an importer by its name.

    Raises:
        ValueError: There is none of this name; the message lists all.
    """
    found = {importer.name: importer for importer in list_importers()}
    if name not in found:
        raise ValueError(f"{name!r} is no format. The formats are {', '.join(sorted(found))}.")
    return found[name]


def is_table_by_content(head: bytes) -> bool:
    """Return whether an importer recognises a file by its first bytes alone."""
    return any(importer.sniff(head) >= _CERTAIN for importer in list_importers())


def table_suffixes() -> frozenset[str]:
    """Return the suffixes of all files that importers read."""
    return frozenset().union(*(importer.suffixes for importer in list_importers()))


def packed_suffixes() -> frozenset[str]:
    """Return the suffixes of compressed tables."""
    return frozenset().union(*(importer.suffixes for importer in list_importers() if importer.packed))


def table_labels() -> str:
    """List the labels of the importers of files with suffixes for a message: "CSV, TSV, JSON, NDJSON and XLSX"."""
    labels = (importer.label for importer in list_importers() if importer.suffixes)
    *first, last = ", ".join(labels).rsplit(", ", 1)
    return " and ".join([*first, last])
