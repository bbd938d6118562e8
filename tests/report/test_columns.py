"""The report's columns and their data dictionary."""

from __future__ import annotations

from pathlib import Path

from analysis import query
from analysis.report.columns import report_columns
from tests.scored import TOPICS, new_batch, score

TITLED = [(name, name.title()) for name in TOPICS]


def test_columns_stand_in_the_order_of_the_report() -> None:
    names = [column.name for column in report_columns(TITLED) if column.default]
    assert names == [
        *("post_id", "text", "author", "created_at", "n_images", "inputs_used"),
        *("sentiment", "p_negative", "p_neutral", "p_positive", "valence", "confidence", "uncertain"),
        *("text_sentiment", "image_sentiment", "text_valence", "image_valence", "agreement"),
        *("topic", "topic_confidence", "topic_arts_culture", "topic_daily_life", "topic_sports_gaming"),
        *("phi_text", "phi_image", "interaction", "share_text", "share_image", "top_words", "model"),
    ]


def test_every_column_says_what_it_means_and_each_name_is_used_once() -> None:
    columns = report_columns(TITLED, original=["campaign"])
    assert all(column.title and column.meaning.endswith(".") for column in columns)
    assert len({column.name for column in columns}) == len(columns)


def test_every_score_has_a_column(tmp_path: Path) -> None:
    offered = {column.name for column in report_columns(TITLED)}
    scored = set(query.page(score(new_batch(tmp_path))).columns)
    assert scored - offered == {"image_names", "extra", "position", "at_odds"}


def test_topics_may_be_a_mapping_or_pairs() -> None:
    assert report_columns(dict(TITLED)) == report_columns(TITLED)


def test_the_analysts_own_columns_come_last_and_only_when_asked_for() -> None:
    *_, last = report_columns(TITLED, original=["likes"])
    assert (last.name, last.default) == ("original: likes", False)
    assert not any(column.name.startswith("original") for column in report_columns(TITLED))
