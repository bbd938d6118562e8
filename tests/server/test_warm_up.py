"""The newest batch is read when the server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import query
from analysis.columns import VALUE_COLUMNS
from analysis.query import EVERY_POST, Filters, summary_table
from pages.server.warm_up import prepare_batch, read_newest_batch
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_pages_do_not_run_again_what_the_start_has_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path))
    prepare_batch(batch)

    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"ran again: {arguments[2]}")

    monkeypatch.setattr("analysis.query.sql.run_query", refuse)
    query.compute_totals(batch, EVERY_POST)
    query.count_by_period(batch, EVERY_POST)
    query.sum_engagement(batch, EVERY_POST)
    clearly_negative = Filters(sentiments=("negative",), uncertain=False, scored=True)
    query.list_positions(batch, clearly_negative, "confidence", True, 10)
    query.aggregate_top_words(batch, EVERY_POST)
    by = next(name for name in VALUE_COLUMNS if query.list_frequent_values(batch, name))
    query.count_values(batch, EVERY_POST, by, limit=batch.settings.breakdown_values)
    with pytest.raises(AssertionError):
        query.compute_totals(batch, Filters(search="rain"))
