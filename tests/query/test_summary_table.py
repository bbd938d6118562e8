"""The summary table in memory: it follows the files on disk, and its cache is bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.errors import WorkspaceError
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters, snapshot, summary_table
from analysis.query.summary_table import get_query_snapshot
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from tests.query.compared import ids, table
from tests.scored import new_batch, score, scores_of, some_posts, without_digests, words_of


@pytest.mark.slow
def test_parts_that_appear_while_a_batch_is_scored_are_counted_at_once(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    for index, scored in enumerate((6, 12, 18, 20)):
        score(batch, range(index, index + 1))
        assert query.compute_totals(batch).scored == scored
        assert len(ids(batch, Filters(scored=True))) == scored


def test_a_rewritten_part_is_read_again(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    before = query.compute_totals(batch).mean_valence
    batch.write_part("scores", 0, scores_of(batch.posts(), seed=7))
    assert query.compute_totals(batch).mean_valence != before
    batch.clear("scores")
    assert query.compute_totals(batch).scored == 0


def test_words_found_after_the_scores_are_shown(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    batch.clear("words")
    assert query.read_page(batch)["top_words"].isna().all()
    batch.write_part("words", 0, words_of(batch.posts()))
    assert query.read_page(batch)["top_words"].notna().all()


def test_the_summary_table_is_built_once_for_many_queries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path))
    first = get_query_snapshot(batch).database
    query.count_by(batch, Filters(search="rain"), "topic")
    again = Workspace(batch.folder.parents[1]).open(batch.id)
    assert get_query_snapshot(again).database is first
    monkeypatch.setattr(summary_table, "_build", None)  # would be called for another
    assert query.count_matching_posts(again) == 20


def test_another_batch_under_the_same_id_is_not_mistaken_for_the_first(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    assert query.count_matching_posts(batch) == 20
    Workspace(tmp_path / "home").delete(batch.id)
    other = new_batch(tmp_path, some_posts(3))
    assert query.count_matching_posts(other) == 3
    assert query.compute_totals(other).scored == 0


def test_a_batch_deleted_while_it_is_open_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    assert query.count_matching_posts(batch) == 20
    Workspace(tmp_path / "home").delete(batch.id)
    with pytest.raises(WorkspaceError, match="Batch spring was deleted"):
        query.count_matching_posts(batch)


def test_chunks_read_a_snapshot(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, part_posts=6), range(2))
    chunks = query.read_post_chunks(batch, posts=6)
    read = [next(chunks)]
    score(batch)
    read += chunks
    assert pd.concat(read)["sentiment"].notna().sum() == 12


def test_the_number_of_posts_in_memory_is_limited(tmp_path: Path) -> None:
    batches = [new_batch(tmp_path / str(number), cached_posts=50) for number in range(4)]
    for batch in (*batches, batches[2]):
        query.count_matching_posts(batch)
    kept = list(summary_table._cached)
    assert kept == [str(batches[3].folder), str(batches[2].folder)]  # the most recently queried is last
    fewer = Workspace(tmp_path / "0" / "home", Settings(cached_posts=5)).open(batches[0].id)
    query.count_matching_posts(fewer)  # larger than what may stay: it is kept while it is queried
    assert list(summary_table._cached) == [str(batches[0].folder)]


def test_the_number_of_batches_in_memory_is_limited(tmp_path: Path) -> None:
    for number in range(4):
        query.count_matching_posts(new_batch(tmp_path / str(number), cached_batches=2))
    assert len(summary_table._cached) == 2


@pytest.mark.slow
def test_search_results_are_cached_for_the_queries_of_a_page(batch: Batch) -> None:
    texts = list(batch.posts()["text"])
    for number in range(20):
        found = [text for text in texts if f"number {number} " in text]
        assert query.count_matching_posts(batch, Filters(search=f'"Number {number}"')) == len(found)
    assert len(get_query_snapshot(batch).found) == snapshot._SEARCHES
    assert ('"Number 19"', ()) in get_query_snapshot(batch).found


@pytest.mark.parametrize("search", ["post number", "rain", "sunshine", "nowhere"])
def test_a_search_that_finds_most_posts_counts_no_other(batch: Batch, search: str) -> None:
    rows = table(batch)
    found = rows[rows["text"].str.lower().str.contains(search)]
    assert ids(batch, Filters(search=search)) == list(found["post_id"])
    counted = query.count_by(batch, Filters(search=search), "sentiment")
    assert dict(counted.itertuples(index=False)) == found["sentiment"].value_counts().to_dict()


def test_threads_that_search_for_different_words_do_not_mix_them_up(batch: Batch) -> None:
    words = ["sunshine", "rain", "@author1", "p19", "100%", "nowhere"]
    expected = [query.count_matching_posts(batch, Filters(search=word)) for word in words]
    assert len(set(expected)) > 3
    with ThreadPoolExecutor(6) as threads:
        for _ in range(20):
            found = threads.map(lambda word: query.count_matching_posts(batch, Filters(search=word)), words)
            assert list(found) == expected


@pytest.mark.parametrize(
    "sort", ["likes", "author", "text", "phi_text", "topic_daily_life", "top_words", "disagree"]
)
def test_columns_that_are_not_in_memory_can_be_sorted_by(batch: Batch, sort: str) -> None:
    rows = query.read_page(batch)
    expected = rows.sort_values(sort, ascending=False, kind="stable", na_position="last")
    assert ids(batch, sort=sort, descending=True) == list(expected["post_id"])


def test_only_the_requested_columns_are_read(batch: Batch) -> None:
    columns = ["post_id", "valence", "decided_by"]
    few = query.read_page(batch, Filters(inputs=("both",)), "agreement", limit=4, columns=columns)
    whole = query.read_page(batch, Filters(inputs=("both",)), "agreement", limit=4)
    pd.testing.assert_frame_equal(few, whole[columns])


def test_a_page_of_a_part_without_some_columns_still_has_them(tmp_path: Path) -> None:
    batch = without_digests(score(new_batch(tmp_path, part_posts=6)))
    older = scores_of(batch.posts()).iloc[batch.part_rows(0)].drop(columns=["p_anger", "topic_daily_life"])
    older.to_parquet(batch.folder / "scores" / "part-00000.parquet", index=False)
    first, last = query.read_page(batch, limit=3), query.read_page(batch, limit=3, offset=17)
    assert list(first.columns) == list(last.columns)
    assert (first.dtypes == last.dtypes).all()
    assert first["topic_daily_life"].isna().all()
    assert last["topic_daily_life"].notna().all()


def test_own_columns_are_named_in_the_order_in_which_they_first_occur(tmp_path: Path) -> None:
    extras = [
        '{"b": 1, "a": 2}',
        "{}",
        '{"mood \\ud83d": 1, "c": null}',
        '{"a": 1, "d e": "=x", "é\\u00e9": []}',
    ]
    batch = new_batch(
        tmp_path, post_frame([{"post_id": f"p{i}", "text": "x", "extra": e} for i, e in enumerate(extras)])
    )
    assert query.list_own_columns(batch) == ["b", "a", "mood \ud83d", "c", "d e", "éé"]


def test_the_first_day_of_a_chart_is_that_of_its_posts_in_utc(batch: Batch) -> None:
    dated = table(batch).dropna(subset="created_at")
    first = dated["created_at"].min().date()
    assert ids(batch, Filters(until=first)) == list(dated[dated["created_at"].dt.date == first]["post_id"])
    assert query.count_by_period(batch, EVERY_POST)[1]["first"].min() == first
