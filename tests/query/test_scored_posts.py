"""Posts with their scores: pages, orders, chunks, single posts and their neighbours."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from analysis import query
from analysis.errors import WorkspaceError
from analysis.posts import POST_COLUMNS
from analysis.query import Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import IMAGE, TOPICS, scores_of


def test_a_page_has_every_column_of_posts_scores_and_words(batch: Batch) -> None:
    page = query.read_page(batch, limit=3)
    assert {
        *POST_COLUMNS,
        *scores_of(batch.posts()).columns,
        "position",
        "disagree",
        "decided_by",
        "interactions",
        "top_words",
        "image_map",
        "copies",
        "copy_of",
    } == set(page.columns)
    assert list(page["images"]) == [[], [IMAGE], [IMAGE]]
    assert list(page["position"]) == [0, 1, 2]
    assert page["created_at"][1] == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    expected = scores_of(batch.posts()).head(3).astype({"uncertain": "boolean", "in_language": "boolean"})
    pd.testing.assert_frame_equal(page[expected.columns], expected, check_dtype=False)


def test_consecutive_pages_give_every_post_once(batch: Batch) -> None:
    pages = [ids(batch, sort="inputs_used", limit=7, offset=offset) for offset in (0, 7, 14, 21)]
    assert [len(page) for page in pages] == [7, 7, 6, 0]
    assert sorted(post_id for page in pages for post_id in page) == sorted(batch.posts()["post_id"])


@pytest.mark.parametrize(
    "sort", ["valence", "agreement", "created_at", "likes", "topic_daily_life", "text_valence"]
)
@pytest.mark.parametrize("descending", [True, False])
def test_sorting_puts_missing_values_last_and_keeps_the_order_of_ties(
    batch: Batch, sort: str, descending: bool
) -> None:
    expected = table(batch).sort_values(sort, ascending=not descending, kind="stable", na_position="last")
    assert ids(batch, sort=sort, descending=descending) == list(expected["post_id"])


def test_uncertainty_shows_the_least_confident_first(batch: Batch) -> None:
    assert ids(batch, sort="uncertainty") == list(table(batch).sort_values("confidence")["post_id"])


@pytest.mark.parametrize(
    "sort", ["valence; DROP TABLE posts", 'valence" --', "images", "nothing", "topic_nowhere"]
)
def test_sorting_by_anything_else_is_refused(batch: Batch, sort: str) -> None:
    with pytest.raises(WorkspaceError, match="Choose another column"):
        query.read_page(batch, sort=sort)


@pytest.mark.slow
def test_every_column_offered_for_sorting_can_be_sorted_by(batch: Batch) -> None:
    offered = query.list_sortable_columns(batch)
    assert {"row", "uncertainty", "valence", "created_at", f"topic_{TOPICS[0]}"} <= set(offered)
    assert {len(ids(batch, sort=sort)) for sort in offered} == {20}


def test_chunks_hold_every_post_in_the_order_of_the_batch(batch: Batch) -> None:
    chunks = list(query.read_post_chunks(batch, Filters(scored=True), posts=8))
    assert max(map(len, chunks)) <= 8
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), query.read_page(batch))


def test_one_post_is_found_by_its_id_and_a_missing_one_is_an_error(batch: Batch) -> None:
    post = query.read_post(batch, "p2")
    assert (post["post_id"], post["author"], post["images"], post["likes"]) == ("p2", None, [IMAGE], 20)
    with pytest.raises(WorkspaceError, match="Post 'p99' is not in the batch 'Spring'"):
        query.read_post(batch, "p99")


def test_neighbours_follow_the_filters_and_the_order(batch: Batch) -> None:
    filters, how = Filters(inputs=("both",)), {"sort": "valence", "descending": True}
    order = ids(batch, filters, **how)
    for before, post_id, after in zip([None, *order], order, [*order[1:], None], strict=False):
        assert query.find_previous_and_next(batch, post_id, filters, sort="valence", descending=True) == (
            before,
            after,
        )
    assert query.find_previous_and_next(batch, "p0", filters) == (None, None)


def test_rows_are_plain_python_values(batch: Batch) -> None:
    page = query.read_page(batch)
    rows = query.list_rows(page)
    assert [row["post_id"] for row in rows] == page["post_id"].tolist()
    assert {type(row["uncertain"]) for row in rows} <= {bool, type(None)}
    assert all(isinstance(name, str) for name in rows[0])
