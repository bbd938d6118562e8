"""Segments of posts: their counts, words and emoji equal those of plain Python, and samples are fair."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from analysis import query
from analysis.errors import PostLensError
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import Filters, Members, Segment
from analysis.query.found_values import list_words_sql
from analysis.query.segment_words import sample_members
from analysis.workspace import Batch
from tests.query.compared import table
from tests.query.test_breakdown import weights_of
from tests.scored import FIRST_DAY, new_batch, score

TEXTS = ("#rain today 🌧", "#sun today ☀", "#rain and #sun 🌧🌧", "nothing here")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Sixty posts; every fourth has both hashtags, every fourth none."""
    rows = [
        {
            "post_id": f"p{row}",
            "text": TEXTS[row % 4],
            "created_at": FIRST_DAY + timedelta(days=row),
            "likes": row if row % 3 else None,
        }
        for row in range(60)
    ]
    return score(new_batch(tmp_path_factory.mktemp("mixed"), post_frame(rows), "mixed", part_posts=16))


@pytest.fixture(scope="module")
def members(mixed: Batch) -> Members:
    return query.find_members(
        [Segment(f"#{tag}", mixed, Filters(hashtags=(tag,))) for tag in ("rain", "sun")]
    )


@pytest.mark.parametrize("weight", ["posts", "likes"])
def test_counts_of_segments_equal_those_of_pandas(mixed: Batch, members: Members, weight: str) -> None:
    rows = table(mixed)
    rows = rows.assign(weight=weights_of(rows, weight)).dropna(subset="weight")
    counts = query.count_segments(members, weight)
    for number, tag in enumerate(("#rain", "#sun")):
        found, of_segment = counts.table.loc[number], rows[rows["text"].str.contains(tag)]
        assert (found["posts"], found["amount"]) == (len(of_segment), of_segment["weight"].sum())
        assert found["squares"] == (of_segment["weight"] ** 2).sum()
        for name in SENTIMENTS:
            assert found[name] == of_segment.loc[of_segment["sentiment"] == name, "weight"].sum()
        assert found["likes"] == of_segment["likes"].sum()
    union = rows[rows["text"].str.contains("#rain|#sun")]["weight"]
    assert (counts.amount, counts.squares) == (union.sum(), (union**2).sum())


def test_shared_posts_are_counted(members: Members) -> None:
    assert members.shared_posts().tolist() == [[30, 15], [15, 30]]


def test_classes_of_segments_equal_those_of_pandas(mixed: Batch, members: Members) -> None:
    found = query.count_segment_classes(members, "topic")
    rows = table(mixed)
    for number, tag in enumerate(("#rain", "#sun")):
        expected = rows[rows["text"].str.contains(tag)]["topic"].value_counts().to_dict()
        of_segment = found[found["segment"] == number]
        assert dict(zip(of_segment["value"], of_segment["amount"], strict=True)) == expected
    with pytest.raises(ValueError, match="text"):
        query.count_segment_classes(members, "text")


def test_words_and_emoji_count_once_per_post_by_the_segments_of_the_post(members: Members) -> None:
    words = query.count_segment_words(members, 1_000)
    assert (words.counted, words.posts) == (45, 45)
    found = {(row.key, row.members): row.posts for row in words.table.itertuples()}
    assert found == {
        ("🌧", 1): 15,
        ("🌧", 3): 15,
        ("☀", 2): 15,
        ("rain", 1): 15,
        ("rain", 3): 15,
        ("sun", 2): 15,
        ("sun", 3): 15,
    }
    assert set(words.table.loc[words.table["kind"] == "emoji", "key"]) == {"🌧", "☀"}


def test_segments_can_be_in_several_batches(mixed: Batch, batch: Batch) -> None:
    segments = [Segment("mixed", mixed, Filters(search="rain")), Segment("other", batch, query.EVERY_POST)]
    members = query.find_members(segments)
    assert members.shared_posts().tolist() == [[30, 0], [0, 20]]
    assert query.count_segments(members).table["posts"].tolist() == [30, 20]
    words = query.count_segment_words(members, 1_000).table
    assert set(words.loc[words["members"] == 2, "key"]) >= {"post", "sunshine"}


