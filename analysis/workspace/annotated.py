"""What is added to an open batch without changing its posts and scores: labels, themes, topics, the time zone."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Self

from analysis.timezones import UTC_NAME, get_timezone
from analysis.workspace.custom_topics import CustomTopics
from analysis.workspace.folder import BatchFolder
from analysis.workspace.labels import Labels
from analysis.workspace.themes import Themes, read_themes


class AnnotatedBatch(BatchFolder):
    """The folder of a batch with what people and searches added to its posts.

    Attributes:
        custom_topics: The analyst's topics, of which queries and reports then have columns and a filter.
        timezone: The zone of days and hours in queries, filters and summaries; times are stored in UTC.
    """

    custom_topics: CustomTopics | None = None
    timezone: str = UTC_NAME

    @cached_property
    def labels(self) -> Labels:
        """The labels of people, as they are when they are first needed.

        Raises:
            WorkspaceError: Their file cannot be read.
        """
        return Labels.from_stored(self.reviews.read_labels(self.id))

    @cached_property
    def themes(self) -> Themes | None:
        """The themes that were found in its posts, as they are when they are first needed; None without any.

        Raises:
            WorkspaceError: Their file is damaged.
        """
        return read_themes(self)

    def with_labels(self, labels: Labels) -> Self:
        """Return the same batch with other labels of people, such as those of a manifest."""
        changed = copy(self)
        changed.__dict__["labels"] = labels
        return changed

    def with_custom_topics(self, topics: CustomTopics | None) -> Self:
        """Return the same batch with custom topics (`analysis.search.find_custom_topics`), or without."""
        changed = copy(self)
        changed.custom_topics = topics
        return changed

    def with_timezone(self, name: str) -> Self:
        """Return the same batch with days and hours in another time zone.

        Raises:
            IntakeError: There is no zone of this name.
        """
        get_timezone(name)
        changed = copy(self)
        changed.timezone = name
        return changed
