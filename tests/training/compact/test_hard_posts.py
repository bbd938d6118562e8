"""Difficult posts: the list is checked before training, and the wrong predictions are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import EvaluationError
from analysis.model.bundle import Bundle
from analysis.training.compact.hard_posts import measure_hard_posts, read_hard_posts

HARD_POSTS = Path(__file__).parents[2] / "hard_posts.csv"


def test_figures_by_kind_agree_with_the_wrong_predictions(tiny_bundle: Bundle) -> None:
    posts = read_hard_posts(HARD_POSTS)
    found = measure_hard_posts(tiny_bundle, posts, HARD_POSTS.name)
    assert (found["posts"], found["posts_left_out"], found["file"]) == (len(posts), 0, "hard_posts.csv")
    answers = dict(zip(posts["text"], posts["sentiment"], strict=True))
    for wrong in found["wrong"]:
        assert wrong["people"] == answers[wrong["text"]] != wrong["model"]
    for kind in found["groups"]["values"]:
        wrong = [post for post in found["wrong"] if post["kind"] == kind["value"]]
        assert kind["accuracy"] == pytest.approx(1 - len(wrong) / kind["posts"], abs=1e-4)


@pytest.mark.parametrize(
    ("header", "message"),
    [("text,sort,sentiment", "have no column kind"), ("text,kind,answer", "have no column label")],
)
def test_a_list_without_kinds_or_answers_is_refused(tmp_path: Path, header: str, message: str) -> None:
    table = tmp_path / "posts.csv"
    rows = [f"post {number},news,{('positive', 'negative')[number % 2]}" for number in range(12)]
    table.write_text("\n".join([header, *rows]), encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        read_hard_posts(table)
