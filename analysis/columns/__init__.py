"""The catalogue: every column of posts and scores, declared once.

`posts`, `scores` and `reasons` declare the columns that every batch has, `heads` the columns of a model's heads, and
`modalities` the columns of its modalities. The files on disk, the summary table, filters, URLs, the Posts
page, reports and the data dictionary derive from the list in `catalogue`.
"""

from analysis.columns.catalogue import (
    COLUMNS,
    ORIGINAL,
    all_columns,
    column_of_filter,
    columns_by_mark,
    computed_columns,
    derived_columns,
    exclude_derived_columns,
    filters_of,
    is_filter,
    page_columns,
    repeated_columns,
    report_columns,
    stored_columns,
    summary_columns,
    title_of_mark,
    title_of_option,
)
from analysis.columns.column import Badge, Column, Order, Preset, View
from analysis.columns.custom_topics import SIMILARITY, TOPIC_COLUMN, TOPIC_FILTER
from analysis.columns.filter_kinds import (
    AnyOf,
    Days,
    FilterKind,
    Flag,
    HasAny,
    OneOf,
    Range,
    describe_filter_value,
)
from analysis.columns.found import TEXT_LIST, VALUE_COLUMNS, WORD_COLUMNS
from analysis.columns.heads import (
    MARKS_FILTER,
    UNCLEAR,
    class_columns,
    head_columns,
    head_filter,
    head_title,
    list_class_titles,
    mark_columns,
)
from analysis.columns.languages import LANGUAGES
from analysis.columns.modalities import (
    SHARE_FROM,
    TEXT_AND_IMAGE,
    format_inputs_used,
    input_titles,
    modality_columns,
)
from analysis.columns.options import ColumnOptions
from analysis.columns.own import own_filter
from analysis.columns.posts import (
    HAS_TIME_SQL,
    HOURS,
    MAX_REACTIONS,
    MOMENT_SQL,
    REACTIONS,
    TIME_PARTS,
    WEEKDAYS,
)
from analysis.columns.reasons import TOP_WORDS
from analysis.columns.scored import Scored, Values
from analysis.columns.selections import Selection, select_columns

__all__ = [
    "COLUMNS",
    "HAS_TIME_SQL",
    "HOURS",
    "LANGUAGES",
    "MARKS_FILTER",
    "MAX_REACTIONS",
    "MOMENT_SQL",
    "ORIGINAL",
    "REACTIONS",
    "SHARE_FROM",
    "SIMILARITY",
    "TEXT_AND_IMAGE",
    "TEXT_LIST",
    "TIME_PARTS",
    "TOPIC_COLUMN",
    "TOPIC_FILTER",
    "TOP_WORDS",
    "UNCLEAR",
    "VALUE_COLUMNS",
    "WEEKDAYS",
    "WORD_COLUMNS",
    "AnyOf",
    "Badge",
    "Column",
    "ColumnOptions",
    "Days",
    "FilterKind",
    "Flag",
    "HasAny",
    "OneOf",
    "Order",
    "Preset",
    "Range",
    "Scored",
    "Selection",
    "Values",
    "View",
    "all_columns",
    "class_columns",
    "column_of_filter",
    "columns_by_mark",
    "computed_columns",
    "derived_columns",
    "describe_filter_value",
    "exclude_derived_columns",
    "filters_of",
    "format_inputs_used",
    "head_columns",
    "head_filter",
    "head_title",
    "input_titles",
    "is_filter",
    "list_class_titles",
    "mark_columns",
    "modality_columns",
    "own_filter",
    "page_columns",
    "repeated_columns",
    "report_columns",
    "select_columns",
    "stored_columns",
    "summary_columns",
    "title_of_mark",
    "title_of_option",
]
