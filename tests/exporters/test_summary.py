"""The summary report: its numbers are those of the queries, and nothing in it is executed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.exporters import export_summary_html, summarise_batch
from analysis.exporters.headline import Count, Group, Row, format_count_interval, list_findings
from analysis.exporters.striking import POSTS_OF_A_KIND
from analysis.exporters.summary import Summary
from analysis.exporters.summary_slides import export_summary_slides
from analysis.model.bundle import Bundle
from analysis.model.presets import COMPACT
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch, Labels, StoredLabel
from tests.exporters.test_html import Tags
from tests.scored import FIRST_DAY, HEADS, new_batch, score, some_posts

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


@pytest.mark.slow
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
    assert summary.rejected == "1 rejected"


def test_the_page_shows_shares_with_intervals_and_accuracy(batch: Batch) -> None:
    summary = summarise(batch)
    text = read_text(summary)
    negative = summary.headline.sentiments[0]
    low, high = (round(100 * limit) for limit in query.compute_share_interval(negative.posts, 60))
    assert f"{round(100 * negative.share)} % are negative ({low} to {high} %)" in text
    assert "0.71 (0.69 to 0.73)" in text
    assert "model compact@1a2b3c4d" in text
    assert "Of the upload: 1 rejected" in text


def test_figures_of_another_model_are_left_out(batch: Batch) -> None:
    summary = summarise_batch(batch, EVERY_POST, CONFIG, None)
    text = read_text(summary)
    assert "The accuracy of the model that scored these posts is not known here." in text
    assert "in a language the model does not know" in text


@pytest.mark.slow
def test_values_beyond_the_limit_share_a_row(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, some_posts(60), max_chart_values=2))
    topics = next(group for group in summarise(batch).groups if group.title == "Topics")
    counts = query.count_by(batch, EVERY_POST, "topic")["posts"].tolist()
    assert [row.title for row in topics.rows[2:]] == [f"{len(counts) - 2} other values"]
    assert sum(topics.rows[2].posts.values()) == sum(counts[2:])


def test_the_net_sentiment_has_an_interval(batch: Batch) -> None:
    """By hand: (31 - 11) / 102 = 0.196, 1.96 * sqrt((42/102 - 0.196**2) / 102) = 0.119."""
    counts = [
        Count(name, posts, 100) for name, posts in (("Negative", 10), ("Neutral", 60), ("Positive", 30))
    ]
    headline = replace(summarise(batch).headline, sentiments=counts)
    assert (headline.net_sentiment, headline.format_net_interval()) == (20, "+8 to +31")


def test_each_share_of_a_value_has_an_interval(batch: Batch, tiny_bundle: Bundle) -> None:
    summary = summarise_batch(batch, EVERY_POST, tiny_bundle.config, None)
    group = Group("Topics", [Row("rage", "Rage", {"negative": 3, "neutral": 1})])
    html = export_summary_html(replace(summary, groups=[group]))
    assert "75 %<br><small>30 to 95 %</small>" in html
    assert "0 %<br><small>0 to 49 %</small>" in html


def test_the_topic_of_negative_posts_is_named_if_there_is_one(batch: Batch) -> None:
    headline = summarise(batch).headline
    clear = [Row("rage", "Rage", {"negative": 3}), Row("joy", "Joy", {"positive": 30})]
    negative = Count("Negative", 4, 40)
    one = replace(headline, topics=Group("Topics", clear), sentiments=[negative, *headline.sentiments[1:]])
    assert "The most common topic of negative posts is “Rage”: 75 % (30 to 95 %) of them." in list_findings(
        one
    )
    without = replace(one, topics=Group("Topics", [clear[1]]))
    assert not any("most common topic" in sentence for sentence in list_findings(without))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count("x", 9, 34), "15 to 43 %"),
        (Count("x", 42_000, 100_000), "41.7 to 42.3 %"),
        (Count("x", 1, 1_000_000), "0.0000 to 0.0006 %"),
        (Count("x", 0, 0), ""),
    ],
)
def test_intervals_have_digits_enough_to_differ(count: Count, text: str) -> None:
    assert format_count_interval(count) == text


def test_periods_stand_at_their_dates(batch: Batch) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 31)]
    periods = pd.DataFrame({"first": days, "last": days, "negative": 1, "neutral": 0, "positive": 1})
    page = export_summary_html(replace(summarise(batch), unit="day", periods=periods))
    places = [float(found) for found in re.findall(r"<rect x='([\d.]+)'", page)][::3]
    assert places == pytest.approx([0, 720 / 31, 30 * 720 / 31], abs=0.1)


@pytest.mark.slow
def test_posts_of_one_day_are_drawn_by_the_hour(tmp_path: Path) -> None:
    posts = some_posts(12)
    posts["created_at"] = [FIRST_DAY + pd.Timedelta(hours=row) for row in range(12)]
    page = export_summary_html(summarise(score(new_batch(tmp_path, posts))))
    assert page.count("<rect") == 3 * 12
    assert "Posts per hour from 2 March 2026, 09:00 to 2 March 2026, 20:00" in page


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


@pytest.mark.slow
def test_posts_that_the_model_is_not_sure_about_are_not_most_clearly_anything(batch: Batch) -> None:
    clear = ("Most clearly negative", "Most clearly positive")
    shown = [each for each in summarise(batch).striking if each.kind in clear]
    assert shown
    assert not any(each.post["uncertain"] for each in shown)
    unsure = summarise(batch, Filters(uncertain=True))
    assert unsure.headline.totals.posts
    assert not {each.kind for each in unsure.striking} & set(clear)


@pytest.mark.slow
def test_a_report_without_posts_says_whether_none_match_or_none_is_scored(
    batch: Batch, tmp_path: Path
) -> None:
    empty = summarise(batch, Filters(search="nowhere"))
    assert list_findings(empty.headline) == ["No posts match the filters."]
    assert "No posts match the filters." in read_text(empty)
    assert export_summary_slides(empty)
    unscored = summarise(new_batch(tmp_path))
    assert list_findings(unscored.headline) == ["None of these posts has been scored yet."]


def test_filters_are_named_and_followed(batch: Batch) -> None:
    filters = Filters(sentiments=("negative",), uncertain=False, search="post")
    summary = summarise(batch, filters)
    assert summary.headline.totals.posts == query.count_matching_posts(batch, filters) < 60
    assert {each.post["sentiment"] for each in summary.striking} == {"negative"}
    text = read_text(summary)
    assert "of 60 (Search: “post”; Sentiment: Negative; Sure)" in text


def test_filters_of_several_values_keep_the_kinds_that_they_contain(batch: Batch) -> None:
    kinds = {each.kind for each in summarise(batch, Filters(sentiments=("negative", "neutral"))).striking}
    assert "Most clearly negative" in kinds
    assert "Most clearly positive" not in kinds


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_batch_without_scores_says_so(tmp_path: Path) -> None:
    summary = summarise(new_batch(tmp_path))
    assert list_findings(summary.headline) == ["None of these posts has been scored yet."]
    assert "<h2>Sentiment</h2>" not in export_summary_html(summary)


@pytest.mark.slow
def test_filters_that_match_nothing_make_an_empty_report(batch: Batch) -> None:
    summary = summarise(batch, Filters(search="no post contains this"))
    assert summary.headline.totals.posts == 0
    assert "0 posts of 60" in read_text(summary)


def test_each_post_has_a_reason_that_is_escaped(batch: Batch) -> None:
    summary = summarise(batch)
    assert all(each.reason.endswith(".") for each in summary.striking)
    hostile = replace(summary, striking=[replace(summary.striking[0], reason="<b>Negative</b>, because")])
    page = export_summary_html(hostile)
    assert "&lt;b&gt;Negative&lt;/b&gt;, because" in page
    assert "<b>Negative" not in page


def test_own_labels_of_the_model_are_among_its_figures(batch: Batch) -> None:
    own = {**METRICS["evaluations"]["tweets"], "title": "Own labels: sentiment", "posts": 98}
    summary = summarise_batch(batch, EVERY_POST, CONFIG, {**METRICS, "own_labels": {"sentiment": own}})
    text = read_text(summary)
    assert "Own labels: sentiment 98 0.71 (0.69 to 0.73) 0.70 (0.68 to 0.72) Tweets" in text
    assert "trained without it (cross-validation)" in text
    assert "cross-validation" not in read_text(summarise(batch))


@pytest.mark.slow
def test_the_report_says_what_labels_of_people_change(batch: Batch) -> None:
    assert "labels of people" not in read_text(summarise(batch)).split("Read these numbers with care")[1]
    stored = [StoredLabel(row, "sentiment", "negative", "ann") for row in (3, 7)]
    labelled = batch.with_labels(Labels.from_stored(stored))
    limits = read_text(summarise(labelled)).split("Read these numbers with care")[1]
    assert "2 posts of 60 with labels of people. In a table of posts, they replace" in limits
    assert (
        "The labels do not correct the shares: 0 of the labelled posts belong to the random sample" in limits
    )
    assert re.search(r"Label \d+ more of the random sample to see corrected shares", limits)
    everything = [StoredLabel(row, "sentiment", "negative", "ann") for row in range(60)]
    all_labelled = summarise(batch.with_labels(Labels.from_stored(everything)))
    assert all_labelled.corrected.shares
    assert "Shares of sentiment that the labels correct are given" in read_text(all_labelled)
