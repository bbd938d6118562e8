"""The columns that are found in the texts of posts, such as hashtags, names and words; and the platform.

`analysis.query.found_values` says how they are found. They are computed from the stored posts, so that batches of any
age have them.
"""

from __future__ import annotations

import pyarrow as pa

from analysis.columns.column import Column, Preset
from analysis.columns.filter_kinds import HasAny

TEXT_LIST = pa.list_(pa.string())
"""Several texts per post, such as its hashtags or the names of its images, joined by a semicolon in text."""
_PLACE = 91
"""Of the filters: below all others."""


def _list_column(name: str, label: str, title: str, meaning: str, sign: str = "") -> Column:
    return Column(
        name,
        "post",
        "found",
        TEXT_LIST,
        label=label,
        meaning=f"{meaning} Each is listed once; empty without any.",
        filter=HasAny(name=name, label=title, sign=sign, place=_PLACE),
        export=Preset.FULL,
    )


def _word_column(name: str, label: str, title: str) -> Column:
    kind = HasAny(name=name, label=title, place=_PLACE)
    return Column(name, "post", "found", TEXT_LIST, label=label, filter=kind)


FOUND = (
    _list_column(
        "hashtags",
        "Hashtags",
        "Hashtag",
        "Words after # in the text, without those in links and without numbers, joined by a semicolon.",
        "#",
    ),
    _list_column(
        "mentions",
        "Mentions",
        "Mention",
        "Accounts after @ in the text, such as name or name@server, without e-mail addresses, joined by a "
        "semicolon.",
        "@",
    ),
    _list_column(
        "emoji",
        "Emoji",
        "Emoji",
        "Emoji in the text, with skin tones and joined ones as one, joined by a semicolon.",
    ),
    _list_column(
        "domains",
        "Domains",
        "Domain",
        "Sites of the links in the text, and in columns of links of your own table, without www., joined by a "
        "semicolon.",
    ),
    # Without meaning and export: they repeat the text.
    _word_column("names", "Names", "Name"),
    _word_column("words", "Words", "Word"),
    # Without meaning and export: it repeats a column of the analyst's own table, or the address of the post.
    Column(
        "platform",
        "source",
        "found",
        pa.string(),
        label="Platform",
        filter=HasAny(name="platforms", label="Platform", place=_PLACE),
    ),
)
WORD_COLUMNS = ("names", "words")
"""Columns that are found in all posts of a batch together (`analysis.query.word_tables`)."""
VALUE_COLUMNS = ("hashtags", "mentions", *WORD_COLUMNS, "emoji", "domains", "author", "platform")
"""Columns whose values are looked up in tables of values (`analysis.query.value_tables`)."""
