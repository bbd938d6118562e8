"""Reads the newest batch into memory when the server starts, because the first page usually shows it."""

from __future__ import annotations

from contextlib import suppress


def read_newest_batch() -> None:
    """Build the summary table of the newest batch, which takes most of a second for a million posts.

    Imports what it needs late, as it runs in a thread while the server starts. A batch that cannot be read is left to
    the page that shows it, which says what is wrong.
    """
    from analysis.errors import PostLensError
    from analysis.query import count_matching_posts
    from analysis.workspace import Workspace, default_workspace_home

    with suppress(PostLensError):
        workspace = Workspace(default_workspace_home())
        newest = next((batch for batch in workspace.batches() if batch.problem is None), None)
        if newest:
            batch = workspace.open(newest.id)
            batch.scored()
            count_matching_posts(batch)