def test_filters_of_dates_make_segments(mixed: Batch) -> None:
    middle = (FIRST_DAY + timedelta(days=20)).date()
    earlier, later = Filters(until=middle - timedelta(days=1)), Filters(since=middle)
    members = query.find_members([Segment("earlier", mixed, earlier), Segment("later", mixed, later)])
    assert query.count_segments(members).table["posts"].tolist() == [20, 40]


@pytest.mark.parametrize("number", [1, 9])
def test_too_few_or_too_many_segments_are_refused(mixed: Batch, number: int) -> None:
    with pytest.raises(PostLensError, match="Choose 2 to 8"):
        query.find_members([Segment("all", mixed, query.EVERY_POST)] * number)


@pytest.mark.slow
def test_a_sample_keeps_small_segments_whole_and_is_always_the_same(tmp_path: Path) -> None:
    rows = [{"post_id": f"p{row}", "text": "#small" if row < 50 else "#large"} for row in range(2_000)]
    batch = score(new_batch(tmp_path, post_frame(rows)))
    members = query.find_members(
        [Segment(tag, batch, Filters(hashtags=(tag,))) for tag in ("small", "large")]
    )
    sample = sample_members(members, 500)["spring"]
    chosen = sample["members"].to_pylist()
    assert chosen.count(1) == 50
    assert 380 < chosen.count(2) < 520
    assert sample.equals(sample_members(members, 500)["spring"])
    words = query.count_segment_words(members, 500)
    assert (words.counted, words.posts) == (len(chosen), 2_000)


def test_a_sample_of_segments_that_overlap_is_uniform(members: Members) -> None:
    chosen = [sample_members(members, 30)[name]["members"].to_pylist() for name in members.tables]
    assert 15 <= len(chosen[0]) <= 43
    assert set(chosen[0]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Hello #Rain rain, don't @ann.b see https://x.org/abc 42",
            {"Hello", "#Rain", "rain", "don't", "see"},
        ),
        ("mail ann@host.org &amp; Größe", {"mail", "Größe"}),
        ("天气很好", {"天气", "气很", "很好"}),
        ("今日はコーヒーを飲む AI技術", {"今日", "コーヒー", "飲", "AI", "技術"}),
        ("한국은 좋다", {"한국은", "좋다"}),
        ("हिन्दी में", {"हिन्दी", "में"}),
        ("สวัสดีครับ", {"สวัสดีครับ"}),
        ("Cafe\u0301", {"Cafe\u0301"}),
        ("the 21st, in 2nd place at 7pm", {"the", "in", "place", "at"}),
        ("", set()),
        ("🌧 1 #", set()),
    ],
)
def test_words_are_found_in_texts(text: str, words: set[str]) -> None:
    with duckdb.connect() as database:
        sql = f"SELECT {list_words_sql()} FROM (SELECT $text AS text)"
        ((found,),) = database.sql(sql, params={"text": text}).fetchall()
    assert sorted(found) == sorted(words)


def test_stop_words_of_a_language_that_few_posts_are_in_are_not_counted(tmp_path: Path) -> None:
    rows = [
        {"post_id": f"p{row}", "text": "anche governo" if row < 3 else f"train {row}"} for row in range(200)
    ]
    batch = score(new_batch(tmp_path, post_frame(rows)))
    scores = batch.read_part("scores", 0)
    batch.write_part("scores", 0, scores.assign(language=["it" if row < 3 else "en" for row in range(200)]))
    segments = [Segment("some", batch, Filters(search="governo")), Segment("all", batch, query.EVERY_POST)]
    words = query.count_segment_words(query.find_members(segments), 1_000).table
    assert set(words["key"]) == {"governo", "train"}
