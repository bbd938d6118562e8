"""A scored batch whose posts the tests label."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.workspace import Batch, Label, Workspace
from analysis.workspace.review_store import Action
from tests.scored import new_batch, score, some_posts

LabelPosts = Callable[..., Batch]


@pytest.fixture(scope="session")
def scored_batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Sixty scored posts, of which nobody labels any."""
    return score(new_batch(tmp_path_factory.mktemp("review"), some_posts(60)))


@pytest.fixture
def label(scored_batch: Batch) -> LabelPosts:
    """A function that stores labels by position, and opens the batch with them."""
    workspace = Workspace(scored_batch.folder.parents[1], scored_batch.settings)
    workspace.reviews.forget_batch(scored_batch.id)

    def store(
        coder: str = "ann", field: str = "sentiment", action: Action = "label", **labels: object
    ) -> Batch:
        given = [Label(int(name.removeprefix("p")), field, value) for name, value in labels.items()]  # type: ignore[arg-type]
        workspace.reviews.save_labels(scored_batch.id, coder, given, action)
        return workspace.open(scored_batch.id)

    return store
