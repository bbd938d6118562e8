"""Filters select the matching posts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analysis import query
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import new_batch


def test_search_finds_text_author_and_id_in_any_case(batch: Batch) -> None:
    assert ids(batch, Filters(search="sunshine")) == ["p0", "p3", "p9", "p12", "p15"]
    assert ids(batch, Filters(search="@AUTHOR1"))[:2] == ["p1", "p7"]
    assert ids(batch, Filters(search=" P19 ")) == ["p19"]
    assert query.count_matching_posts(batch, Filters(search="  ")) == 20


@pytest.mark.parametrize("search", ["%", "_", "100_", "'", "\\", "$posts", "{condition}"])
def test_search_knows_no_wildcards_and_no_sql(batch: Batch, search: str) -> None:
    expected = [post.post_id for post in batch.posts().itertuples() if search.lower() in post.text.lower()]
    assert ids(batch, Filters(search=search)) == expected


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
    assert query.count_matching_posts(batch, filters) == len(kept)


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


def test_a_search_among_very_many_ids_is_answered(batch: Batch) -> None:
    many = ("p3", *(f"x{i}" for i in range(50_000)))
    assert ids(batch, Filters(post_ids=many)) == ["p3"]


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


def test_columns_of_the_analysts_tables_are_found_by_name_in_another_batch() -> None:
    filters = Filters(search="rain", own_0=("a",), own_1=("b",))
    assert filters.for_other_table(["campaign", "site"], ["site", "x", "campaign"]) == Filters(
        search="rain", own_2=("a",), own_0=("b",)
    )
    missing = filters.for_other_table(["campaign", "site"], [])
    assert len(missing.by_name) >= 1
    assert not {"own_0", "own_1"} & set(dict(missing.by_name))


def test_no_post_matches_a_filter_of_a_column_that_its_batch_lacks(batch: Batch) -> None:
    assert ids(batch, Filters(own_0=("a",)).for_other_table(["campaign"], [])) == []
