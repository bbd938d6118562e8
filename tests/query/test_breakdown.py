"""Posts by the values of a column: counts, sentiment, likes and intervals equal those of plain Python."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from analysis import query
from analysis.columns import LANGUAGES
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import EVERY_POST, WEIGHTS, Filters
from analysis.query.intervals import compute_share_interval
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import FIRST_DAY, new_batch, score

TAGS = ("#Rain", "#rain", "#sun", "#sun #Rain #rain", "no tag")


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Sixty posts with hashtags; every fourth has no likes, every sixth no reactions at all."""
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"Day {row} {TAGS[row % 5]}",
            "author": f"{'@' * (row % 2)}{'Ann' if row % 3 else 'ann'}" if row % 7 else None,
            "created_at": FIRST_DAY + timedelta(hours=5 * row),
            "likes": row - 3 if row % 4 and row % 6 else None,
            "shares": 2 if row % 6 else None,
            "comments": 1 if row % 6 and row % 5 else None,
            "extra": json.dumps({"platform": "X" if row % 2 else "Instagram"}),
        }
        for row in range(60)
    ]
    return score(new_batch(tmp_path_factory.mktemp("tagged"), post_frame(rows), part_posts=16))


def weights_of(rows: pd.DataFrame, weight: str) -> pd.Series:
    if weight == "posts":
        return pd.Series(1.0, index=rows.index)
    names = ["likes"] if weight == "likes" else ["likes", "shares", "comments"]
    return rows[names].astype(float).clip(lower=0).sum(axis=1, min_count=1)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_counts_of_hashtags_equal_those_of_pandas(tagged: Batch, weight: str) -> None:
    rows = table(tagged)
    rows = rows.assign(weight=weights_of(rows, weight)).dropna(subset="weight")
    found = query.count_values(tagged, EVERY_POST, "hashtags", weight)
    assert (found.n_values, found.posts, found.amount) == (2, len(rows), rows["weight"].sum())
    assert found.posts_with == rows["text"].str.contains("#").sum()
    assert found.table["title"].tolist() in (["rain", "sun"], ["Rain", "sun"])
    for value in found.table.itertuples():
        of_value = rows[rows["text"].str.lower().str.contains(f"#{value.key}")]
        assert (value.posts, value.amount) == (len(of_value), of_value["weight"].sum())
        for name in SENTIMENTS:
            assert getattr(value, name) == of_value.loc[of_value["sentiment"] == name, "weight"].sum()
        assert value.likes == of_value["likes"].clip(lower=0).sum()
        assert value.interactions == weights_of(of_value, "interactions").sum()
        if weight == "posts":
            assert (value.low, value.high) == pytest.approx(
                compute_share_interval(value.negative, value.posts)
            )
        else:
            assert 0 <= value.low <= value.negative / value.amount <= value.high <= 1


def test_a_hashtag_counts_once_per_post_and_has_its_most_frequent_spelling(tmp_path: Path) -> None:
    texts = ["#Rain #rain #RAIN", "#RAIN", "#RAIN", "#Rain"]
    posts = post_frame([{"post_id": f"p{row}", "text": text} for row, text in enumerate(texts)])
    (value,) = query.count_values(
        score(new_batch(tmp_path, posts)), EVERY_POST, "hashtags"
    ).table.itertuples()
    assert (value.title, value.key, value.posts) == ("RAIN", "rain", 4)
    assert pd.isna(value.likes)


@pytest.mark.parametrize(
    "by", ["hashtags", "mentions", "emoji", "domains", "author", "platform", "language", "topic"]
)
def test_a_value_opens_the_posts_that_were_counted(tagged: Batch, by: str) -> None:
    names = {"author": "authors", "platform": "platforms", "language": "languages", "topic": "topics"}
    filters = Filters(sentiments=("positive", "negative"))
    for value in query.count_values(tagged, filters, by).table.itertuples():
        only = filters.with_selection((names.get(by, by), value.key))
        assert len(ids(tagged, only)) == value.posts > 0


def test_authors_that_differ_in_case_or_sign_are_one(tagged: Batch) -> None:
    found = query.count_values(tagged, EVERY_POST, "author")
    assert found.table["key"].tolist() == ["ann"]
    assert found.posts_with == table(tagged)["author"].notna().sum()


