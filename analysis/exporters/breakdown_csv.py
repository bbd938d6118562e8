"""The table of the Breakdown page as CSV: one row per value of a column, with its sentiments and engagement.

With pseudonyms, names of authors and mentions are pseudonyms; in other values, names of authors are replaced as in
headings, and no list of names or words in texts is published. With "scores only", only values of the model, such as
topics, are published, and nothing about engagement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis import query
from analysis.columns import WORD_COLUMNS, Column
from analysis.errors import PostLensError
from analysis.exporters.csv_report import format_csv
from analysis.exporters.headings import Headings
from analysis.exporters.headline import Group, Row
from analysis.exporters.privacy import AS_GIVEN, Privacy, keep_published_columns, may_name_people
from analysis.model.config import SENTIMENTS
from analysis.query import ENGAGEMENT, UNWEIGHTED, Filters
from analysis.wording import NO_TITLES
from analysis.workspace import Batch

_VALUES_AT_ONCE = 100_000
"""Values that are read at once, which takes about 100 MB."""
_DECIMALS = 6


def find_breakdown_refusal(column: Column, weight: str, privacy: Privacy) -> str:
    """Return why posts counted by a column may not be published, to follow "this table"; "" if they may be.

    With pseudonyms, lists of names and words in texts are not; with "scores only", only columns of scores are.
    """
    if column.name in WORD_COLUMNS and not privacy.shows_names:
        return "lists words of texts, which may be names of people"
    may_be = privacy.shows_posts or (weight == UNWEIGHTED and bool(keep_published_columns([column], privacy)))
    return "" if may_be else "shows more than scores"


def export_breakdown_csv(
    batch: Batch,
    filters: Filters,
    column: Column,
    weight: str = UNWEIGHTED,
    order: str = "amount",
    search: str = "",
    titles: Mapping[str, str] = NO_TITLES,
    privacy: Privacy = AS_GIVEN,
) -> bytes:
    """Write all values of a column that match a search, one per row, in the form of the report.

    Args:
        batch: The batch.
        filters: Which posts match.
        column: The column (`query.count_values`).
        weight: One of `WEIGHTS`: what is counted.
        order: One of `query.ORDERS`; with pseudonyms, names are sorted as they are written.
        search: Only values whose title contains this.
        titles: Display names of the values.
        privacy: Whether names are replaced by pseudonyms.

    Returns:
        value, the weight, share (of all matching posts), negative, neutral, positive, negative_share, negative_low,
        negative_high (95 % interval), net_sentiment (all shares 0 to 1), then posts, likes and interactions,
        and for words and names times_as_frequent (as in general texts).

    Raises:
        PostLensError: The column may not be published.
    """
    if refusal := find_breakdown_refusal(column, weight, privacy):
        raise PostLensError("This table", refusal, "Choose another column, or another level of privacy.")
    chunks = list(_read_chunks(batch, filters, column, weight, order, search, titles, privacy))
    table = pd.concat(chunks, ignore_index=True)
    if order == "title" and not privacy.shows_names:  # the order would say something about the names
        table = table.sort_values("value", key=lambda values: values.str.lower(), kind="stable")
    return format_csv(list(table.columns), table.itertuples(index=False, name=None))


def _read_chunks(
    batch: Batch,
    filters: Filters,
    column: Column,
    weight: str,
    order: str,
    search: str,
    titles: Mapping[str, str],
    privacy: Privacy,
) -> Iterator[pd.DataFrame]:
    """Read some thousand values at a time; at least one table."""
    headings, offset, total = Headings(batch, privacy), 0, 1
    while offset < total:
        found = query.count_values(
            batch, filters, column.name, weight, order, _VALUES_AT_ONCE, offset, search, titles
        )
        table, total = found.table, found.n_values
        named = _tabulate(table, _name_values(table, column, headings), weight, found.amount, privacy)
        if column.name in WORD_COLUMNS:
            named["times_as_frequent"] = table["times"].round(_DECIMALS)
        yield named
        offset += _VALUES_AT_ONCE


def _name_values(table: pd.DataFrame, column: Column, headings: Headings) -> list[str]:
    rows = [Row(key, title, {}) for key, title in zip(table["key"], table["title"], strict=True)]
    if column.filter and may_name_people(column.filter.name):
        rows = list(headings.hide_values(column.name, Group(column.label, rows)).rows)
    return [row.title for row in rows]


def _tabulate(
    table: pd.DataFrame, names: list[str], weight: str, total: int, privacy: Privacy
) -> pd.DataFrame:
    amount = table["amount"].astype(float)
    shares = {name: table[name] / amount.where(amount > 0) for name in SENTIMENTS}
    counted = [each for each in (UNWEIGHTED, *ENGAGEMENT) if each != weight]
    columns = {
        "value": names,
        weight: table["amount"],
        "share": (amount / max(total, 1)).round(_DECIMALS),
        **{name: table[name] for name in SENTIMENTS},
        "negative_share": shares["negative"].round(_DECIMALS),
        "negative_low": table["low"].round(_DECIMALS),
        "negative_high": table["high"].round(_DECIMALS),
        "net_sentiment": (shares["positive"] - shares["negative"]).round(_DECIMALS),
        **{name: table[name] for name in counted if privacy.shows_posts or name == UNWEIGHTED},
    }
    return pd.DataFrame(columns, dtype=object)
