"""Training on an analyst's own labels: what is learned, what is unchanged, and what is reported."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.model.bundle import Bundle, load_model
from analysis.model.encoding import encode_texts
from analysis.model.saving import save_bundle
from analysis.scoring.scores import build_score_table
from analysis.settings import Settings
from analysis.training.own_labels.card import format_training_report
from analysis.training.own_labels.train import train_own_labels
from tests.training.own_labels.made_labels import (
    POSTS,
    WORDS,
    answers,
    contents,
    labelled,
    sentiments,
    spoken,
    topics,
    write,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> tuple[Bundle, dict[str, Any]]:
    """The tiny bundle, trained on sentiments and own topics at once, some posts with images."""
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


def test_untrained_heads_give_the_same_scores(
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
    assert tiny_bundle.heads["sentiment"].alone
    assert (
        bundle.heads["sentiment"].alone == ()
    )  # the fitted temperature also applies to posts with text alone
    said = answers(bundle, [str(row["text"]) for row in sentiments()])["sentiment"].argmax(1)
    right = [tuple(WORDS)[n] == row["sentiment"] for n, row in zip(said, sentiments(), strict=True)]
    assert np.mean(right) > 0.8


def test_own_topics_become_columns_of_the_scores(trained: tuple[Bundle, dict[str, Any]]) -> None:
    bundle = trained[0]
    assert bundle.heads["topic"].titles == ("Food & Drink", "Transport")
    texts = [str(row["text"]) for row in sentiments()]
    encoded = {"text": encode_texts(bundle, texts), "image": torch.zeros(POSTS, 256)}
    ids = [str(number) for number in range(POSTS)]
    scores = build_score_table(bundle, ids, encoded, torch.tensor([[1.0, 0.0]] * POSTS), Settings())
    assert "topic_daily_life" not in scores.columns
    truth = ["transport" if row["sentiment"] == "negative" else "food_drink" for row in sentiments()]
    assert (scores["topic"] == truth).mean() > 0.9
    assert (
        scores[["topic_food_drink", "topic_transport"]].max().max() < 0.9999
    )  # right so far is not for ever


def test_the_card_describes_the_training_and_keeps_the_base_card(
    trained: tuple[Bundle, dict[str, Any]],
) -> None:
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


def test_a_bundle_trained_from_a_compressed_one_has_the_same_encoders(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    layers = "encoders.text.network.encoder.layer.0"
    bits = {f"{layers}.output.dense.weight": 4, f"{layers}.intermediate.dense.weight": 8}
    bundle = tiny_bundle
    save_bundle(tmp_path / "base", bundle.config, bundle.model, bundle.tokenizers, {}, "# base\n", bits)
    base = load_model(tmp_path / "base")
    assert base.encoders_id != tiny_bundle.encoders_id
    train_own_labels(base.folder, write(tmp_path / "labels.csv", topics()), tmp_path / "mine")
    new = load_model(tmp_path / "mine")
    assert (new.encoders_id, new.weight_bits) == (base.encoders_id, bits)
    weights = new.model.encoders.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in base.model.encoders.state_dict().items())


def test_meaningless_labels_are_reported_as_not_learnable(tmp_path: Path, tiny_bundle: Bundle) -> None:
    chance = random.Random(1)
    rows = [
        {**row, "sentiment": chance.choice(tuple(WORDS)), "topic": chance.choice("ab")}
        for row in sentiments()
    ]
    metrics = train_own_labels(
        tiny_bundle.folder, write(tmp_path / "labels.csv", rows), tmp_path / "mine"
    ).metrics
    sentiment, topic = format_training_report(metrics)
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
