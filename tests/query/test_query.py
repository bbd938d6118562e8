"""Queries over a batch: filters, order and counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import query
from analysis.errors import WorkspaceError
from analysis.model.presets import default_marks
from analysis.posts import POST_COLUMNS, post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import IMAGE, TOPICS, new_batch, score, scores_of, some_posts, without_digests


@pytest.fixture(scope="module")
def half_scored(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("half"), part_posts=6), range(2))


@pytest.fixture(scope="module")
def unscored(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return new_batch(tmp_path_factory.mktemp("unscored"))


def test_a_page_has_every_column_of_posts_scores_and_words(batch: Batch) -> None:
    page = query.page(batch, limit=3)
    assert {
        *POST_COLUMNS,
        *scores_of(batch.posts()).columns,
        "position",
        "disagree",
        "decided_by",
        "top_words",
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


def test_an_unscored_batch_still_answers(unscored: Batch) -> None:
    assert query.page(unscored)["sentiment"].isna().all()
    assert query.totals(unscored) == query.Totals(20, 0, 0, 0, 0, 0, 0, 0, None)
    assert query.count_by(unscored, EVERY_POST, "sentiment").empty
    assert query.over_time(unscored)[1].empty
    assert ids(unscored, sort="valence")[:3] == ["p0", "p1", "p2"]
    assert query.count(unscored, Filters(sentiments=("positive",))) == 0
    assert query.read_post(unscored, "p3")["top_words"] is None


def test_a_partly_scored_batch_counts_what_it_has(half_scored: Batch) -> None:
    totals = query.totals(half_scored)
    assert (totals.posts, totals.scored) == (20, 12)
    assert ids(half_scored, Filters(scored=False)) == [f"p{i}" for i in range(12, 20)]
    assert query.count(half_scored, Filters(scored=True)) == 12
    assert ids(half_scored, sort="confidence", descending=True)[12:] == [f"p{i}" for i in range(12, 20)]


def test_a_home_with_wildcards_in_its_name_is_read_as_it_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "posts [2026] *"
    folder.mkdir()
    assert query.totals(score(new_batch(folder))).scored == 20


def test_search_finds_text_author_and_id_in_any_case(batch: Batch) -> None:
    assert ids(batch, Filters(search="sunshine")) == ["p0", "p3", "p9", "p12", "p15"]
    assert ids(batch, Filters(search="@AUTHOR1"))[:2] == ["p1", "p7"]
    assert ids(batch, Filters(search=" P19 ")) == ["p19"]
    assert query.count(batch, Filters(search="  ")) == 20


@pytest.mark.parametrize("search", ["%", "_", "100_", "' OR true --", '"', "\\", "$posts", "{condition}"])
def test_search_knows_no_wildcards_and_no_sql(batch: Batch, search: str) -> None:
    expected = [post.post_id for post in batch.posts().itertuples() if search.lower() in post.text.lower()]
    assert ids(batch, Filters(search=search)) == expected


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_search_string_is_accepted(batch: Batch, search: str) -> None:
    assert 0 <= query.count(batch, Filters(search=search)) <= 20


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(sentiments=("positive", "neutral")), "sentiment in ['positive', 'neutral']"),
        (Filters(topics=("daily_life",)), "topic == 'daily_life'"),
        (Filters(inputs=("text", "image")), "inputs_used in ['text', 'image']"),
        (Filters(uncertain=True), "uncertain"),
        (Filters(uncertain=False), "not uncertain"),
        (Filters(disagree=True), "agreement < 0.6"),
        (Filters(disagree=False), "agreement >= 0.6"),
        (Filters(emotions=("joy", "unclear")), "emotion in ['joy', 'unclear']"),
        (Filters(tones=("irony",)), "p_irony > 0.75"),
        (Filters(tones=("hate", "offensive")), "p_hate > 0.75 or p_offensive > 0.75"),
        (Filters(other_language=True), "in_language == False"),
        (Filters(other_language=False), "in_language == True"),
        (Filters(valence=(-0.2, 0.5)), "-0.2 <= valence <= 0.5"),
        (Filters(confidence=(0.5, 1.0)), "confidence >= 0.5"),
        (Filters(post_ids=("p7", "p1", "nowhere")), "post_id in ['p7', 'p1']"),
        (Filters(sentiments=("positive",), uncertain=False), "sentiment == 'positive' and not uncertain"),
    ],
)
def test_filters_keep_the_matching_posts(batch: Batch, filters: Filters, expected: str) -> None:
    kept = list(table(batch).query(expected)["post_id"])
    assert 0 < len(kept) < 20
    assert ids(batch, filters) == kept
    assert query.count(batch, filters) == len(kept)


def test_days_are_inclusive_and_those_of_utc(tmp_path: Path) -> None:
    times = ["2026-03-01T23:59:59", "2026-03-02T00:00:00", "2026-03-02T23:59:59", "2026-03-03T00:00:00"]
    posts = [
        {"post_id": time, "text": "x", "created_at": datetime.fromisoformat(time).replace(tzinfo=UTC)}
        for time in times
    ]
    batch = new_batch(tmp_path, post_frame([*posts, {"post_id": "undated", "text": "x"}]))
    day = date(2026, 3, 2)
    assert ids(batch, Filters(since=day, until=day)) == times[1:3]
    assert ids(batch, Filters(since=day)) == times[1:]
    assert ids(batch, Filters(since=date.min, until=date.max)) == times


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
        query.page(batch, sort=sort)


def test_every_column_offered_for_sorting_can_be_sorted_by(batch: Batch) -> None:
    offered = query.sortable_columns(batch)
    assert {"row", "uncertainty", "valence", "created_at", f"topic_{TOPICS[0]}"} <= set(offered)
    assert {len(ids(batch, sort=sort)) for sort in offered} == {20}


def test_chunks_hold_every_post_in_the_order_of_the_batch(batch: Batch) -> None:
    chunks = list(query.chunks(batch, Filters(scored=True), posts=8))
    assert max(map(len, chunks)) <= 8
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), query.page(batch))


def test_one_post_is_found_by_its_id_and_a_missing_one_is_an_error(batch: Batch) -> None:
    post = query.read_post(batch, "p2")
    assert (post["post_id"], post["author"], post["images"], post["likes"]) == ("p2", None, [IMAGE], 20)
    with pytest.raises(WorkspaceError, match="Post 'p99' is not in the batch 'Spring'"):
        query.read_post(batch, "p99")


def test_neighbours_follow_the_filters_and_the_order(batch: Batch) -> None:
    filters, how = Filters(inputs=("both",)), {"sort": "valence", "descending": True}
    order = ids(batch, filters, **how)
    for before, post_id, after in zip([None, *order], order, [*order[1:], None], strict=False):
        assert query.find_neighbours(batch, post_id, filters, sort="valence", descending=True) == (
            before,
            after,
        )
    assert query.find_neighbours(batch, "p0", filters) == (None, None)


def test_totals_agree_with_pandas(batch: Batch) -> None:
    rows, totals = table(batch), query.totals(batch)
    assert (totals.posts, totals.scored) == (20, 20)
    assert totals.uncertain == rows["uncertain"].sum()
    assert totals.both == (rows["inputs_used"] == "both").sum()
    assert totals.disagree == (rows["agreement"] < 0.6).sum()
    assert totals.in_a_language == rows["language"].notna().sum()
    assert totals.other_language == (rows["language"] == "es").sum() > 0
    assert totals.mean_valence == pytest.approx(rows["valence"].mean())


@pytest.mark.parametrize(
    "columns",
    [("sentiment",), ("topic",), ("emotion",), ("topic", "sentiment"), ("inputs_used", "sentiment")],
)
def test_counts_agree_with_pandas(batch: Batch, columns: tuple[str, ...]) -> None:
    expected = table(batch).query("not uncertain").groupby(list(columns)).size().to_dict()
    counted = query.count_by(batch, Filters(uncertain=False), *columns)
    found = {
        (row[:-1] if len(columns) > 1 else row[0]): row[-1]
        for row in counted.itertuples(index=False, name=None)
    }
    assert found == expected
    assert counted["posts"].is_monotonic_decreasing


def test_tones_are_counted_among_the_posts_with_text(batch: Batch) -> None:
    rows, counted = table(batch), query.count_tones(batch).set_index("tone")
    for tone in default_marks():
        assert counted.loc[tone, "posts"] == (rows[f"p_{tone}"] > 0.75).sum()
        assert counted.loc[tone, "posts"] == query.count(batch, EVERY_POST.with_selection(("tones", tone)))
        assert counted.loc[tone, "judged"] == (rows["inputs_used"] != "image").sum()


def test_scores_of_an_older_version_or_a_smaller_model_still_answer(tmp_path: Path) -> None:
    batch = without_digests(new_batch(tmp_path, part_posts=6))
    newer = ["emotion", "p_anger", "p_joy", *(f"p_{tone}" for tone in default_marks())]
    score(batch, range(1, 2))
    for index in (0, 2):  # as another version would have written them
        older = (
            scores_of(batch.posts())
            .iloc[batch.part_rows(index)]
            .drop(columns=[*newer, "language", "in_language"])
        )
        older.to_parquet(batch.folder / "scores" / f"part-{index:05d}.parquet", index=False)
    assert query.totals(batch).scored == 18
    assert set(ids(batch, Filters(tones=default_marks()))) <= {f"p{i}" for i in range(6, 12)}
    assert set(ids(batch, Filters(emotions=("joy",)))) <= {f"p{i}" for i in range(6, 12)}
    assert set(ids(batch, Filters(other_language=True))) <= {f"p{i}" for i in range(6, 12)}
    (batch.folder / "scores" / "part-00001.parquet").unlink()
    assert query.count_by(batch, EVERY_POST, "emotion").empty
    assert query.count_tones(batch).empty
    assert query.count(batch, Filters(emotions=("joy",))) == 0
    assert query.read_post(batch, "p0")["p_irony"] is None
    assert not {"emotion", "p_irony"} & set(query.sortable_columns(batch))


def test_a_search_among_very_many_ids_is_answered(batch: Batch) -> None:
    many = ("p3", *(f"x{i}" for i in range(50_000)))
    assert ids(batch, Filters(post_ids=many)) == ["p3"]


def test_counting_by_another_column_is_refused(batch: Batch) -> None:
    with pytest.raises(ValueError, match="not by"):
        query.count_by(batch, EVERY_POST, "text")


@pytest.mark.parametrize(
    ("days_apart", "unit", "second_period"),
    [
        (3, "day", (date(2026, 3, 5), date(2026, 3, 5))),
        (100, "week", (date(2026, 6, 8), date(2026, 6, 14))),
        (800, "month", (date(2028, 5, 1), date(2028, 5, 31))),
        (8000, "year", (date(2048, 1, 1), date(2048, 12, 31))),
    ],
)
def test_periods_follow_the_span_of_the_posts(
    tmp_path: Path, days_apart: int, unit: str, second_period: tuple[date, date]
) -> None:
    first = datetime(2026, 3, 2, 12, tzinfo=UTC)
    posts = post_frame(
        [
            {"post_id": "a", "text": "x", "created_at": first},
            {"post_id": "b", "text": "x", "created_at": first + pd.Timedelta(days=days_apart)},
            {"post_id": "c", "text": "x"},
        ]
    )
    batch = score(new_batch(tmp_path, posts))
    found_unit, periods = query.over_time(batch)
    assert (found_unit, len(periods)) == (unit, 2)
    assert (periods["first"][1], periods["last"][1]) == second_period
    assert periods[["negative", "neutral", "positive"]].sum(axis=None) == 2
    kept = EVERY_POST.with_selection(("since", str(periods["first"][1]), "until", str(periods["last"][1])))
    assert ids(batch, kept) == ["b"]


def test_selecting_a_chart_mark_adds_a_filter() -> None:
    filters = Filters(search="rain", since=date(2026, 3, 4))
    with_selection = filters.with_selection(
        ("sentiments", "positive", "since", "2026-03-02", "until", "2026-03-08")
    )
    assert with_selection == Filters(
        search="rain", sentiments=("positive",), since=date(2026, 3, 4), until=date(2026, 3, 8)
    )
    assert filters.with_selection(("search", "sun")).search == "sun"


@pytest.mark.parametrize("pairs", [("confidence", "x"), ("sentiments",), ("since", "yesterday")])
def test_a_mark_that_is_no_filter_is_refused(pairs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        EVERY_POST.with_selection(pairs)


def test_a_damaged_part_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    (batch.folder / "scores" / "part-00000.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(WorkspaceError, match="Score it again"):
        query.totals(batch)


def test_half_written_files_are_not_read(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, part_posts=6), range(1))
    (batch.folder / "scores" / ".part-00001.parquet-1234").write_bytes(b"PAR1")
    assert query.totals(batch).scored == 6


def test_posts_with_one_modality_only_fit_together_with_the_others(tmp_path: Path) -> None:
    texts_first = (
        some_posts().sort_values("images", key=lambda images: images.str.len()).reset_index(drop=True)
    )
    batch = score(new_batch(tmp_path, texts_first, part_posts=5))
    assert query.totals(batch).both == 10
