"""Questions about a batch, answered by DuckDB over its Parquet files: posts with their scores and words.

`filters` says which posts, `scored_posts` gives them row by row, `summaries` counts them, `reasons` says what drove
their scores, `relation` is the SQL that all of them stand on. Posts that are not scored yet have null scores and
count as posts only. Values reach SQL only as parameters, and columns only from an allow list.
"""

from analysis.query.filters import EVERY_POST, TONES, Filters
from analysis.query.reasons import count_decided, pushing_words, shares_by
from analysis.query.scored_posts import chunks, count, neighbours, one, own_columns, page, sortable
from analysis.query.summaries import Totals, count_by, count_tones, over_time, totals

__all__ = [
    "EVERY_POST",
    "TONES",
    "Filters",
    "Totals",
    "chunks",
    "count",
    "count_by",
    "count_decided",
    "count_tones",
    "neighbours",
    "one",
    "over_time",
    "own_columns",
    "page",
    "pushing_words",
    "shares_by",
    "sortable",
    "totals",
]
