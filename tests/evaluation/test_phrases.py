"""Searches by meaning are evaluated on posts of which a pattern says what they are about."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import EvaluationError
from analysis.evaluation import phrases as evaluated
from analysis.evaluation.phrases import evaluate_phrases
from analysis.model.bundle import Bundle
from tests.test_cli import run

LIST = Path(__file__).parents[1] / "search_phrases.csv"
PHRASES = pd.DataFrame(
    [("phones", "held back", r"\bphone", "red phone")], columns=["topic", "half", "pattern", "en"]
)


def labelled(n: int = 40) -> pd.DataFrame:
    """Every fourth post is about a phone."""
    texts = [
        f"{'red Phone' if number % 4 == 0 else 'lovely day'} {'so ' * (number % 5)}" for number in range(n)
    ]
    return pd.DataFrame({"text": texts, "images": [[] for _ in texts]})


def test_right_posts_are_counted_among_the_first_and_by_threshold(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Similarities that rank five of the ten posts about phones first, and the others last."""
    ranks = np.array([number if number < 20 or number % 4 else 100 + number for number in range(40)])
    similarity = (1 - ranks.argsort().argsort() / 40).astype(np.float32)[:, None]
    monkeypatch.setattr(evaluated, "cosine_similarity", lambda *_: similarity)
    (found,) = evaluate_phrases(tiny_bundle, labelled(), PHRASES)["groups"]
    assert (found["language"], found["half"], found["phrases"]) == ("en", "held back", 1)
    assert found["first"] == pytest.approx(0.3)  # posts 0, 4 and 8 of the first ten
    assert found["by_chance"] == pytest.approx(0.25)
    reached = similarity[:, 0] >= 0.25
    right = np.arange(40) % 4 == 0
    assert found["precision"] == pytest.approx((reached & right).sum() / reached.sum())
    assert found["recall"] == pytest.approx((reached & right).sum() / 10)
    assert found["best_f1"] >= found["f1"]


def test_phrases_for_too_few_posts_and_broken_tables_are_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(EvaluationError, match="right for fewer than 10 posts"):
        evaluate_phrases(tiny_bundle, labelled(30), PHRASES)
    with pytest.raises(EvaluationError, match="has no column half"):
        evaluate_phrases(tiny_bundle, labelled(), PHRASES.drop(columns="half"))
    with pytest.raises(EvaluationError, match="is invalid"):
        evaluate_phrases(tiny_bundle, labelled(), PHRASES.assign(pattern="("))


def test_the_command_prints_a_row_for_each_language(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labelled()[["text"]].to_csv(tmp_path / "posts.csv", index=False)
    PHRASES.assign(de="rotes Telefon").to_csv(tmp_path / "phrases.csv", index=False)
    call = [
        "evaluate",
        tiny_bundle.folder,
        "--data",
        tmp_path / "posts.csv",
        "--phrases",
        tmp_path / "phrases.csv",
    ]
    done = run(*call, "--inputs", "text", "--out", tmp_path / "found.json")
    assert done.exit_code == 0, done.output
    groups = json.loads((tmp_path / "found.json").read_text("utf-8"))["groups"]
    assert [group["language"] for group in groups] == ["en", "de"]
    assert f"{groups[0]['first']:.3f}" in done.stdout
    done = run(*call, "--task", "irony")
    assert (done.exit_code, "either --task or --phrases" in done.output) == (2, True)


def test_the_list_has_as_many_phrases_of_each_half_in_each_language() -> None:
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    halves = [row["half"] for row in rows]
    assert halves.count("held back") == halves.count("chosen on") >= 24
    assert len({row["topic"] for row in rows}) == len(rows)
    for row in rows:
        assert re.compile(row["pattern"])
        assert all(row.values())
