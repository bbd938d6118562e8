"""Importers, which recognise and read tables: one module per importer, and a registry.

A module of this package with a constant `IMPORTER` (see `importer`) is an importer. `registry` finds them and
knows which files are tables.

`grid` and `records` convert rows of cells and JSON objects to imported rows, and `mapping` guesses the column of
each field of a post. All importers use `limits`, `heartbeat`, `decoding` and `refused`. They run in a worker
process (`analysis.intake.worker`), since files are untrusted. Large files come as a `byte_source`, which
`text_stream` decodes and `json_lines` and `delimited_chunks` read in chunks.
"""

from analysis.importers.importer import ImportedRows, Importer, ImportOptions, RefusedRow
from analysis.importers.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from analysis.importers.refused import RefusedError
from analysis.importers.registry import (
    find_importer,
    list_importers,
    register_importer,
    table_suffixes,
    unregister_importer,
)

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
    "list_importers",
    "register_importer",
    "table_suffixes",
    "unregister_importer",
]
