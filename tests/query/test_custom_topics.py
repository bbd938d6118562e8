"""Custom topics of a batch in queries and reports: counts, a filter, and columns."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import query
from analysis.columns import TEXT_AND_IMAGE, TOPIC_COLUMN, UNCLEAR, Selection, report_columns, select_columns
from analysis.custom_topics import CustomTopic
from analysis.exporters import (
    CSV,
    Privacy,
    PrivacyLevel,
    export_summary_html,
    get_exporter,
    preview_report,
    summarise_batch,
)
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.file_names import name_report_file
from analysis.exporters.privacy import protect_post
from analysis.exporters.report import write_report_table
from analysis.query import EVERY_POST, Filters
from analysis.query.value_hours import count_value_hours
from analysis.settings import Settings
from analysis.workspace import Batch, CustomTopics
from tests.scored import HEADS, new_batch, score, some_posts

FORMULA = '=HYPERLINK("x")'
NAMES = ("prices", FORMULA)
TOPICS = tuple(map(CustomTopic, NAMES))
SETTINGS = Settings(custom_topic_from=0.3)
SALT = b"salt" * 8
CONFIG = SimpleNamespace(heads=HEADS, modalities=TEXT_AND_IMAGE, languages=())


@pytest.fixture(scope="module")
def topics() -> CustomTopics:
    """The first 8 of 20 posts have the first topic, posts 4 to 11 the second, and the last has no embedding."""
    similarity = np.zeros((2, 20), dtype=np.float32)
    similarity[0, :8], similarity[1, 4:12] = 0.5, 0.3
    similarity[:, 19] = np.nan
    return CustomTopics(TOPICS, similarity, SETTINGS)


@pytest.fixture
def named(batch: Batch, topics: CustomTopics) -> Batch:
    return batch.with_custom_topics(topics)


def test_a_post_counts_in_each_of_its_topics(named: Batch) -> None:
    counts = query.count_custom_topics(named).groupby("topic", sort=False)["posts"].sum()
    assert counts.to_dict() == {"prices": 8, FORMULA: 8, "none of these": 7}
    negative = Filters(sentiments=("negative",))
    found = query.count_custom_topics(named, negative)
    assert set(found["sentiment"]) == {"negative"}
    of_prices = found.loc[found["topic"] == "prices", "posts"].sum()
    posts = query.read_page(named, negative)
    assert of_prices == posts["position"].lt(8).sum()


def test_a_batch_without_topics_has_no_counts_and_no_columns(batch: Batch, named: Batch) -> None:
    assert query.count_custom_topics(batch).empty
    assert "own_topics" not in query.read_page(batch)
    assert query.count_matching_posts(batch, Filters(own_topic=("prices",))) == 0


@pytest.mark.parametrize(
    ("chosen", "positions"),
    [
        (("prices",), range(8)),
        (("prices", FORMULA), range(12)),
        (("none of these",), range(12, 19)),
        (("unknown",), range(0)),
    ],
)
def test_posts_are_filtered_by_topics(named: Batch, chosen: tuple[str, ...], positions: range) -> None:
    filters = Filters(own_topic=chosen)
    assert list(query.read_page(named, filters)["position"]) == list(positions)
    assert query.count_matching_posts(named, filters) == len(positions)
    both = filters.replace(search="sunshine")
    assert set(query.read_page(named, both)["position"]) <= set(positions)


def test_one_post_has_the_columns_too(named: Batch) -> None:
    post = query.read_post(named, "p5")
    assert post["own_topics"] == f"prices; {FORMULA}"
    assert post["similarity: prices"] == 0.5
    assert query.read_post(named, "p19")["own_topics"] is None


def read_table(content: io.BytesIO, suffix: str) -> pd.DataFrame:
    content.seek(0)
    if suffix == ".xlsx":
        return pd.read_excel(content, engine="calamine")
    return pd.read_parquet(content) if suffix == ".parquet" else pd.read_csv(content, encoding="utf-8-sig")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_reports_have_the_topics_of_each_post(named: Batch, suffix: str) -> None:
    columns = report_columns(HEADS, topics=TOPICS)
    assert {"own_topics", f"similarity: {FORMULA}"} <= {column.name for column in columns}
    target = io.BytesIO()
    exporter = get_exporter(Path(f"report{suffix}"), ReportExporter)
    assert write_report_table(named, EVERY_POST, columns, target, exporter) == 20
    table = read_table(target, suffix)
    assert table["own_topics"].iloc[[0, 12]].tolist() == ["prices", "none of these"]
    assert FORMULA in table["own_topics"].iloc[5]
    assert table["own_topics"].isna().tolist() == [False] * 19 + [True]
    (header,) = [name for name in table if name.startswith("similarity: ") and name != "similarity: prices"]
    for name, values in (("similarity: prices", [0.5, 0.5, 0.0]), (header, [0.0, 0.3, 0.0])):
        assert table[name].iloc[[0, 5, 12]].tolist() == pytest.approx(values)
        assert np.isnan(table[name].iloc[19])


def test_formulas_in_names_of_topics_are_escaped_in_csv(named: Batch) -> None:
    target = io.BytesIO()
    write_report_table(named, EVERY_POST, report_columns(HEADS, topics=TOPICS), target, CSV)
    rows = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig"))))
    assert rows[5]["own_topics"] == f"prices; '{FORMULA}"
    assert rows[8]["own_topics"] == f"'{FORMULA}"
    assert rows[12]["own_topics"] == "none of these"
    assert rows[19]["own_topics"] == ""
    (header,) = [name for name in rows[0] if name.startswith("similarity") and name != "similarity: prices"]
    assert rows[5][header] == "0.3"
    assert rows[5]["similarity: prices"] == "0.5"


def test_names_are_in_every_selection_and_similarities_with_the_probabilities() -> None:
    columns = report_columns(HEADS, topics=TOPICS)
    names = {each: {column.name for column in select_columns(columns, each)} for each in Selection}
    assert all("own_topics" in each for each in names.values())
    assert {each for each in Selection if "similarity: prices" in names[each]} == {
        Selection.PROBABILITIES,
        Selection.EVERYTHING,
    }


def test_meanings_name_the_threshold_of_each_topic() -> None:
    topics = (CustomTopic("prices", threshold=0.41), CustomTopic("rain"))
    columns = {column.name: column for column in report_columns(HEADS, settings=SETTINGS, topics=topics)}
    assert "from 0.41 on" in columns["similarity: prices"].meaning
    assert "from 0.3 on" in columns["similarity: rain"].meaning
    assert "reaches the threshold of that topic" in columns[TOPIC_COLUMN].meaning
    (alone,) = [each for each in report_columns(HEADS, topics=topics[:1]) if each.name == TOPIC_COLUMN]
    assert "is 0.41 or more" in alone.meaning


def test_pseudonyms_replace_mentions_in_names_of_topics(batch: Batch, topics: CustomTopics) -> None:
    private, ann = Privacy(PrivacyLevel.PSEUDONYMS, SALT), (CustomTopic("@ann"), CustomTopic("prices"))
    named = batch.with_custom_topics(CustomTopics(ann, topics.similarity, SETTINGS))
    target = io.BytesIO()
    columns = report_columns(HEADS, topics=ann)
    write_report_table(named, EVERY_POST, columns, target, CSV, private)
    assert b"@ann" not in target.getvalue()
    assert b"similarity: prices" in target.getvalue()
    filters = Filters(own_topic=("@ann",))
    assert "ann" not in name_report_file(named, filters, ".csv", level=private.level)


def private_report(batch: Batch, topics: CustomTopics, level: PrivacyLevel) -> tuple[Batch, str, str]:
    """A batch with the topic "Jane Smith", by whom one post is, its table as text, and its summary."""
    chosen = tuple(map(CustomTopic, ("Jane Smith", "@jo", "prices")))
    named = batch.with_custom_topics(CustomTopics(chosen, topics.similarity, SETTINGS))
    privacy = Privacy(level, SALT)
    filters = Filters(own_topic=("Jane Smith", "@jo"))
    target = io.BytesIO()
    write_report_table(
        named, filters, report_columns(HEADS, topics=named.custom_topics.topics), target, CSV, privacy
    )
    page = export_summary_html(summarise_batch(named, filters, CONFIG, None, privacy))
    return named, target.getvalue().decode("utf-8-sig"), page


@pytest.fixture
def three(topics: CustomTopics) -> CustomTopics:
    return CustomTopics((), np.vstack([topics.similarity, topics.similarity[:1]]), SETTINGS)


@pytest.fixture
def batch_of_jane(tmp_path: Path) -> Batch:
    """20 scored posts, one of them by Jane Smith."""
    posts = some_posts(20)
    posts["author"] = posts["author"].where(posts.index != 2, "Jane Smith")
    return score(new_batch(tmp_path, posts))


def test_scores_only_shows_custom_topics_nowhere(batch_of_jane: Batch, three: CustomTopics) -> None:
    named, table, page = private_report(batch_of_jane, three, PrivacyLevel.SCORES_ONLY)
    for shown in (table, page):
        assert not any(word in shown for word in ("Jane", "@jo", "prices", "own_topics", "similarity: "))
    assert "Custom topics" not in page
    assert "Custom topic: not shown" in page
    post = protect_post(query.read_post(named, "p2"), Privacy(PrivacyLevel.SCORES_ONLY, SALT))
    assert not any(name.startswith(("own_topics", "similarity")) for name in post)


@pytest.mark.slow
def test_pseudonyms_replace_people_in_custom_topics_equally_in_table_and_summary(
    batch_of_jane: Batch, three: CustomTopics
) -> None:
    named, table, page = private_report(batch_of_jane, three, PrivacyLevel.PSEUDONYMS)
    names = Privacy(PrivacyLevel.PSEUDONYMS, SALT).pseudonyms
    jane, jo = names.user("Jane Smith"), names.user("jo")
    assert not any(word in shown for shown in (table, page) for word in ("Jane", "@jo"))
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {f"similarity: {jane}", "similarity: prices"} <= set(rows[0])
    assert {row["own_topics"] for row in rows[:4]} == {f"{jane}; prices"}
    assert f"Custom topic: {jane} or {jo}" in page.replace("@", "")
    assert "Custom topics (a post can have several)" in page
    post = protect_post(query.read_post(named, "p5"), Privacy(PrivacyLevel.PSEUDONYMS, SALT))
    assert jo in post["own_topics"]
    assert not any("@jo" in str(each) for each in post.items())


@pytest.mark.slow
def test_the_preview_of_a_private_report_shows_the_same_topics(
    batch_of_jane: Batch, three: CustomTopics
) -> None:
    privacy = Privacy(PrivacyLevel.PSEUDONYMS, SALT)
    named, table, _ = private_report(batch_of_jane, three, privacy.level)
    columns = report_columns(HEADS, topics=named.custom_topics.topics)
    shown = preview_report(named, Filters(own_topic=("Jane Smith", "@jo")), columns, 5, privacy=privacy)
    header, *rows = csv.reader(io.StringIO(table))
    assert (list(shown.columns), shown.to_numpy().tolist()) == (header, rows[:5])


@pytest.mark.parametrize("level", [PrivacyLevel.PSEUDONYMS, PrivacyLevel.SCORES_ONLY])
def test_names_of_private_files_have_no_custom_topics(named: Batch, level: PrivacyLevel) -> None:
    filters = Filters(own_topic=("Jane Smith",))
    assert "jane-smith" in name_report_file(named, filters, ".csv")
    assert "jane" not in name_report_file(named, filters, ".csv", level=level)


@pytest.mark.slow
@pytest.mark.parametrize("level", [PrivacyLevel.EVERYTHING, PrivacyLevel.PSEUDONYMS])
def test_the_summary_counts_topics_and_names_the_filter(named: Batch, level: PrivacyLevel) -> None:
    privacy = Privacy(level, SALT)
    summary = summarise_batch(named, EVERY_POST, CONFIG, None, privacy)
    (group,) = [each for each in summary.groups if each.title.startswith("Custom topics")]
    assert [sum(row.posts.values()) for row in group.rows] == [8, 8, 7]
    assert "a post can have several" in export_summary_html(summary)
    filtered = summarise_batch(named, Filters(own_topic=("prices",)), CONFIG, None, privacy)
    assert filtered.filters == ["Custom topic: prices"]


def test_a_breakdown_by_topic_counts_a_post_in_each_of_its_topics(named: Batch) -> None:
    found = query.count_values(named, EVERY_POST, TOPIC_COLUMN)
    assert dict(zip(found.table["title"], found.table["posts"], strict=True)) == {
        "prices": 8,
        FORMULA: 8,
        "none of these": 7,
    }
    assert (found.n_values, found.posts, found.posts_with) == (3, 20, 19)
    assert list(query.count_values(named, EVERY_POST, TOPIC_COLUMN, search="PRI").table["key"]) == ["prices"]
    of_prices = query.count_values(named, Filters(own_topic=("prices",)), TOPIC_COLUMN).table
    assert dict(zip(of_prices["key"], of_prices["posts"], strict=True)) == {"prices": 8, FORMULA: 4}


def test_a_breakdown_by_topic_has_the_posts_of_each_period(named: Batch) -> None:
    _, periods = query.count_value_periods(named, EVERY_POST, TOPIC_COLUMN, ["prices"])
    assert set(periods["key"]) == {"prices"}
    assert periods["amount"].sum() == query.read_page(named, limit=8)["created_at"].notna().sum()


def test_a_batch_without_topics_has_no_breakdown_by_topic(batch: Batch) -> None:
    with pytest.raises(ValueError, match="own_topics"):
        query.count_values(batch, EVERY_POST, TOPIC_COLUMN)


def test_having_no_topic_and_no_clear_topic_are_no_values_of_peaks(named: Batch) -> None:
    assert set(count_value_hours(named, EVERY_POST, TOPIC_COLUMN, 50).keys) <= set(NAMES)
    assert UNCLEAR not in count_value_hours(named, EVERY_POST, "topic", 50).keys