def test_values_are_sorted_searched_and_paged(tmp_path: Path) -> None:
    texts = [f"#tag{row // 2} #Large" for row in range(20)]
    posts = post_frame([{"post_id": f"p{row}", "text": text, "likes": row} for row, text in enumerate(texts)])
    batch = score(new_batch(tmp_path, posts))

    def titles(**how: object) -> list[str]:
        return query.count_values(batch, EVERY_POST, "hashtags", **how).table["title"].tolist()  # type: ignore[arg-type]

    assert titles()[0] == "Large"
    assert titles(order="title") == ["Large", *(f"tag{row}" for row in range(10))]
    assert titles(order="likes")[:2] == ["Large", "tag9"]
    assert titles(order="title", limit=2, offset=1) == ["tag0", "tag1"]
    assert titles(search="LAR") == ["Large"]
    found = query.count_values(batch, EVERY_POST, "hashtags", search="tag1")
    assert (found.posts_found, found.posts_with) == (2, 20)
    assert query.count_values(batch, EVERY_POST, "hashtags").posts_found == 20
    by_topic = query.count_values(batch, EVERY_POST, "topic", search="sport")
    assert by_topic.posts_found == by_topic.table["posts"].sum() < 20
    assert titles(search="%") == titles(search="' OR true --") == []
    shares = query.count_values(batch, EVERY_POST, "hashtags", order="negative").table
    lower = shares["low"].where(shares["negative"] > 0, 0.0)
    assert lower.tolist() == sorted(lower, reverse=True)
    with pytest.raises(ValueError, match="nothing"):
        titles(order="nothing")
    with pytest.raises(ValueError, match="text"):
        query.count_values(batch, EVERY_POST, "text")
    with pytest.raises(ValueError, match="views"):
        titles(weight="views")


def test_amounts_over_time_equal_those_of_pandas(tagged: Batch) -> None:
    unit, periods = query.count_value_periods(tagged, EVERY_POST, "hashtags", ["sun"])
    rows = table(tagged)
    days = rows[rows["text"].str.contains("#sun")]["created_at"].dt.date.value_counts().sort_index()
    assert unit == "day"
    assert dict(zip(periods["first"], periods["amount"], strict=True)) == days.to_dict()
    start, end = periods["first"].iloc[0], periods["first"].iloc[-1]
    filled = query.fill_periods(unit, periods["first"], periods["amount"], start, end)
    assert (len(filled), sum(filled)) == ((end - start).days + 1, days.sum())


@pytest.mark.parametrize("weight", ["likes", "interactions"])
def test_counts_by_class_and_period_are_weighted(tagged: Batch, weight: str) -> None:
    rows = table(tagged)
    rows = rows.assign(weight=weights_of(rows, weight)).dropna(subset="weight")
    counted = query.count_by(tagged, EVERY_POST, "topic", "sentiment", weight=weight)
    expected = rows.groupby(["topic", "sentiment"])["weight"].sum().to_dict()
    assert {(row.topic, row.sentiment): getattr(row, weight) for row in counted.itertuples()} == expected
    _, periods = query.count_by_period(tagged, unit="month", weight=weight)
    assert periods[list(SENTIMENTS)].sum(axis=None) == rows["weight"].sum()
    mean = (rows["valence"] * rows["weight"]).sum() / rows["weight"].sum()
    assert periods["mean_valence"].tolist() == pytest.approx([mean])
    engagement = query.sum_engagement(tagged)[weight]
    assert (engagement.total, engagement.known, engagement.scored) == (rows["weight"].sum(), len(rows), 60)
    sums = query.sum_sentiments(tagged, EVERY_POST, weight)
    assert {name: amount for name, (amount, _) in sums.items()} == rows.groupby("sentiment")[
        "weight"
    ].sum().to_dict()
    assert all(0 <= low < high <= 1 for _, (low, high) in sums.values())


def test_huge_numbers_of_likes_do_not_overflow(tmp_path: Path) -> None:
    most = 2**63 - 1
    posts = [
        {"post_id": f"p{row}", "text": "#x", "likes": most, "shares": most, "comments": most}
        for row in range(3)
    ]
    batch = score(new_batch(tmp_path, post_frame(posts)))
    largest = int(9e18)  # three times 2**63 - 1 likes do not fit
    found = query.count_values(batch, EVERY_POST, "hashtags", "likes")
    assert (found.amount, found.table["amount"].tolist(), found.table["likes"].tolist()) == (
        largest,
        [largest],
        [largest],
    )
    assert query.read_page(batch)["interactions"].tolist() == [3 * 2**60] * 3
    assert query.sum_engagement(batch)["likes"].total == largest


