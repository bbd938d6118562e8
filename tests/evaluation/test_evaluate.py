"""Evaluating a bundle: it answers as scoring does, on the posts that can be judged, and its baselines on the same."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from analysis.errors import EvaluationError
from analysis.evaluation.evaluate import evaluate, evaluate_baselines
from analysis.evaluation.table import format_evaluation
from analysis.model.bundle import Bundle
from analysis.model.config import SENTIMENTS
from analysis.scoring.encodings import encode_all_posts
from analysis.scoring.scores import build_score_table
from analysis.settings import Settings

WORDS = ["good day", "awful rain", "the phone", "lovely match 😍", "so bad", "red heart #day"]


@pytest.fixture
def posts(tmp_path: Path) -> pd.DataFrame:
    """36 posts: with text, every third with an image, four with an image only, one with nothing, one unlabelled."""
    rows = []
    for number in range(36):
        images = []
        if number % 3 == 0 or number >= 32:
            path = tmp_path / f"{number}.png"
            Image.new("RGB", (60 if number % 2 else 200, 120), (7 * number, 80, 200 - 5 * number)).save(path)
            images = [str(path)]
        text = "" if number >= 32 else f"{WORDS[number % 6]} {'a' * (number % 4)}"
        rows.append({"text": text, "images": images, "label": SENTIMENTS[number % 3], "unread": []})
    rows.append({"text": " ", "images": [], "label": "positive", "unread": []})
    rows.append({"text": "good", "images": [], "label": "", "unread": []})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("inputs", "measured"),
    [("both", range(36)), ("text", range(32)), ("image", [*range(0, 31, 3), 32, 33, 34, 35])],
)
def test_predictions_equal_those_of_scoring_with_the_selected_inputs(
    tiny_bundle: Bundle, posts: pd.DataFrame, inputs: str, measured: list[int]
) -> None:
    found, _ = evaluate(tiny_bundle, posts, "sentiment", inputs)
    rows = posts.iloc[list(measured)]
    encoded, present = encode_all_posts(tiny_bundle, rows, Path, Settings())
    requested = torch.tensor([float(inputs != "image"), float(inputs != "text")])
    ids = [str(number) for number in range(len(rows))]
    scores = build_score_table(tiny_bundle, ids, encoded, present * requested, Settings())
    assert found["accuracy"] == pytest.approx(
        (scores["sentiment"].to_numpy() == rows["label"]).mean(), abs=1e-4
    )
    assert found["posts"] == len(rows)
    assert found["posts_left_out"] == len(posts) - len(rows)
    assert (found["inputs"], found["model"]) == (inputs, tiny_bundle.id)


def test_a_text_head_is_not_evaluated_on_images_alone(tiny_bundle: Bundle, posts: pd.DataFrame) -> None:
    posts["label"] = ["irony", "not_irony"] * 19
    found, measured = evaluate(tiny_bundle, posts, "irony")
    assert (found["posts"], found["posts_left_out"], found["inputs"]) == (33, 5, "text")
    assert all(images == [] for images in measured["images"])
    with pytest.raises(EvaluationError, match="reads text only"):
        evaluate(tiny_bundle, posts, "irony", "image")


def test_small_images_are_a_slice(tiny_bundle: Bundle, posts: pd.DataFrame) -> None:
    many = pd.concat([posts] * 4, ignore_index=True)
    found, _ = evaluate(tiny_bundle, many, "sentiment", "image")
    assert {each["slice"]: each["posts"] for each in found["slices"]} == {"images under 100 px": 28}


def test_a_model_is_compared_with_baselines_on_the_same_posts(
    tiny_bundle: Bundle, posts: pd.DataFrame
) -> None:
    found, measured = evaluate(tiny_bundle, posts, "sentiment", "text")
    head = tiny_bundle.heads["sentiment"]
    baselines = evaluate_baselines(found, measured, head)["baselines"]
    assert set(baselines) == {"vader", "majority", "tfidf"}
    assert {each["posts"] for each in baselines.values()} == {found["posts"]}
    assert "ece" in baselines["tfidf"]
    assert "ece" not in baselines["vader"]
    learned = evaluate_baselines(found, measured, head, (["bad", "bad", "good"], np.array([0, 0, 2])))[
        "baselines"
    ]
    assert learned["majority"]["classes"]["negative"]["recall"] == 1


def test_for_images_alone_the_only_baseline_is_the_most_common_class(
    tiny_bundle: Bundle, posts: pd.DataFrame
) -> None:
    found, measured = evaluate(tiny_bundle, posts, "sentiment", "image")
    assert set(evaluate_baselines(found, measured, tiny_bundle.heads["sentiment"])["baselines"]) == {
        "majority"
    }


def test_a_head_that_the_model_lacks_is_named(tiny_bundle: Bundle, posts: pd.DataFrame) -> None:
    with pytest.raises(EvaluationError, match=r"has no head hate\. It has: sentiment, topic"):
        evaluate(tiny_bundle, posts, "hate")


def test_the_table_holds_every_figure(tiny_bundle: Bundle, posts: pd.DataFrame) -> None:
    found, measured = evaluate(tiny_bundle, pd.concat([posts] * 4), "sentiment", title="Sentiment of mine")
    found = evaluate_baselines(found, measured, tiny_bundle.heads["sentiment"])
    table = format_evaluation(found)
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert lines[0] == "Sentiment of mine: 144 posts, 8 without a label or input left out"
    low, high = found["intervals"]["macro_f1"]
    assert f"macro F1 {found['macro_f1']:.3f} {low:.3f} to {high:.3f}" in lines
    assert f"neutral {' '.join(map(str, found['confusion'][1]))}" in lines
    assert any(line.startswith("with emoji 20 ") for line in lines)
    vader = found["baselines"]["vader"]
    assert any(line.startswith(f"VADER's word list {vader['accuracy']:.3f}") for line in lines)
    assert next(line for line in lines if line.startswith("VADER")).endswith(" -")


def test_languages_named_in_the_table_are_slices(tiny_bundle: Bundle, posts: pd.DataFrame) -> None:
    posts["Lang"] = ["en"] * 22 + [" "] * (len(posts) - 22)
    found, _ = evaluate(tiny_bundle, posts, "sentiment")
    assert [each["posts"] for each in found["slices"] if each["slice"] == "language en"] == [22]


def test_baselines_are_not_trained_on_the_posts_they_predict(
    tiny_bundle: Bundle, posts: pd.DataFrame
) -> None:
    head = tiny_bundle.heads["sentiment"]
    found, measured = evaluate(tiny_bundle, posts, "sentiment", "text")
    own = measured["text"].tolist(), measured["truth"].to_numpy()
    with pytest.raises(EvaluationError, match="are all evaluated too"):
        evaluate_baselines(found, measured, head, own)
    others = [f"other {number}" for number in range(30)], np.arange(30) % 3
    both = own[0] + others[0], np.concatenate([own[1], others[1]])
    assert evaluate_baselines(found, measured, head, both) == evaluate_baselines(
        found, measured, head, others
    )
