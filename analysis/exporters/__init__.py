"""Exporters write reports, explanations and heat maps, one module per file format.

A module of this package with a constant `EXPORTER` (see `exporter`) is an exporter. `registry` finds them, and the
command line, the Python API and the pages list the formats from it.

`report` yields the typed values of a report; `csv_report`, `excel_report`, `parquet_report`, `html` and `heatmaps`
are exporters. `analysis.columns` declares the columns. `summary` collects the facts of a summary report, with posts
from `striking`; `summary_html` writes it as a page, `summary_slides` as slides.

`privacy` decides what an export shows of the posts; `pseudonyms` replaces the names that `found_names` finds in
texts, `headings` those in headings, and `protected_explanation` those of an explained post.

`manifest` describes how a report was made, with `recorded_filters`; `manifest_reading` reads such a file.
"""

from analysis.exporters.csv_report import EXPORTER as CSV
from analysis.exporters.csv_report import PLAIN_CSV, export_rejected_csv, preview_report, write_csv
from analysis.exporters.exporter import (
    ExplainedPost,
    ExplanationExporter,
    Exporter,
    HeatMapExporter,
    ReportExporter,
    SummaryExporter,
)
from analysis.exporters.html import export_explanation_html
from analysis.exporters.manifest import (
    MANIFEST_SUFFIX,
    ReportManifest,
    describe_choices,
    export_manifest,
    find_manifest_obstacle,
    make_manifest,
    make_table_manifest,
)
from analysis.exporters.manifest_reading import read_report_manifest
from analysis.exporters.privacy import AS_GIVEN, Privacy, PrivacyLevel, list_published_columns
from analysis.exporters.protected_explanation import protect_explained_post
from analysis.exporters.registry import (
    format_exporter_suffixes,
    get_exporter,
    list_exporters,
    register_exporter,
    unregister_exporter,
)
from analysis.exporters.report import read_report_chunks, write_report, write_report_table
from analysis.exporters.summary import Summary, summarise_batch
from analysis.exporters.summary_html import export_summary_html

__all__ = [
    "AS_GIVEN",
    "CSV",
    "MANIFEST_SUFFIX",
    "PLAIN_CSV",
    "ExplainedPost",
    "ExplanationExporter",
    "Exporter",
    "HeatMapExporter",
    "Privacy",
    "PrivacyLevel",
    "ReportExporter",
    "ReportManifest",
    "Summary",
    "SummaryExporter",
    "describe_choices",
    "export_explanation_html",
    "export_manifest",
    "export_rejected_csv",
    "export_summary_html",
    "find_manifest_obstacle",
    "format_exporter_suffixes",
    "get_exporter",
    "list_exporters",
    "list_published_columns",
    "make_manifest",
    "make_table_manifest",
    "preview_report",
    "protect_explained_post",
    "read_report_chunks",
    "read_report_manifest",
    "register_exporter",
    "summarise_batch",
    "unregister_exporter",
    "write_csv",
    "write_report",
    "write_report_table",
]
