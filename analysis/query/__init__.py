"""Queries over a batch, answered by DuckDB from its Parquet files: posts with their scores and words.

`filters` says which posts match, `scored_posts` reads them, `summaries` counts them, `reasons` says what drove their
scores, `sql` runs the queries. Posts that are not scored yet have null scores and count as posts only. Values reach
SQL only as parameters, and columns only from the catalogue (`analysis.columns`) and the files of the batch.
"""

from analysis.columns import TONES
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.reasons import count_decided, influential_words, shares_by
from analysis.query.scored_posts import chunks, count, neighbours, one, own_columns, page, sortable_columns
from analysis.query.summaries import Totals, count_by, count_own_values, count_tones, over_time, totals

__all__ = [
    "EVERY_POST",
    "TONES",
    "Filters",
    "Totals",
    "chunks",
    "count",
    "count_by",
    "count_decided",
    "count_own_values",
    "count_tones",
    "influential_words",
    "neighbours",
    "one",
    "over_time",
    "own_columns",
    "page",
    "shares_by",
    "sortable_columns",
    "totals",
]
