"""Results of recent queries are kept, and never those of files that have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import query
from analysis.query import EVERY_POST, Filters, sql
from analysis.query.recent import RecentResults
from tests.scored import new_batch, score, words_of


def test_only_the_results_that_were_used_last_are_kept() -> None:
    results = RecentResults[str](2)
    for key in ("a", "b", "a", "c"):
        assert results.get_or_compute(key, lambda key=key: key.upper()) == key.upper()
    assert ["a" in results, "b" in results, "c" in results] == [True, False, True]


def test_a_result_that_is_too_large_is_not_kept() -> None:
    results = RecentResults[str](2)
    results.get_or_compute("a", lambda: "long", lambda text: len(text) < 3)
    assert len(results) == 0


def test_a_change_of_a_result_does_not_change_the_kept_one(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    first = sql.fetch_query_rows(batch, EVERY_POST, "SELECT count(*) AS posts FROM selected")
    first[0]["posts"] = -1
    assert query.count_matching_posts(batch) == 20


def test_a_query_runs_once_for_the_same_filters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = score(new_batch(tmp_path))
    runs, run = list[object](), sql.run_query
    monkeypatch.setattr(
        sql, "run_query", lambda *args, **values: (runs.append(args), run(*args, **values))[1]
    )
    for search in ("rain", "sunshine", "rain", "sunshine"):
        assert query.count_matching_posts(batch, Filters(search=search)) > 0
    assert len(runs) == 2


def test_words_that_are_written_later_are_found(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    for index in range(batch.n_parts):
        batch.discard_part("words", index)
    assert query.aggregate_top_words(batch, EVERY_POST).empty
    for index in range(batch.n_parts):
        batch.write_part("words", index, words_of(batch.posts()).iloc[batch.part_rows(index)])
    assert not query.aggregate_top_words(batch, EVERY_POST).empty
