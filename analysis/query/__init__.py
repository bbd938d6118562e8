"""Queries over a batch, answered by DuckDB from its Parquet files: posts with their scores and words.

`filters` selects posts, `scored_posts` reads them, `summaries` counts them, `breakdown` counts them by the values of
a column, `segments` counts several sets of posts to compare them, `segment_words` their words, `reasons` summarises
explanations, `aggregates` holds the counts that tables in memory share, `weights` what is counted, `intervals` the
interval of a share, and `sql` runs the queries. Posts that are not scored
yet have null scores and count as posts only. In SQL, values are always parameters, and column names come from the
catalogue (`analysis.columns`) and the batch's files.
"""

from analysis.query.breakdown import (
    UNUSUAL,
    ValueCounts,
    count_value_periods,
    count_values,
    list_frequent_values,
)
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.intervals import compute_share_interval
from analysis.query.peaks import find_negative_peaks, find_peak_hours, find_peaks
from analysis.query.period_sums import sum_periods
from analysis.query.periods import UNITS, fill_periods, list_periods
from analysis.query.reasons import aggregate_top_words, average_shares_by, count_by_deciding_modality
from analysis.query.scored_posts import (
    count_matching_posts,
    find_positions,
    find_posts_by_value,
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
from analysis.query.segment_words import WordCounts, count_segment_words
from analysis.query.segments import (
    MAX_SEGMENTS,
    Members,
    Segment,
    SegmentCounts,
    count_segment_classes,
    count_segments,
    find_members,
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
    suggest_unit,
    sum_engagement,
    sum_sentiments,
)
from analysis.query.themes import count_theme_periods, count_themes, read_theme_map, read_typical_posts
from analysis.query.value_hours import ALL_POSTS, WORDS
from analysis.query.values_in_memory import find_value_rows, list_values
from analysis.query.weights import ENGAGEMENT, UNWEIGHTED, WEIGHTS

__all__ = [
    "ALL_POSTS",
    "ENGAGEMENT",
    "EVERY_POST",
    "MAX_SEGMENTS",
    "UNITS",
    "UNUSUAL",
    "UNWEIGHTED",
    "WEIGHTS",
    "WORDS",
    "Engagement",
    "Filters",
    "Members",
    "Segment",
    "SegmentCounts",
    "Totals",
    "ValueCounts",
    "WordCounts",
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
    "count_segment_classes",
    "count_segment_words",
    "count_segments",
    "count_theme_periods",
    "count_themes",
    "count_tones",
    "count_value_periods",
    "count_values",
    "fill_periods",
    "find_authors",
    "find_members",
    "find_negative_peaks",
    "find_peak_hours",
    "find_peaks",
    "find_positions",
    "find_posts_by_value",
    "find_previous_and_next",
    "find_value_rows",
    "list_frequent_values",
    "list_own_columns",
    "list_periods",
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
    "suggest_unit",
    "sum_engagement",
    "sum_periods",
    "sum_sentiments",
]
