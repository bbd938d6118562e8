"""Training on an analyst's own labels: what is learned, what stays as it was, what is said, and what is refused."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from sklearn.linear_model import LogisticRegression

from analysis.cli import main
from analysis.errors import EvaluationError, TrainingError
from analysis.model.bundle import SHIPPED, Bundle, load_model
from analysis.model.config import Head
from analysis.model.encoding import encode_texts
from analysis.model.outputs import probabilities
from analysis.scoring.scores import score_table
from analysis.settings import Settings
from analysis.training.own_labels import report_lines, train_own_labels
from analysis.training.own_labels.linear import (
    fit_linear,
    make_views,
    start_of,
)

POSTS = 45
WORDS = {"negative": "bad awful rain", "neutral": "the phone is a", "positive": "good lovely day"}
TOPICS = {"Food & Drink": "lovely red heart", "Transport": "awful phone match", "!Odd": "rain rain rain"}


def spoken(words: str, number: int) -> str:
    """Give some of the words, in an order that depends on the number."""
    chance = random.Random(number)
    return " ".join(chance.choices(words.split(), k=4))


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def labelled(
    column: str, words: dict[str, str], classes: Sequence[str], posts: int = POSTS
) -> list[dict[str, object]]:
    """Posts whose text shows their label."""
    labels = [classes[number % len(classes)] for number in range(posts)]
    return [{"post_id": n, "text": spoken(words[label], n), column: label} for n, label in enumerate(labels)]


def sentiments(posts: int = POSTS) -> list[dict[str, object]]:
    return labelled("sentiment", WORDS, tuple(WORDS), posts)


def topics() -> list[dict[str, object]]:
    return labelled("topic", TOPICS, ("Food & Drink", "Transport"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def answers(bundle: Bundle, texts: list[str]) -> dict[str, torch.Tensor]:
    encoded = {"text": encode_texts(bundle, texts), "image": torch.zeros(len(texts), 256)}
    present = torch.tensor([[1.0, 0.0]] * len(texts))
    with torch.inference_mode():
        return probabilities(bundle.heads, bundle.model.predict(encoded, present))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> tuple[Bundle, dict[str, Any]]:
    """The tiny bundle, trained on sentiments and own topics at once, some posts with pictures."""
    folder = tmp_path_factory.mktemp("own")
    rows = sentiments()
    for number, row in enumerate(rows):
        row["topic"] = ("Food & Drink", "Transport")[row["sentiment"] == "negative"]
        row["image"] = f"{number}.png" if number % 9 == 0 else ""
        if row["image"]:
            Image.new("RGB", (50, 40), (5 * number, 90, 30)).save(folder / f"{number}.png")
    before = contents(tiny_bundle.folder)
    done = train_own_labels(
        tiny_bundle.folder, write(folder / "labels.csv", rows), folder / "mine", media=folder
    )
    assert contents(tiny_bundle.folder) == before
    assert done.skipped == ()
    return load_model(folder / "mine"), done.metrics


def test_heads_that_were_not_trained_say_what_they_said(
    trained: tuple[Bundle, dict[str, Any]], tiny_bundle: Bundle
) -> None:
    texts = ["good day", "awful rain !", "the match"]
    was, now = answers(tiny_bundle, texts), answers(trained[0], texts)
    assert torch.equal(was["emotion"], now["emotion"])
    assert torch.equal(was["irony"], now["irony"])
    assert not torch.equal(was["sentiment"], now["sentiment"])
    same = [
        name
        for name in tiny_bundle.model.state_dict()
        if not name.startswith(("heads.sentiment", "heads.topic"))
    ]
    new = trained[0].model.state_dict()
    assert all(torch.equal(tiny_bundle.model.state_dict()[name], new[name]) for name in same)


def test_the_new_bundle_learned_the_labels_and_names_its_origin(
    trained: tuple[Bundle, dict[str, Any]], tiny_bundle: Bundle
) -> None:
    bundle, metrics = trained
    assert bundle.name == "mine"
    assert bundle.metrics == metrics
    assert metrics["trained_from"] == tiny_bundle.id
    figures = metrics["own_labels"]["sentiment"]
    assert figures["accuracy"] > 0.7 > figures["baselines"]["majority"]["accuracy"]
    assert figures["posts"] == POSTS
    assert bundle.heads["sentiment"].temperature == metrics["temperature"]["sentiment"]
    said = answers(bundle, [str(row["text"]) for row in sentiments()])["sentiment"].argmax(1)
    right = [tuple(WORDS)[n] == row["sentiment"] for n, row in zip(said, sentiments(), strict=True)]
    assert np.mean(right) > 0.8


def test_own_topics_become_columns_of_the_scores(trained: tuple[Bundle, dict[str, Any]]) -> None:
    bundle = trained[0]
    assert bundle.heads["topic"].titles == ("Food & Drink", "Transport")
    texts = [str(row["text"]) for row in sentiments()]
    encoded = {"text": encode_texts(bundle, texts), "image": torch.zeros(POSTS, 256)}
    ids = [str(number) for number in range(POSTS)]
    scores = score_table(bundle, ids, encoded, torch.tensor([[1.0, 0.0]] * POSTS), Settings())
    assert "topic_daily_life" not in scores.columns
    truth = ["transport" if row["sentiment"] == "negative" else "food_drink" for row in sentiments()]
    assert (scores["topic"] == truth).mean() > 0.9
    assert (
        scores[["topic_food_drink", "topic_transport"]].max().max() < 0.9999
    )  # right so far is not for ever


def test_the_card_says_what_was_trained_and_keeps_the_bases(trained: tuple[Bundle, dict[str, Any]]) -> None:
    bundle, metrics = trained
    assert bundle.card.startswith("# mine: model card")
    assert bundle.card.endswith("# tiny\n")
    figures = metrics["own_labels"]["topic"]
    low, high = figures["intervals"]["accuracy"]
    assert f"accuracy {figures['accuracy']:.3f} ({low:.3f}-{high:.3f})" in bundle.card
    assert "- topic: food_drink, transport, read from text and image" in bundle.card


def test_two_runs_give_the_same_figures_and_weights(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labels = write(tmp_path / "labels.csv", topics())
    runs = [train_own_labels(tiny_bundle.folder, labels, tmp_path / name) for name in ("one", "two")]
    assert runs[0] == runs[1]
    weights = [contents(tmp_path / name)["model.safetensors"] for name in ("one", "two")]
    assert weights[0] == weights[1]


def test_labels_without_a_sense_are_said_not_to_help(tmp_path: Path, tiny_bundle: Bundle) -> None:
    chance = random.Random(1)
    rows = [
        {**row, "sentiment": chance.choice(tuple(WORDS)), "topic": chance.choice("ab")}
        for row in sentiments()
    ]
    metrics = train_own_labels(
        tiny_bundle.folder, write(tmp_path / "labels.csv", rows), tmp_path / "mine"
    ).metrics
    sentiment, topic = report_lines(metrics)
    assert "Training did not clearly help" in sentiment or "Training made it worse" in sentiment
    assert "not clearly better than guessing" in topic


def test_a_base_that_knows_the_labels_is_measured_on_the_same_posts(
    tmp_path: Path, trained: tuple[Bundle, dict[str, Any]]
) -> None:
    metrics = train_own_labels(
        trained[0].folder, write(tmp_path / "labels.csv", sentiments()), tmp_path / "again"
    ).metrics
    figures = metrics["own_labels"]["sentiment"]
    said = answers(trained[0], [str(row["text"]) for row in sentiments()])["sentiment"].argmax(1)
    right = np.mean([tuple(WORDS)[n] == row["sentiment"] for n, row in zip(said, sentiments(), strict=True)])
    assert figures["baselines"]["before"]["accuracy"] == pytest.approx(right, abs=1e-4)
    low, high = figures["gain"]["interval"]
    assert low <= figures["gain"]["macro_f1"] <= high


def test_a_head_of_a_new_name_reads_what_its_posts_have(tmp_path: Path, tiny_bundle: Bundle) -> None:
    rows = labelled(
        "label", {"Urgent": "awful phone rain", "Not urgent": "lovely day heart"}, ("Urgent", "Not urgent")
    )
    out = tmp_path / "mine"
    train_own_labels(tiny_bundle.folder, write(tmp_path / "labels.csv", rows), out, task="Urgency")
    head = load_model(out).heads["urgency"]
    assert (head.classes, head.exclusive, head.reads) == (("not_urgent", "urgent"), True, ("text",))
    assert head.titles == ("Not urgent", "Urgent")


def test_posts_with_several_topics_teach_each_of_them(tmp_path: Path, tiny_bundle: Bundle) -> None:
    rows = labelled("topic", {"a": "good lovely day", "b": "bad awful rain"}, ("a", "b"))
    rows += [{"text": spoken("good lovely bad awful", n), "topic": ("a; b", "b|a")[n % 2]} for n in range(12)]
    out = tmp_path / "mine"
    metrics = train_own_labels(tiny_bundle.folder, write(tmp_path / "labels.csv", rows), out).metrics
    assert metrics["own_labels"]["topic"]["posts"] == POSTS + 12
    bundle = load_model(out)
    assert not bundle.heads["topic"].exclusive
    alone, mixed = answers(bundle, ["good lovely day", "good lovely bad awful"])["topic"]
    assert mixed[1] > alone[1]


def test_train_from_a_bundle_makes_one_that_score_uses(tmp_path: Path, tiny_bundle: Bundle) -> None:
    rows = labelled("order", {"first": "awful phone rain", "last": "lovely day heart"}, ("first", "last"))
    labels, out, report = write(tmp_path / "labels.csv", rows), tmp_path / "mine", tmp_path / "report.csv"
    call = ["train", "--from", tiny_bundle.folder, "--data", labels, "--out", out, "--task", "order"]
    done = CliRunner().invoke(main, [str(part) for part in call])
    assert done.exit_code == 0, done.output
    assert f"order, {POSTS} posts: accuracy" in done.output
    call = ["score", labels, "--out", report, "--model", out, "--no-words"]
    done = CliRunner().invoke(main, [str(part) for part in call])
    assert done.exit_code == 0, done.output
    with report.open(encoding="utf-8-sig", newline="") as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == POSTS
    assert all(row["model"].startswith("mine@") for row in scored)
    assert {row["order"] for row in scored} <= {"first", "last", "unclear"}
    assert all(abs(float(row["p_first"]) + float(row["p_last"]) - 1) < 1e-4 for row in scored)


def test_a_post_with_both_is_shown_whole_and_each_alone(tiny_bundle: Bundle) -> None:
    generator = torch.Generator().manual_seed(0)
    encoded = {
        "text": torch.randn(3, 16, generator=generator),
        "image": torch.randn(3, 256, generator=generator),
    }
    present = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    head = Head("own", ("a", "b"), ("A", "B"), exclusive=False)
    views = make_views(tiny_bundle, head, encoded, present, torch.tensor([[1.0, 0.0]] * 3))
    assert views.post.tolist() == [0, 1, 2, 0, 0]
    assert views.whole.tolist() == [True] * 3 + [False] * 2
    assert torch.bincount(views.post, views.weight).tolist() == pytest.approx([1.0] * 3)
    with torch.no_grad():
        picture = tiny_bundle.model.fusion(encoded, torch.tensor([[0.0, 1.0]] * 3))
    torch.testing.assert_close(views.fused[4].float(), picture[0])
    text = make_views(
        tiny_bundle, replace(head, reads=("text",)), encoded, present, torch.tensor([[1.0, 0.0]] * 3)
    )
    assert len(text.post) == 3


def test_a_layer_from_zero_is_the_optimum_that_scikit_learn_finds(tiny_bundle: Bundle) -> None:
    head = Head("own", ("a", "b", "c"), ("A", "B", "C"))
    generator = torch.Generator().manual_seed(1)
    truth = torch.randint(3, (60,), generator=generator)
    encoded = {
        "text": torch.randn(60, 16, generator=generator) + truth.unsqueeze(1),
        "image": torch.zeros(60, 256),
    }
    encoded["text"][:, ::2] *= -1
    target = torch.nn.functional.one_hot(truth, 3).float()
    views = make_views(tiny_bundle, head, encoded, torch.tensor([[1.0, 0.0]] * 60), target)
    layer = fit_linear(views, head, start_of(head, tiny_bundle), penalty=0.5)
    centre = views.fused.mean(0)
    scaled = (views.fused - centre) / (views.fused - centre).square().sum(1).mean().sqrt()
    inputs = torch.cat([scaled, torch.ones(60, 1)], dim=1).numpy()
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10, max_iter=5000)
    theirs.fit(inputs, truth.numpy(), sample_weight=views.weight.numpy())
    with torch.no_grad():
        ours = layer(views.fused.float()).softmax(1).numpy()
    np.testing.assert_allclose(ours, theirs.predict_proba(inputs), atol=1e-4)


def test_a_layer_under_a_great_penalty_stays_the_bases(tiny_bundle: Bundle) -> None:
    head = replace(tiny_bundle.heads["sentiment"], temperature=1.0)
    encoded = {
        "text": encode_texts(tiny_bundle, [str(row["text"]) for row in sentiments()]),
        "image": torch.zeros(POSTS, 256),
    }
    present = torch.tensor([[1.0, 0.0]] * POSTS)
    target = torch.nn.functional.one_hot(torch.arange(POSTS) % 3, 3).float()
    views = make_views(tiny_bundle, head, encoded, present, target)
    layer = fit_linear(views, head, start_of(head, tiny_bundle), penalty=1e12)
    with torch.no_grad():
        was = (
            tiny_bundle.model.predict(encoded, present)["sentiment"]
            / tiny_bundle.heads["sentiment"].temperature
        )
        torch.testing.assert_close(layer(views.fused.float()), was, atol=1e-4, rtol=1e-4)


def test_pictures_and_rows_that_cannot_be_used_are_listed_and_skipped(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    rows = [{**row, "image": "gone.png" if number == 2 else ""} for number, row in enumerate(topics())]
    rows[5]["text"] = ""
    done = train_own_labels(tiny_bundle.folder, write(tmp_path / "labels.csv", rows), tmp_path / "mine")
    assert any("gone.png" in line for line in done.skipped)
    assert "rows with neither text nor a usable picture: 1" in done.skipped
    assert done.metrics["own_labels"]["topic"]["posts"] == POSTS - 1


def test_a_table_without_texts_and_pictures_is_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labels = write(tmp_path / "labels.csv", [{"sentiment": row["sentiment"]} for row in sentiments()])
    with pytest.raises(EvaluationError, match="no column that is known to hold texts or pictures"):
        train_own_labels(tiny_bundle.folder, labels, tmp_path / "mine")


def changed(rows: list[dict[str, object]], **cells: object) -> list[dict[str, object]]:
    return [{**rows[0], **cells}, *rows[1:]]


@pytest.mark.parametrize(
    ("rows", "task", "message"),
    [
        (sentiments(18), None, r"labels 18 posts"),
        (
            changed(sentiments(), sentiment="happy"),
            None,
            r"unknown labels: happy.*negative, neutral, positive",
        ),
        (
            [{**row, "sentiment": "positive"} for row in sentiments()],
            None,
            r"fewer than 5 posts of negative \(0\)",
        ),
        ([{**row, "topic": "Sport"} for row in topics()], None, r"holds one class only: sport"),
        (changed(topics(), topic="Sport"), None, r"fewer than 5 posts of sport \(1\)"),
        (changed(topics(), topic="!!"), None, r"label '!!', which has no letters"),
        (
            [{**row, "topic": f"Transport; {row['topic']}"} for row in topics()],
            None,
            r"says transport of all posts",
        ),
        ([{**row, "label": row["topic"]} for row in topics()], None, r"both hold labels for topic"),
        (topics(), "urgency", r"no column urgency or label"),
        (
            [{"text": row["text"], "x": row["topic"]} for row in topics()],
            None,
            r"no column sentiment, topic or label",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "language",
            r"second column language",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "--",
            r"cannot be the name of a head",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "keys",
            r"cannot be the name of a head",
        ),
        (
            [{**row, "topic": str(row["topic"]).replace("Transport", "Confidence")} for row in topics()],
            None,
            r"second column topic_confidence",
        ),
    ],
)
def test_labels_that_cannot_be_learned_are_named(
    tmp_path: Path, tiny_bundle: Bundle, rows: list[dict[str, object]], task: str | None, message: str
) -> None:
    labels = write(tmp_path / "labels.csv", rows)
    with pytest.raises(TrainingError, match=message):
        train_own_labels(tiny_bundle.folder, labels, tmp_path / "mine", task=task)
    assert not (tmp_path / "mine").exists()


def test_the_base_and_shipped_bundles_are_never_written_over(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labels = write(tmp_path / "labels.csv", sentiments())
    for out in (tiny_bundle.folder, SHIPPED / "compact", SHIPPED / "mine"):
        with pytest.raises(TrainingError, match="must stay as it is"):
            train_own_labels(tiny_bundle.folder, labels, out)
