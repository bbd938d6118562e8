"""Importers: how each kind of table is recognised and read. One module per importer, and a registry.

A module of this package with a constant `IMPORTER` (see `importer`) is an importer. `registry` finds them, and
uploads, folders, zips, worker processes and `postlens importers` get from there which files are tables.

`grid` and `records` turn rows of cells and JSON objects into imported rows, and `mapping` guesses which column holds
which field of a post. `limits`, `heartbeat`, `decoding` and `refused` are for all importers. They run in a worker
process (`analysis.intake.worker`), since files are untrusted.
"""

from analysis.importers.importer import ImportedRows, Importer, ImportOptions, RefusedRow
from analysis.importers.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from analysis.importers.refused import RefusedError
from analysis.importers.registry import find_importer, importers, register, table_suffixes, unregister

__all__ = [
    "MAPPED_FIELDS",
    "ColumnMapping",
    "ImportOptions",
    "ImportedRows",
    "Importer",
    "RefusedError",
    "RefusedRow",
    "find_importer",
    "guess_mapping",
    "importers",
    "register",
    "table_suffixes",
    "unregister",
]
