"""Headings of a report without names of people: of the batch, of filters, and of the analyst's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis import query
from analysis.exporters.headline import Group
from analysis.exporters.privacy import Privacy
from analysis.exporters.pseudonyms import normalise_name
from analysis.importers.matching import is_column_of_people
from analysis.workspace import Batch

NOT_SHOWN = "not shown"
FREQUENT_SHARE = 0.05
"""Share of a batch's posts from which its authors are looked for in headings: the batch may have the name of one."""


@dataclass(frozen=True)
class Headings:
    """Replaces names in the headings of a report on a batch.

    Attributes:
        batch: The batch.
        privacy: The chosen privacy.
    """

    batch: Batch
    privacy: Privacy

    def hide(self, heading: str) -> str:
        """Replace marked names in a heading, names of frequent authors, and a heading that is an author's name."""
        return heading if self.privacy.shows_names else self._hide_all([heading])[0]

    def hide_group(self, group: Group) -> Group:
        """Replace the names in the counts of a column of the analyst's own tables."""
        if self.privacy.shows_names:
            return group
        names = self.privacy.pseudonyms
        is_person = is_column_of_people(group.title)
        titles = self._hide_all([row.title for row in group.rows])
        rows = [
            row if not row.value else replace(row, value=title, title=title)
            for row, title in zip(
                group.rows,
                [names.user(row.title) for row in group.rows] if is_person else titles,
                strict=True,
            )
        ]
        return Group(names.text(group.title), rows)

    def hide_values(self, by: str, group: Group) -> Group:
        """Replace the names in the counts of a column that `query.count_values` knows, such as authors."""
        if self.privacy.shows_names or by not in ("author", "mentions"):
            return self.hide_group(group)
        names = self.privacy.pseudonyms
        return replace(
            group,
            rows=[
                replace(row, value=names.user(row.value), title=names.user(row.value)) for row in group.rows
            ],
        )

    def hide_topics(self) -> Mapping[str, str]:
        """Return what the report shows instead of each name of a custom topic, the same in all its parts."""
        topics = self.batch.custom_topics.names if self.batch.custom_topics else ()
        if self.privacy.shows_names or not topics:
            return dict(zip(topics, topics, strict=True))
        return dict(zip(topics, self._hide_all(topics), strict=True))

    def _hide_all(self, headings: Sequence[str]) -> list[str]:
        names = self.privacy.pseudonyms
        authors = query.find_authors(self.batch, headings, FREQUENT_SHARE)
        known = {normalise_name(author) for author in authors}
        return [
            names.user(heading) if normalise_name(heading) in known else names.heading(heading, authors)
            for heading in headings
        ]
