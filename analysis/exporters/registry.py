"""The registry of exporters: every module of this package with an `EXPORTER`, and those that callers register."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from analysis.errors import PostLensError
from analysis.exporters.exporter import Exporter
from analysis.registry import Registry

_DEFAULT = "analysis.exporters.csv_report"
_registry = Registry("analysis.exporters", "EXPORTER", Exporter)

E = TypeVar("E", bound=Exporter)


def register_exporter(module: str) -> Exporter:
    """Add the exporter of a module outside this package.

    Args:
        module: Its full name; the module defines the exporter as `EXPORTER`.

    Returns:
        The exporter.

    Raises:
        ImportError: There is no such module.
        AttributeError: It has no `EXPORTER`.
        TypeError: Its `EXPORTER` is not an `Exporter`.
        ValueError: Another exporter of its kind has its name or one of its suffixes.
    """
    added = _registry.load(module)
    for other in list_exporters(type(added)):
        if other.name == added.name or set(other.suffixes) & set(added.suffixes):
            raise ValueError(f"{other.label} has the name or a suffix of {added.label}")
    return _registry.register(module)


def unregister_exporter(module: str) -> None:
    """Remove the exporter of a module that was given to `register_exporter`."""
    _registry.unregister(module)


def list_exporters(kind: type[E]) -> list[E]:
    """Return all exporters of a kind; the first is the default.

    Args:
        kind: Such as `ReportExporter`; `Exporter` for all kinds.
    """
    default = _registry.load(_DEFAULT)
    found = sorted(_registry.all(), key=lambda exporter: exporter != default)
    return [exporter for exporter in found if isinstance(exporter, kind)]


def format_exporter_suffixes(kind: type[Exporter]) -> str:
    """List the file suffixes of a kind for a message: ".csv, .jsonl or .xlsx"."""
    *first, last = (suffix for exporter in list_exporters(kind) for suffix in exporter.suffixes)
    return " or ".join([*([", ".join(first)] if first else []), last])


def get_exporter(path: Path, kind: type[E]) -> E:
    """Find the exporter for a file by its suffix; the default for a pipe or device without a suffix.

    Args:
        path: The file.
        kind: Such as `ReportExporter`.

    Raises:
        PostLensError: No exporter of this kind has the suffix.
    """
    known = list_exporters(kind)
    suffix = path.suffix.lower()
    for exporter in known:
        if suffix in exporter.suffixes:
            return exporter
    if not suffix and (path.is_fifo() or path.is_char_device()):  # such as /dev/stdout
        return known[0]
    raise PostLensError(
        str(path),
        f"has {f'the suffix {path.suffix}' if suffix else 'no suffix'}, for which there is no {kind.kind} format",
        f"Use {format_exporter_suffixes(kind)}.",
    )
