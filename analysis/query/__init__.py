"""Queries over a batch, answered by DuckDB from its Parquet files: posts with their scores and words.

`filters` selects posts, `scored_posts` reads them, `summaries` counts them, `reasons` summarises their explanations,
`aggregates` holds the counts that tables in memory share, and `sql` runs the queries. Posts that are not scored yet
have null scores and count as posts only. In SQL, values are always parameters, and column names come from the
catalogue (`analysis.columns`) and the batch's files.
"""

from analysis.query.filters import EVERY_POST, Filters
from analysis.query.reasons import count_decided, influential_words, shares_by
from analysis.query.scored_posts import (
    chunks,
    count,
    find_neighbours,
    own_columns,
    page,
    read_post,
    sortable_columns,
)
from analysis.query.summaries import Totals, count_by, count_own_values, count_tones, over_time, totals

__all__ = [
    "EVERY_POST",
    "Filters",
    "Totals",
    "chunks",
    "count",
    "count_by",
    "count_decided",
    "count_own_values",
    "count_tones",
    "find_neighbours",
    "influential_words",
    "over_time",
    "own_columns",
    "page",
    "read_post",
    "shares_by",
    "sortable_columns",
    "totals",
]
