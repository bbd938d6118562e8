"""Reads the newest batch into memory when the server starts, because the first page usually shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.workspace import Batch


def read_newest_batch() -> None:
    """Prepare the newest batch, which takes two to three seconds for a million posts.

    Imports what it needs late, as it runs in a thread while the server starts. A batch that cannot be read is left to
    the page that shows it, which says what is wrong.
    """
    from analysis.errors import PostLensError
    from analysis.workspace import Workspace, default_workspace_home

    with suppress(PostLensError):
        workspace = Workspace(default_workspace_home())
        newest = next((batch for batch in workspace.batches() if batch.problem is None), None)
        if newest:
            prepare_batch(workspace.open(newest.id))


def prepare_batch(batch: Batch) -> None:
    """Build the summary table, and run the slowest queries of Overview, Reasons and Breakdown without filters.

    `analysis.query` keeps the results.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    from analysis import query
    from analysis.columns import VALUE_COLUMNS, all_columns
    from analysis.exporters.headline import collect_headline
    from analysis.exporters.striking import find_striking_posts
    from analysis.model.presets import HEADS
    from analysis.query import EVERY_POST

    if not batch.scored():
        query.count_matching_posts(batch)
        return
    collect_headline(batch, EVERY_POST, all_columns(HEADS))
    query.sum_engagement(batch)
    query.count_by_period(batch)
    find_striking_posts(batch, EVERY_POST, of_a_kind=1)
    query.aggregate_top_words(batch, EVERY_POST)
    by = next((name for name in VALUE_COLUMNS if query.list_frequent_values(batch, name)), None)
    if by:
        query.count_values(batch, EVERY_POST, by, limit=batch.settings.breakdown_values)