def test_interactions_that_are_only_likes_are_not_offered_twice(tmp_path: Path) -> None:
    posts = [{"post_id": "a", "text": "x", "likes": 3}, {"post_id": "b", "text": "y", "likes": 4}]
    assert list(query.sum_engagement(score(new_batch(tmp_path / "likes", post_frame(posts))))) == ["likes"]
    posts[1]["comments"] = 1
    both = query.sum_engagement(score(new_batch(tmp_path / "both", post_frame(posts))))
    assert {name: each.total for name, each in both.items()} == {"likes": 7, "interactions": 8}


def test_a_batch_without_reactions_offers_none(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, post_frame([{"post_id": "a", "text": "x"}])))
    assert query.sum_engagement(batch) == {}
    assert query.sum_sentiments(batch, EVERY_POST, "likes") == {}
    assert query.count_values(batch, EVERY_POST, "hashtags").posts_with == 0
    assert query.list_frequent_values(batch, "author") == ()


def test_values_are_unknown_until_their_tables_are_made(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    assert query.list_frequent_values(batch, "author", make_tables=False) is None
    query.count_matching_posts(batch, Filters(authors=("author1",)))
    assert query.list_frequent_values(batch, "author", make_tables=False) == (
        "@author1",
        "@author0",
        "@author2",
    )


def test_values_are_searched_and_sorted_by_the_names_that_are_shown(tagged: Batch) -> None:
    keys = query.count_by(tagged, EVERY_POST, "topic")["topic"].tolist()
    titles = {key: f"Title {row} of {key.upper()}" for row, key in enumerate(sorted(keys, reverse=True))}
    found = query.count_values(tagged, EVERY_POST, "topic", order="title", titles=titles).table
    assert found["title"].tolist() == sorted(titles.values())
    assert found["key"].tolist() == sorted(keys, reverse=True)
    (value,) = query.count_values(
        tagged, EVERY_POST, "topic", search="title 0", titles=titles
    ).table.itertuples()
    assert (value.key, value.title) == (max(keys), titles[max(keys)])
    some = {max(keys): "zzz"}
    found = query.count_values(tagged, EVERY_POST, "topic", order="title", titles=some).table
    assert found["title"].tolist() == [*sorted(keys)[:-1], "zzz"]


def test_languages_are_found_by_name(tagged: Batch) -> None:
    codes = query.count_values(tagged, EVERY_POST, "language").table["key"].tolist()
    for code in codes:
        found = query.count_values(
            tagged, EVERY_POST, "language", search=LANGUAGES[code].upper(), titles=LANGUAGES
        )
        assert (found.n_values, found.table["title"].tolist()) == (1, [LANGUAGES[code]])


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_most_negative_values_come_first_by_the_interval_that_is_shown(
    tmp_path: Path, weight: str
) -> None:
    chance = Random(0)
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"{row} #t{chance.randrange(12)}",
            "likes": int(chance.lognormvariate(3, 2)),
        }
        for row in range(300)
    ]
    batch = score(new_batch(tmp_path, post_frame(rows), part_posts=100))
    shown = query.count_values(batch, EVERY_POST, "hashtags", weight, order="negative").table
    assert len(shown) == 12
    assert shown["low"].tolist() == sorted(shown["low"], reverse=True)
    assert shown["low"].nunique() > 6


def test_a_page_after_the_last_still_knows_the_number_of_values(tagged: Batch) -> None:
    found = query.count_values(tagged, EVERY_POST, "hashtags", limit=2, offset=4)
    assert (len(found.table), found.n_values) == (0, 2)
    found = query.count_values(tagged, EVERY_POST, "hashtags", limit=1, offset=9, search="su")
    assert (len(found.table), found.n_values) == (0, 1)


def test_a_period_out_of_range_is_an_error() -> None:
    first, second, third = (date(2026, month, 1) for month in (1, 2, 3))
    amounts = pd.Series([4, 5])
    assert query.fill_periods("month", pd.Series([first, third]), amounts, first, third) == [4, 0, 5]
    assert query.fill_periods("hour", pd.Series([], dtype=object), pd.Series([]), first, first) == [0]
    with pytest.raises(ValueError, match="2026-01 is not between"):
        query.fill_periods("month", pd.Series([first, third]), amounts, second, third)


@pytest.mark.parametrize("by", ["valence", "text", "is_copy", "position", "likes"])
def test_only_columns_of_classes_are_counted(tagged: Batch, by: str) -> None:
    for count in (
        partial(query.count_values, tagged, EVERY_POST, by),
        partial(query.count_by, tagged, EVERY_POST, by),
        partial(query.count_value_periods, tagged, EVERY_POST, by, ["x"]),
    ):
        with pytest.raises(ValueError, match=f"not by {by}"):
            count()
