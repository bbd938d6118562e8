"""The registry of importers: every module of this package with an `IMPORTER`, and those that callers register."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from analysis.importers.importer import Importer

_DEFAULT = "delimited"
_registered: dict[str, str] = {}  # modules that callers registered, by their importer's name


def register(module: str) -> Importer:
    """Add the importer of a module outside this package.

    Worker processes import the module too, so it must be importable by name and should import little.

    Args:
        module: Its full name; its importer must be called `IMPORTER`.

    Returns:
        The importer, which replaces an earlier one of the same name.
    """
    importer = _importer_of(module)
    _registered[importer.name] = module
    return importer


def unregister(name: str) -> None:
    """Remove an importer that `register` added."""
    del _registered[name]


def registered_modules() -> list[str]:
    """Return the modules given to `register`; a worker process registers the same ones."""
    return list(_registered.values())


def set_registered(modules: Iterable[str]) -> None:
    """Register exactly these modules."""
    if (wanted := list(modules)) != registered_modules():
        _registered.clear()
        for module in wanted:
            register(module)


def importers() -> list[Importer]:
    """Return all importers, those of this package first."""
    found = _built_in() | {name: _importer_of(module) for name, module in _registered.items()}
    return list(found.values())


def find_importer(suffix: str, head: bytes) -> Importer:
    """Return the importer with the highest confidence for a file; delimited text if none recognises it.

    Args:
        suffix: Of the file's name, in lower case.
        head: Its first bytes.
    """
    best = max(importers(), key=lambda importer: importer.confidence(suffix, head))
    return best if best.confidence(suffix, head) else _built_in()[_DEFAULT]


def table_suffixes() -> frozenset[str]:
    """Return the suffixes of all files that importers read."""
    return frozenset().union(*(importer.suffixes for importer in importers()))


def packed_suffixes() -> frozenset[str]:
    """Return the suffixes of compressed tables."""
    return frozenset().union(*(importer.suffixes for importer in importers() if importer.packed))


def table_labels() -> str:
    """List the labels of all importers for a message: "CSV, TSV, JSON, NDJSON and XLSX"."""
    *first, last = ", ".join(importer.label for importer in importers()).rsplit(", ", 1)
    return " and ".join([*first, last])


@cache
def _built_in() -> dict[str, Importer]:
    package = import_module("analysis.importers")
    modules = (
        import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
    )
    found = [module.IMPORTER for module in modules if hasattr(module, "IMPORTER")]
    return {importer.name: importer for importer in found}


def _importer_of(module: str) -> Importer:
    importer = import_module(module).IMPORTER
    if not isinstance(importer, Importer):
        raise TypeError(f"IMPORTER of {module} is not an Importer")
    return importer
