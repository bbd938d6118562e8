"""The report's columns and their data dictionary."""

from __future__ import annotations

from pathlib import Path

from analysis import query
from analysis.columns import report_columns
from analysis.model.config import Head
from tests.scored import HEADS, new_batch, score


def test_reports_have_these_columns_in_this_order_even_if_others_are_added() -> None:
    expected = [
        *("post_id", "text", "author", "created_at", "n_images", "inputs_used"),
        *("sentiment", "p_negative", "p_neutral", "p_positive", "valence", "confidence", "uncertain"),
        *("text_sentiment", "image_sentiment", "text_valence", "image_valence", "agreement"),
        *("decided_by", "text_image_match"),
        *("topic", "topic_confidence", "topic_arts_culture", "topic_daily_life", "topic_sports_gaming"),
        *("emotion", "p_anger", "p_joy", "p_irony", "p_offensive", "p_hate", "language", "in_language"),
        *(
            "phi_text",
            "phi_image",
            "interaction",
            "share_text",
            "share_image",
            "top_words",
            "copies",
            "model",
        ),
    ]
    names = [column.name for column in report_columns(HEADS) if column.is_basic]
    assert [name for name in names if name in expected] == expected


def test_every_column_says_what_it_means_and_each_name_is_used_once() -> None:
    columns = report_columns(HEADS, original=["campaign"])
    assert all(column.label and column.meaning.endswith(".") for column in columns)
    assert len({column.name for column in columns}) == len(columns)


def test_every_score_has_a_column(tmp_path: Path) -> None:
    offered = {column.name for column in report_columns(HEADS)}
    scored = set(query.read_page(score(new_batch(tmp_path))).columns)
    assert scored - offered == {"image_names", "extra", "position", "disagree", "image_map", "interactions"}


def test_a_model_without_a_head_has_no_columns_of_it() -> None:
    without = report_columns({name: head for name, head in HEADS.items() if name in ("sentiment", "topic")})
    assert not {column.name for column in without} & {"emotion", "p_anger", "p_irony", "p_not_irony"}


def test_a_yes_or_no_head_has_one_column_and_others_one_for_each_class() -> None:
    columns = {column.name: column for column in report_columns(HEADS)}
    assert "p_not_irony" not in columns
    assert "irony" not in columns
    assert "counted above 0.75" in columns["p_irony"].meaning
    assert "(anger, joy), or unclear when none has a probability of 0.5" in columns["emotion"].meaning


def test_two_heads_with_a_class_of_one_name_keep_their_columns_apart() -> None:
    stance = Head("stance", ("positive", "joy"), ("For", "Joy"))
    names = [column.name for column in report_columns({"stance": stance, **HEADS})]
    assert len(set(names)) == len(names)
    assert {"p_positive", "stance_positive", "p_joy", "emotion_joy"} <= set(names)


def test_the_analysts_own_columns_come_last_and_only_when_asked_for() -> None:
    *_, last = report_columns(HEADS, original=["likes"])
    assert (last.name, last.is_basic) == ("original: likes", False)
    assert not any(column.name.startswith("original") for column in report_columns(HEADS))
