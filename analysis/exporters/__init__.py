"""Exporters write reports, explanations and heat maps, one module per file format.

A module of this package with a constant `EXPORTER` (see `exporter`) is an exporter. `registry` finds them, and the
command line, the Python API and the pages list the formats from it.

`report` yields the typed values of a report; `csv_report`, `html` and `heatmaps` are exporters. `analysis.columns`
declares the columns.
"""

from analysis.exporters.csv_report import EXPORTER as CSV
from analysis.exporters.csv_report import preview, rejected_csv, write_csv
from analysis.exporters.exporter import (
    ExplainedPost,
    ExplanationExporter,
    Exporter,
    HeatMapExporter,
    ReportExporter,
)
from analysis.exporters.html import explanation_html
from analysis.exporters.registry import (
    exporter_of,
    list_exporters,
    register_exporter,
    suffixes_of,
    unregister_exporter,
)
from analysis.exporters.report import typed_chunks, write_report, write_table

__all__ = [
    "CSV",
    "ExplainedPost",
    "ExplanationExporter",
    "Exporter",
    "HeatMapExporter",
    "ReportExporter",
    "explanation_html",
    "exporter_of",
    "list_exporters",
    "preview",
    "register_exporter",
    "rejected_csv",
    "suffixes_of",
    "typed_chunks",
    "unregister_exporter",
    "write_csv",
    "write_report",
    "write_table",
]
