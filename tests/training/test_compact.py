"""The whole recipe on a few posts made here, with the real base encoders from their packages."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from analysis.attribution import alone_scores
from analysis.errors import TrainingError
from analysis.model import load_model
from analysis.training.checkpoints import LITE0, MINILM, load_in_order, packaged
from analysis.training.compact import COMPACT, train_compact
from analysis.training.data import TOPICS, read_data
from analysis.training.loop import TrainingConfig

SENTIMENTS = ("negative", "neutral", "positive")


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty pairs, sixteen topic tweets: every label occurs in train and in dev."""
    rng = np.random.default_rng(0)
    pairs: list[dict[str, object]] = []
    for number in range(20):
        label, name = SENTIMENTS[number % 3], f"images/{number}.jpg"
        picture = tmp_path / "mvsa_single" / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(picture)
        labels = {"label": label, "text_label": label, "image_label": label}
        split = "dev" if number >= 14 else "train"
        pairs.append(
            {"id": number, "text": f"a {label} day {number}", "image": name, **labels, "split": split}
        )
    write(tmp_path / "mvsa_single" / "posts.csv", pairs)
    for split, count in (("train", 16), ("val", 8)):
        labels = list(TOPICS) * 3
        write(
            tmp_path / "topic" / f"{split}.csv",
            [{"id": n, "date": "", "text": f"{labels[n]} {n}", "label": labels[n]} for n in range(count)],
        )
    return tmp_path


def test_the_recipe_writes_a_bundle_that_scores_and_tells_its_figures(data: Path, tmp_path: Path) -> None:
    figures = [train_compact(data, tmp_path / name, TrainingConfig(epochs=1)) for name in ("one", "two")]
    assert figures[0] == figures[1]
    bundle = load_model(tmp_path / "one")
    assert json.loads((bundle.folder / "metrics.json").read_text()) == figures[0]
    assert figures[0]["mvsa_dev"]["both"]["posts"] == 6
    assert figures[0]["topic_cross_validation"]["posts"] == 16
    assert f"| {figures[0]['mvsa_dev']['both']['accuracy']:.3f} |" in bundle.card
    assert str(tmp_path) not in (bundle.folder / "config.json").read_text()
    scores = alone_scores(bundle, "a positive day", [])
    assert sum(scores["text"]["sentiment"].values()) == pytest.approx(1.0, abs=1e-5)


def test_the_base_weights_give_the_original_networks_answers() -> None:
    from efficientnet_lite_pytorch import EfficientNet

    path = packaged(LITE0)
    assert path is not None
    original = EfficientNet.from_name("efficientnet-lite0").eval()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    original.load_state_dict(weights)
    ours = timm.create_model(LITE0).eval()
    load_in_order(ours, weights)
    pixels = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(ours(pixels), original(pixels), atol=1e-5, rtol=0)


def test_the_shipped_encoders_are_the_published_ones_rounded() -> None:
    from safetensors.torch import load_file

    shipped, path = load_model().model.state_dict(), packaged(MINILM)
    assert path is not None
    published = load_file(path / "model.safetensors")
    for name, value in published.items():
        if name != "embeddings.position_ids":
            assert torch.equal(shipped[f"encoders.text.network.{name}"], value.half().float()), name
    stem = torch.load(packaged(LITE0) or "", map_location="cpu", weights_only=True)["_conv_stem.weight"]
    assert torch.equal(shipped["encoders.image.network.conv_stem.weight"], stem.half().float())


def test_a_checkpoint_of_another_network_is_refused() -> None:
    with pytest.raises(TrainingError, match="does not fit the network"):
        load_in_order(timm.create_model("test_efficientnet"), {"one": torch.zeros(1)})


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("missing table", r"posts.csv is missing. Give the folder"),
        ("missing picture", r"names 1 pictures that are not there"),
        ("missing column", r"has no column image_label"),
        ("unknown label", r"column label holds unknown labels: happy. Use negative, neutral, positive"),
    ],
)
def test_labelled_data_that_cannot_be_used_are_named(data: Path, broken: str, message: str) -> None:
    table = data / "mvsa_single" / "posts.csv"
    if broken == "missing table":
        table.unlink()
    elif broken == "missing picture":
        (data / "mvsa_single" / "images" / "3.jpg").unlink()
    elif broken == "missing column":
        table.write_text(table.read_text().replace("image_label", "other", 1))
    else:
        table.write_text(table.read_text().replace(",negative,", ",happy,", 1))
    with pytest.raises(TrainingError, match=message):
        read_data(data)


def test_the_recipe_names_published_encoders() -> None:
    assert [part.name for part in COMPACT.encoders.values()] == [MINILM, LITE0]
