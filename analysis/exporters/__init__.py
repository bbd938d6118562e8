"""What leaves PostLens: reports of posts in every registered format, and one explanation as a page of its own.

`registry` holds the formats, `report` gives them typed values, `csv_report` is one of them. `html` writes the
explanation of one post, `heatmaps` the heat maps of many. What a column means is `analysis.columns`.
"""

from analysis.columns import ORIGINAL, report_columns
from analysis.exporters.csv_report import CSV, preview, rejected_csv, write_csv
from analysis.exporters.html import explanation_html
from analysis.exporters.registry import Exporter, exporter_of, exporters, register
from analysis.exporters.report import original_names, typed_chunks, write_report, write_table, written_reports

register(CSV)

__all__ = [
    "CSV",
    "ORIGINAL",
    "Exporter",
    "explanation_html",
    "exporter_of",
    "exporters",
    "original_names",
    "preview",
    "register",
    "rejected_csv",
    "report_columns",
    "typed_chunks",
    "write_csv",
    "write_report",
    "write_table",
    "written_reports",
]
