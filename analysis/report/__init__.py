"""What leaves PostLens: the scored report as CSV, and one explanation as a page of its own.

`analysis.columns` says what each column means, `export` writes them, `html` writes the explanation.
"""

from analysis.columns import ORIGINAL, report_columns
from analysis.report.export import original_names, preview, rejected_csv, write_csv
from analysis.report.html import explanation_html

__all__ = [
    "ORIGINAL",
    "explanation_html",
    "original_names",
    "preview",
    "rejected_csv",
    "report_columns",
    "write_csv",
]
