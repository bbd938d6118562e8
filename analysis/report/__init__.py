"""What leaves PostLens: the scored report as CSV, and one explanation as a page of its own.

`columns` says what each column means, `export` writes them, `html` writes the explanation.
"""

from analysis.report.columns import ORIGINAL, ReportColumn, report_columns
from analysis.report.export import original_names, preview, rejected_csv, write_csv, write_posts
from analysis.report.html import explanation_html

__all__ = [
    "ORIGINAL",
    "ReportColumn",
    "explanation_html",
    "original_names",
    "preview",
    "rejected_csv",
    "report_columns",
    "write_csv",
    "write_posts",
]
