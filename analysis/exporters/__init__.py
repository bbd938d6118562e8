"""Exporters: the files that PostLens writes, each in every registered format. One module per format, and a registry.

A module of this package with a constant `EXPORTER` (see `exporter`) is an exporter of reports, of explanations or of
heat maps. `registry` finds them, and the command line, the front door, the pages and `postlens exporters` get from
there which formats there are.

`report` gives reports typed values; `csv_report`, `html` and `heatmaps` are exporters. What a column means is
`analysis.columns`.
"""

from analysis.columns import ORIGINAL, report_columns
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
from analysis.exporters.registry import exporter_of, exporters, register, suffixes_of, unregister
from analysis.exporters.report import original_names, typed_chunks, write_report, write_table, written_reports

__all__ = [
    "CSV",
    "ORIGINAL",
    "ExplainedPost",
    "ExplanationExporter",
    "Exporter",
    "HeatMapExporter",
    "ReportExporter",
    "explanation_html",
    "exporter_of",
    "exporters",
    "original_names",
    "preview",
    "register",
    "rejected_csv",
    "report_columns",
    "suffixes_of",
    "typed_chunks",
    "unregister",
    "write_csv",
    "write_report",
    "write_table",
    "written_reports",
]
