"""An importer with a defect."""

from __future__ import annotations

from analysis.importers import ImportedRows, Importer
from analysis.settings import Settings


def read_defective(content: bytes, settings: Settings) -> ImportedRows:
    raise ZeroDivisionError(content.decode())


IMPORTER = Importer("defective", "Defective", frozenset({".defective"}), read_defective)
