"""The most frequent hashtags, names, authors, platforms and languages in the summary report, as its privacy allows.

With pseudonyms, authors are pseudonyms, and hashtags that are names of authors too; names in texts are left out. With
"scores only", only languages are shown, which the model detects.
"""

from __future__ import annotations

from analysis import query
from analysis.columns import LANGUAGES
from analysis.exporters.headings import Headings
from analysis.exporters.headline import Group, Row
from analysis.model.config import SENTIMENTS
from analysis.query import Filters
from analysis.wording import NO_TITLES, shorten_to_one_line
from analysis.workspace import Batch

_TITLES = {
    "hashtags": "Hashtags",
    "names": "Names",
    "author": "Authors",
    "platform": "Platforms",
    "language": "Languages",
}


def collect_frequent_values(batch: Batch, filters: Filters, headings: Headings) -> list[Group]:
    """Count posts by their most frequent hashtags, names, authors, platforms and languages.

    Args:
        batch: The batch.
        filters: Which posts are in the report.
        headings: Replaces names, and has the chosen privacy.

    Returns:
        The groups that have values.
    """
    names = list(_TITLES) if headings.privacy.shows_posts else ["language"]
    if not headings.privacy.shows_names:
        names = [name for name in names if name != "names"]
    groups = {name: _count(batch, filters, name) for name in names}
    return [
        group if name == "language" else headings.hide_values(name, group)
        for name, group in groups.items()
        if group.rows
    ]


def _count(batch: Batch, filters: Filters, by: str) -> Group:
    table = query.count_values(
        batch,
        filters,
        by,
        limit=batch.settings.report_values,
        titles=LANGUAGES if by == "language" else NO_TITLES,
    ).table
    rows = [
        Row(value["key"], _title(by, value), {name: int(value[name]) for name in SENTIMENTS})
        for value in query.list_rows(table)
    ]
    return Group(_TITLES[by], rows)


def _title(by: str, value: dict[str, str]) -> str:
    return f"{'#' * (by == 'hashtags')}{shorten_to_one_line(value['title'])}"
