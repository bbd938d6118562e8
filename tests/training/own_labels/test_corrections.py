"""Labels that people gave the posts of a batch train a new model of the workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.evaluation.labelled import read_evaluation_posts
from analysis.model import SENTIMENTS, Bundle, load_model
from analysis.model.label_batches import list_heads_trained_on
from analysis.query import EVERY_POST
from analysis.review import EstimatedShare, compute_corrected_shares
from analysis.scoring.pipeline import score_batch
from analysis.training.own_labels.corrections import (
    TrainingPlan,
    plan_training,
    train_on_corrections,
    write_labels,
)
from analysis.workspace import Batch, Label, Labels, TrainedModels, Workspace, merge_batches
from tests.scored import IMAGE, new_batch, some_posts
from tests.tiny import TOPICS

POSTS = 48


@pytest.fixture
def batch(tmp_path: Path, tiny_bundle: Bundle) -> Batch:
    """A batch of 48 posts, scored; 45 are labelled with sentiments in turn."""
    made = new_batch(tmp_path, some_posts(POSTS))
    score_batch(made, tiny_bundle)
    label(made, [Label(place, "sentiment", SENTIMENTS[place % 3]) for place in range(45)])
    return reopened(made)


def label(batch: Batch, labels: list[Label], coder: str = "Ann") -> None:
    Workspace(batch.folder.parents[1]).reviews.save_labels(batch.id, coder, labels)


def reopened(batch: Batch) -> Batch:
    return Workspace(batch.folder.parents[1]).open(batch.id)


def models_of(batch: Batch) -> TrainedModels:
    return Workspace(batch.folder.parents[1]).trained_models


def train(batch: Batch, bundle: Bundle, cancelled: bool = False) -> bool:
    plan = plan_training(batch.labels, bundle.heads)
    return train_on_corrections(
        batch, plan, models_of(batch), str(bundle.folder), lambda *_: None, lambda: cancelled
    )


def test_a_head_needs_enough_labels_of_each_class(tiny_bundle: Bundle) -> None:
    given = {place: {"Ann": "negative" if place < 17 else "positive"} for place in range(19)}
    plan = plan_training(Labels({"sentiment": given, "topics": {}}), tiny_bundle.heads)
    assert plan.labels == {}
    assert plan.counts["sentiment"] == {"negative": 17, "neutral": 0, "positive": 2}
    reason = "The field Sentiment has labels for only 19 readable posts. Label at least 20."
    assert plan.left_out["sentiment"] == reason
    given |= {place: {"Ann": "positive"} for place in range(19, 30)}
    plan = plan_training(Labels({"sentiment": given, "topics": {}}), tiny_bundle.heads)
    assert "fewer than 5 posts of neutral (0)" in plan.left_out["sentiment"]


def test_labels_that_do_not_count_are_left_out(tiny_bundle: Bundle) -> None:
    given = {place: {"Ann": SENTIMENTS[place % 3]} for place in range(30)}
    given |= {0: {"Ann": "unsure"}, 1: {"Ann": "negative", "Ben": "positive"}}
    topics = {place: {"Ann": (TOPICS[place % 2],)} for place in range(24)} | {24: {"Ann": ("none",)}}
    plan = plan_training(Labels({"sentiment": given, "topics": topics}), tiny_bundle.heads)
    assert sorted(plan.labels["sentiment"]) == list(range(2, 30))
    assert plan.counts["topic"] == dict.fromkeys(TOPICS, 12)
    assert plan.left_out == {}


def test_the_table_has_the_posts_with_their_images_and_labels(batch: Batch, tmp_path: Path) -> None:
    labels = {"sentiment": {4: ("negative",), 5: ("positive",)}, "topic": {5: TOPICS}}
    table = write_labels(batch, TrainingPlan(labels, {}, {}), tmp_path / "labels")
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    assert [(row["sentiment"], row["topic"]) for row in rows] == [
        ("negative", ""),
        ("positive", ";".join(TOPICS)),
    ]
    posts = read_evaluation_posts(table)
    assert posts["text"].tolist() == batch.posts()["text"].iloc[4:6].tolist()
    assert [[Path(path).stem for path in paths] for paths in posts["images"]] == [[], [IMAGE]]
    assert posts["unread"].tolist() == [[], []]


def test_texts_that_look_like_a_table_stay_as_they_are(tmp_path: Path) -> None:
    texts = ['=1+1,"a";b\n{"c": 1}\t|', "a\u2028b", "123"]
    posts = some_posts(3).assign(text=texts)
    made = new_batch(tmp_path, posts)
    labels = {"sentiment": dict.fromkeys(range(3), ("negative",))}
    table = write_labels(made, TrainingPlan(labels, {}, {}), tmp_path / "labels")
    assert read_evaluation_posts(table)["text"].tolist() == texts


@pytest.mark.slow
def test_a_model_is_added_but_not_used_and_names_the_batch(batch: Batch, tiny_bundle: Bundle) -> None:
    assert train(batch, tiny_bundle)
    (model,) = models_of(batch).list_models()
    assert models_of(batch).find_in_use().model is None
    assert (model.batches, model.base) == ((batch.id,), "")
    bundle = load_model(model.folder)
    assert (bundle.id, bundle.name) == (model.id, model.name)
    assert list_heads_trained_on(bundle, {batch.id}) == ("sentiment",)
    found = model.read_metrics()["own_labels"]["sentiment"]
    assert found["posts"] == 45
    assert found["baselines"]["before"]["accuracy"] < found["accuracy"] + 1
    assert sorted(path.name for path in models_of(batch).folder.iterdir() if path.is_dir()) == [model.name]


@pytest.mark.slow
def test_labels_that_trained_the_model_count_as_they_are_until_one_goes_back(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    label(batch, [Label(place, "sentiment", "neutral") for place in range(45, POSTS)])
    batch = reopened(batch)
    assert compute_corrected_shares(batch, EVERY_POST).known == 0
    assert train(batch, tiny_bundle)
    (model,) = models_of(batch).list_models()
    score_batch(batch, load_model(model.folder))
    found = compute_corrected_shares(reopened(batch), EVERY_POST)
    assert (found.known, found.sample) == (POSTS, 0)
    labels = reopened(batch).labels.final("sentiment")
    for each in found.shares:
        share = list(labels.values()).count(each.name) / POSTS
        assert each.powered == EstimatedShare(share, share, share)
    score_batch(batch, tiny_bundle)
    assert compute_corrected_shares(reopened(batch), EVERY_POST).known == 0


@pytest.mark.slow
def test_training_again_starts_from_the_model_before(batch: Batch, tiny_bundle: Bundle) -> None:
    assert train(batch, tiny_bundle)
    (first,) = models_of(batch).list_models()
    models_of(batch).choose(first.name)
    assert models_of(batch).find_base(batch.id) is None
    assert models_of(batch).find_base("another") == first


def test_a_cancelled_training_adds_nothing(batch: Batch, tiny_bundle: Bundle) -> None:
    assert not train(batch, tiny_bundle, cancelled=True)
    assert models_of(batch).list_models() == []


@pytest.mark.slow
def test_a_model_trained_on_a_merged_batch_names_the_batches_that_it_has(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    workspace = Workspace(batch.folder.parents[1])
    other = new_batch(batch.folder.parents[2], some_posts(3), batch_id="autumn")
    merged = merge_batches(workspace, [batch.id, other.id], "Year")
    score_batch(merged, tiny_bundle)
    assert train(workspace.open(merged.id), tiny_bundle)
    (model,) = models_of(batch).list_models()
    assert set(model.batches) == {merged.id, batch.id, other.id}
    assert list_heads_trained_on(load_model(model.folder), {batch.id}) == ("sentiment",)
