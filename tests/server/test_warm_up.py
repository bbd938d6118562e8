"""The newest batch is read when the server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.query import summary_table
from pages.server.warm_up import read_newest_batch
from tests.scored import new_batch, score


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the batches whose summary table was built."""
    found: list[str] = []
    build = summary_table._build
    monkeypatch.setattr(
        summary_table,
        "_build",
        lambda batch, parts: (found.append(batch.manifest.name), build(batch, parts))[1],
    )
    return found


def test_the_newest_batch_is_in_memory_before_its_page_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: list[str]
) -> None:
    batch = score(new_batch(tmp_path))
    monkeypatch.setenv("POSTLENS_HOME", str(batch.folder.parents[1]))
    read_newest_batch()
    assert built == [batch.manifest.name]


def test_a_damaged_batch_and_an_empty_workspace_do_not_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: list[str]
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "empty"))
    read_newest_batch()
    batch = score(new_batch(tmp_path))
    batch.posts_path.write_bytes(b"damaged")
    monkeypatch.setenv("POSTLENS_HOME", str(batch.folder.parents[1]))
    read_newest_batch()
    assert built == []
