"""The scored batch that most queries run on."""

from __future__ import annotations

import pytest

from analysis.workspace import Batch
from tests.scored import new_batch, score


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Twenty posts in four parts, all scored."""
    return score(new_batch(tmp_path_factory.mktemp("query"), part_posts=6))
