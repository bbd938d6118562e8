"""Reasons for not reading a file that is not a table, an image or a zip."""

from __future__ import annotations

from analysis.importers.html_tables import WEB_PAGE_REMEDY
from analysis.importers.refused import RefusedError
from analysis.importers.registry import table_labels
from analysis.intake.formats import ARCHIVES, OTHER_TABLE_SUFFIXES, format_by_suffix


def not_a_table_error(suffix: str, form: str | None, compressed: str = "") -> RefusedError:
    """Return the error for a file that no importer recognises.

    Args:
        suffix: Of its name, in lower case.
        form: Its format by its content; None if unknown.
        compressed: How the file that holds it is compressed, "" if it is not.
    """
    if suffix in OTHER_TABLE_SUFFIXES:
        return RefusedError(
            f"is a {suffix} table; PostLens reads {table_labels()}",
            "Save it as XLSX or CSV and add it again.",
        )
    packed = form or format_by_suffix(suffix)
    if compressed:
        return RefusedError(
            f"is {compressed}; {f'the {packed} file' if packed else 'what is'} in it is not a table",
            "Unpack it, and add its files or a zip of them.",
        )
    if packed == "zip":
        return RefusedError(
            "is a zip, but its name does not end in .zip",
            "If it is meant to be a zip, rename it and add it again.",
        )
    if packed in ARCHIVES:
        return RefusedError(
            f"is an archive in the {packed} format; PostLens unpacks zip",
            "Unpack it, and add its files or a zip of them.",
        )
    if suffix in (".html", ".htm"):
        return RefusedError("is a web page without a table", WEB_PAGE_REMEDY)
    return RefusedError(
        "is not a table, an image or a zip",
        "Ignore this unless it contains posts; in that case, choose its format, or save them as CSV.",
    )
