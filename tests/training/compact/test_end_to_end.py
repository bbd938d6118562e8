"""Whole models of other configurations, from tiny checkpoints that are made here."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision import models
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from analysis.attribution import (
    FeatureAblation,
    Output,
    check_explanation,
    compute_grad_cam,
    encode_post,
    explain_post,
    score_modalities_alone,
)
from analysis.errors import BundleError, TrainingError
from analysis.model import load_model
from analysis.model.config import EncoderConfig, ModelConfig
from analysis.model.presets import BERT_RESNET50, HEADS, PRESETS
from analysis.training.compact.end_to_end import ADAM, find_training_config, train_end_to_end
from analysis.training.core.config import TrainingConfig
from tests.training.made_data import write_data

pytestmark = pytest.mark.slow

SHORT = replace(ADAM, epochs=1, batch=16)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def tokenizer(folder: Path) -> BertTokenizer:
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "positive", "neutral", "negative", "day"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    made = BertTokenizer(str(folder / "vocab.txt"))
    made.save_pretrained(folder)
    return made


def tiny_bert_resnet(folder: Path) -> ModelConfig:
    """The reference configuration with every number made small."""
    bert = BertConfig(
        vocab_size=16, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    torch.manual_seed(0)
    BertModel(bert).save_pretrained(folder / "bert")
    tokenizer(folder / "bert")
    torch.save(models.resnet18(weights=None).state_dict(), folder / "resnet18.pth")
    text, image = BERT_RESNET50.encoders["text"], BERT_RESNET50.encoders["image"]
    encoders = {
        "text": replace(text, name=str(folder / "bert"), dim=16),
        "image": replace(image, name="resnet18", dim=512, side=32, weights=str(folder / "resnet18.pth")),
    }
    return replace(BERT_RESNET50, name="tiny", encoders=encoders)


def test_the_reference_is_bert_and_resnet_joined_under_one_linear_layer_trained_with_adam() -> None:
    text, image = BERT_RESNET50.encoders["text"], BERT_RESNET50.encoders["image"]
    assert (text.name, text.pooling, text.dim) == ("bert-base-uncased", "cls", 768)
    assert (image.kind, image.name, image.dim) == ("torchvision", "resnet50", 2048)
    assert (BERT_RESNET50.fusion.width, BERT_RESNET50.fusion.hidden) == (0, 0)
    assert (ADAM.weight_decay, ADAM.squared_error) == (0.0, 1.0)


def test_a_reference_of_tiny_checkpoints_trains_scores_and_explains(
    data: Path, tmp_path: Path, photo: Image.Image
) -> None:
    config = tiny_bert_resnet(tmp_path)
    metrics = train_end_to_end(config, data, tmp_path / "out", SHORT)
    assert metrics["evaluations"]["mvsa_both"]["posts"] == 6
    bundle = load_model(tmp_path / "out")
    assert bundle.model.fusion.dim == 16 + 512
    start = torch.load(tmp_path / "resnet18.pth", weights_only=True)["conv1.weight"]
    moved = bundle.model.encoders["image"].network.conv1.weight
    assert not torch.equal(moved, start)
    torch.testing.assert_close(
        moved, start, atol=0.01, rtol=0
    )  # trained from the checkpoint, not from scratch
    text = encode_post(bundle, "a positive day")
    assert sum(score_modalities_alone(bundle, text)["text"]["sentiment"].values()) == pytest.approx(
        1.0, abs=1e-5
    )
    ledger = explain_post(bundle, text, Output("sentiment", "positive"))
    assert len(ledger.words) == 3
    post = encode_post(bundle, "a positive day", [("a", photo)])
    for output in (Output("sentiment", "positive"), Output("sentiment", "valence")):
        ledger = explain_post(bundle, post, output)
        assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-4)
        assert sum(each.value for each in ledger.images) + ledger.image_remainder == pytest.approx(
            ledger.phi["image"], abs=1e-5
        )
        assert check_explanation(bundle, post, ledger).firm is not None
    assert explain_post(bundle, post, output, region_method=FeatureAblation).images[0].region_values.size > 1
    assert compute_grad_cam(bundle, post, output)[0].shape == (2, 2)


def test_a_clip_pair_can_be_named(data: Path, tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    made = tokenizer(tmp_path / "text")
    torch.manual_seed(0)
    CLIPTextModelWithProjection(
        CLIPTextConfig(vocab_size=16, projection_dim=8, eos_token_id=made.sep_token_id, **sizes)
    ).save_pretrained(tmp_path / "text")
    CLIPVisionModelWithProjection(
        CLIPVisionConfig(image_size=32, patch_size=16, projection_dim=8, **sizes)
    ).save_pretrained(tmp_path / "image")
    encoders = {
        "text": EncoderConfig("clip-text", str(tmp_path / "text"), dim=8, max_tokens=64),
        "image": EncoderConfig("clip-image", str(tmp_path / "image"), dim=8, side=32),
    }
    config = ModelConfig("pair", encoders, BERT_RESNET50.fusion, {"sentiment": HEADS["sentiment"]})
    train_end_to_end(config, data, tmp_path / "out", SHORT)
    bundle = load_model(tmp_path / "out")
    scores = score_modalities_alone(bundle, encode_post(bundle, "a positive day"))
    assert sum(scores["text"]["sentiment"].values()) == pytest.approx(1.0, abs=1e-5)


def test_a_configuration_is_named_or_read_from_a_file(tmp_path: Path) -> None:
    import json

    assert find_training_config("bert-resnet50") is PRESETS["bert-resnet50"]
    (tmp_path / "own.json").write_text(json.dumps(BERT_RESNET50.to_json()), encoding="utf-8")
    assert find_training_config(str(tmp_path / "own.json")) == BERT_RESNET50
    with pytest.raises(TrainingError, match=r"'nothing' is neither one of compact, bert-resnet50 nor"):
        find_training_config("nothing")


def test_weights_that_cannot_be_reached_are_named(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        BundleError, match=r"'bert-base-uncased' of transformers cannot be loaded .* require network access"
    ):
        train_end_to_end(BERT_RESNET50, data, tmp_path / "out", TrainingConfig())
