"""Queries over a batch, answered by DuckDB from its Parquet files: posts with their scores and words.

`filters` selects posts, `scored_posts` reads them, `summaries` counts them, `breakdown` counts them by the values of
a column, `reasons` summarises their explanations, `aggregates` holds the counts that tables in memory share,
`weights` what is counted, `intervals` the interval of a share, and `sql` runs the queries. Posts that are not scored
yet have null scores and count as posts only. In SQL, values are always parameters, and column names come from the
catalogue (`analysis.columns`) and the batch's files.
"""

from analysis.query.breakdown import ValueCounts, count_value_periods, count_values, list_frequent_values
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.intervals import compute_share_interval
from analysis.query.peaks import find_peak_hours, find_peaks
from analysis.query.periods import UNITS, fill_periods
from analysis.query.reasons import aggregate_top_words, average_shares_by, count_by_deciding_modality
from analysis.query.scored_posts import (
    count_matching_posts,
    find_positions,
    find_previous_and_next,
    list_own_columns,
    list_positions,
    list_rows,
    list_sortable_columns,
    read_arrays,
    read_page,
    read_post,
    read_post_chunks,
    read_posts_at,
)
from analysis.query.summaries import (
    Engagement,
    Totals,
    compute_totals,
    count_at_midnight,
    count_by,
    count_by_hour,
    count_by_period,
    count_custom_topics,
    count_own_values,
    count_tones,
    find_authors,
    list_units,
    sum_engagement,
    sum_sentiments,
)
from analysis.query.themes import count_theme_periods, count_themes, read_theme_map, read_typical_posts
from analysis.query.values_in_memory import find_value_rows, list_values
from analysis.query.weights import ENGAGEMENT, UNWEIGHTED, WEIGHTS

__all__ = [
    "ENGAGEMENT",
    "EVERY_POST",
    "UNITS",
    "UNWEIGHTED",
    "WEIGHTS",
    "Engagement",
    "Filters",
    "Totals",
    "ValueCounts",
    "aggregate_top_words",
    "average_shares_by",
    "compute_share_interval",
    "compute_totals",
    "count_at_midnight",
    "count_by",
    "count_by_deciding_modality",
    "count_by_hour",
    "count_by_period",
    "count_custom_topics",
    "count_matching_posts",
    "count_own_values",
    "count_theme_periods",
    "count_themes",
    "count_tones",
    "count_value_periods",
    "count_values",
    "fill_periods",
    "find_authors",
    "find_peak_hours",
    "find_peaks",
    "find_positions",
    "find_previous_and_next",
    "find_value_rows",
    "list_frequent_values",
    "list_own_columns",
    "list_positions",
    "list_rows",
    "list_sortable_columns",
    "list_units",
    "list_values",
    "read_arrays",
    "read_page",
    "read_post",
    "read_post_chunks",
    "read_posts_at",
    "read_theme_map",
    "read_typical_posts",
    "sum_engagement",
    "sum_sentiments",
]
