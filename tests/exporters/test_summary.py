"""The report to read: its numbers are those of the queries, and nothing in it is executed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis import query
from analysis.exporters import export_summary_html, summarise_batch
from analysis.exporters.headline import Count, Group, Row, list_findings
from analysis.exporters.striking import POSTS_OF_A_KIND
from analysis.exporters.summary import Summary
from analysis.model.presets import COMPACT
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.exporters.test_html import Tags
from tests.scored import HEADS, new_batch, score, some_posts

CONFIG = replace(COMPACT, heads=HEADS)
METRICS = {
    "evaluations": {
        "tweets": {
            "title": "Tweets <b>",
            "posts": 2_000,
            "accuracy": 0.71,
            "macro_f1": 0.7,
            "intervals": {"accuracy": [0.69, 0.73], "macro_f1": [0.68, 0.72]},
        }
    }
}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("summary"), some_posts(60)))


def summarise(batch: Batch, filters: Filters = EVERY_POST) -> Summary:
    return summarise_batch(batch, filters, CONFIG, METRICS)


def read_text(summary: Summary) -> str:
    return " ".join(" ".join(Tags(export_summary_html(summary)).text).split())


def test_the_counts_are_those_of_the_queries(batch: Batch) -> None:
    summary = summarise(batch)
    counts = query.count_by(batch, EVERY_POST, "sentiment").set_index("sentiment")["posts"]
    assert [each.posts for each in summary.headline.sentiments] == [
        counts[name] for name in ("negative", "neutral", "positive")
    ]
    topics = next(group for group in summary.groups if group.title == "Topics")
    by_topic = query.count_by(batch, EVERY_POST, "topic").set_index("topic")["posts"]
    assert {row.value: sum(row.posts.values()) for row in topics.rows} == by_topic.to_dict()
    tones = query.count_tones(batch).set_index("tone")["posts"]
    assert [mark.posts for mark in summary.marks] == tones.tolist()
    assert summary.rejected == 1


def test_the_page_shows_shares_with_intervals_and_accuracy(batch: Batch) -> None:
    summary = summarise(batch)
    text = read_text(summary)
    negative = summary.headline.sentiments[0]
    low, high = (round(100 * limit) for limit in query.compute_share_interval(negative.posts, 60))
    assert f"{round(100 * negative.share)} % are negative ({low} to {high} %)" in text
    assert "0.71 (0.69 to 0.73)" in text
    assert "model compact@1a2b3c4d" in text
    assert "1 rows or files" not in text
    assert "1 row or file that was rejected" in text


def test_posts_are_shown_once_with_their_reasons(batch: Batch) -> None:
    striking = summarise(batch).striking
    ids = [each.post["post_id"] for each in striking]
    assert len(ids) == len(set(ids))
    kinds = [each.kind for each in striking]
    assert max(kinds.count(kind) for kind in kinds) == POSTS_OF_A_KIND
    negative = [each for each in striking if each.kind == "Most clearly negative"]
    assert {each.post["sentiment"] for each in negative} == {"negative"}
    confidence = [each.post["confidence"] for each in negative]
    assert confidence == sorted(confidence, reverse=True)
    with_image = next(each for each in striking if each.post["images"])
    assert len(with_image.pictures) == 2  # the image, and its map


def test_filters_are_named_and_followed(batch: Batch) -> None:
    filters = Filters(sentiments=("negative",), uncertain=False, search="post")
    summary = summarise(batch, filters)
    assert summary.headline.totals.posts == query.count_matching_posts(batch, filters) < 60
    assert {each.post["sentiment"] for each in summary.striking} == {"negative"}
    text = read_text(summary)
    assert "of 60 (Search: “post”; Sentiment: Negative; Not uncertain)" in text


def test_nothing_in_the_page_is_active(tmp_path: Path) -> None:
    posts = some_posts(12).assign(text=EVIL, author=EVIL)
    hostile = score(new_batch(tmp_path, posts))
    summary = replace(
        summarise(hostile),
        name=EVIL,
        model=EVIL,
        filters=[EVIL],
        groups=[Group(EVIL, [Row(EVIL, EVIL, {"negative": 2})])],
        marks=[Count(EVIL, 1, 2)],
    )
    page = Tags(export_summary_html(summary))
    assert not {"script", "iframe", "object", "link", "form", "b"} & {tag for tag, _ in page.tags}
    assert all(
        attributes.get("src", "data:image/jpeg").startswith("data:image/jpeg") for _, attributes in page.tags
    )
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "<script>" not in export_summary_html(summary)


def test_only_whole_words_are_highlighted(batch: Batch) -> None:
    summary = summarise(batch)
    post = {**summary.striking[0].post, "text": "Raining is no rain, said @rain", "images": []}
    one = replace(summary.striking[0], post=post, words=[("rain", 0.4), ("ain", 0.3)], pictures=())
    page = export_summary_html(replace(summary, striking=[one]))
    assert page.count("+0.40") == 1
    assert "+0.30" not in page


def test_a_batch_without_scores_says_so(tmp_path: Path) -> None:
    summary = summarise(new_batch(tmp_path))
    assert list_findings(summary.headline) == ["None of these posts has been scored yet."]
    assert "<h2>Sentiment</h2>" not in export_summary_html(summary)


def test_filters_that_match_nothing_make_an_empty_report(batch: Batch) -> None:
    summary = summarise(batch, Filters(search="no post contains this"))
    assert summary.headline.totals.posts == 0
    assert "0 posts of 60" in read_text(summary)
