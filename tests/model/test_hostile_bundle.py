"""A bundle from anywhere is data: it runs no code, reaches for no network, and its faults are clear errors."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from analysis.errors import BundleError
from analysis.model.builders import build_encoder
from analysis.model.bundle import Bundle, load_config, load_model
from analysis.model.config import EncoderConfig, ModelConfig
from analysis.model.outputs import compute_probabilities
from analysis.model.saving import save_bundle
from analysis.scoring.pipeline import score_batch
from analysis.training.compact.end_to_end import _with_trained_architectures
from tests.model.hostile import change, put, refused
from tests.scored import new_batch

CODE = "from pathlib import Path\nPath(__file__).with_name('executed').touch()\nclass Evil: ...\n"


pytestmark = pytest.mark.usefixtures("isolated")


@pytest.mark.parametrize("name", ["tokenizer_config.json", "config.json"])
def test_code_in_a_bundle_is_not_run(copied: Path, name: str) -> None:
    (copied / "code.py").write_text(CODE)
    named = {"AutoTokenizer": ["code.Evil", "code.Evil"], "AutoModel": "code.Evil", "AutoConfig": "code.Evil"}
    where = "auto_map" if name == "tokenizer_config.json" else "encoders/text/architecture/auto_map"
    change(copied, name, put(where, named))
    refused(copied, "auto_map")
    assert not (copied / "executed").exists()


@pytest.mark.parametrize(
    "name",
    ["hf-hub:timm/resnet18", "hf_hub:timm/resnet18", "local-dir:/tmp", "HF-HUB:a/b", "timm/resnet18",
     "https://example.org/model", "../resnet18", "resnet18.no_such_tag", ""],
)  # fmt: skip
def test_an_encoder_that_would_be_looked_up_elsewhere_is_refused(copied: Path, name: str) -> None:
    change(copied, "config.json", put("encoders/image/name", name))
    refused(copied, r"of timm cannot be built")


@pytest.mark.parametrize("name", ["fasterrcnn_resnet50_fpn", "fcn_resnet50", "no_such"])
def test_networks_that_load_weights_of_their_own_are_refused(copied: Path, name: str) -> None:
    change(copied, "config.json", put("encoders/image/kind", "torchvision"))
    change(copied, "config.json", put("encoders/image/name", name))
    refused(copied, r"of torchvision cannot be built")


@pytest.mark.parametrize("kind", ["timm_wrapper", "gpt2", "clip", "no_such", None, 3])
def test_text_networks_other_than_known_encoders_are_refused(copied: Path, kind: object) -> None:
    change(copied, "config.json", put("encoders/text/architecture/model_type", kind))
    refused(copied, r"is not a supported text encoder")


def test_a_repository_named_as_attention_kernel_is_not_fetched(copied: Path) -> None:
    for name in ("attn_implementation", "_attn_implementation", "experts_implementation"):
        change(
            copied, "config.json", put(f"encoders/text/architecture/{name}", "kernels-community/flash-attn")
        )
    assert load_model(copied).name == "tiny"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_not_finite_are_refused_by_name(copied: Path, value: float) -> None:
    weights = load_file(copied / "model.safetensors")
    weights["heads.sentiment.weight"][0, 0] = value
    save_file(weights, copied / "model.safetensors")
    refused(copied, r"contains values that are not finite numbers \(heads.sentiment.weight\)")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fusion/width", 60_000),
        ("encoders/text/architecture/hidden_size", 1_000_000),
        ("encoders/text/architecture/vocab_size", 1_000_000),
        ("encoders/text/architecture/num_hidden_layers", 1_000_000),
        ("encoders/text/architecture/intermediate_size", 1_000_000),
        ("encoders/text/architecture/max_position_embeddings", 1_000_000),
        ("encoders/image/name", "vit_giant_patch14_dinov2"),
        ("space/dim", 60_000),
    ],
)
def test_a_larger_network_than_the_weights_is_refused_before_it_takes_memory(
    copied: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    built: list[bool] = []

    def build(*arguments: Any) -> Any:
        built.append(torch.empty(0).is_meta)
        return build_model(*arguments)

    from analysis.model.bundle import build_model

    monkeypatch.setattr("analysis.model.deferred.build_model", build)
    change(copied, "config.json", put(name, value))
    refused(copied, r"model.safetensors does not match config.json|cannot be built")
    assert built == [True]  # on the device without memory, and nowhere else


def test_the_device_without_memory_is_left_after_a_network_was_refused(
    copied: Path, tiny_bundle: Bundle
) -> None:
    change(copied, "config.json", put("encoders/text/architecture/num_hidden_layers", 500))
    refused(copied, "larger network")
    assert torch.empty(1).device.type == "cpu"
    assert load_model(tiny_bundle.folder).id == tiny_bundle.id


@pytest.mark.parametrize("type_", [torch.float64, torch.bfloat16, torch.int8])
def test_weights_of_another_type_are_refused(copied: Path, type_: torch.dtype) -> None:
    weights = load_file(copied / "model.safetensors")
    weights["heads.topic.bias"] = weights["heads.topic.bias"].to(type_)
    save_file(weights, copied / "model.safetensors")
    refused(copied, r"1 of \d+ weights differ, such as heads.topic.bias")


def test_weights_in_single_precision_are_loaded(copied: Path) -> None:
    weights = {name: value.float() if value.is_floating_point() else value
               for name, value in load_file(copied / "model.safetensors").items()}  # fmt: skip
    save_file(weights, copied / "model.safetensors")
    assert load_model(copied).name == "tiny"


def test_a_weights_file_with_a_false_header_is_refused(copied: Path) -> None:
    path = copied / "model.safetensors"
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    for lie in (
        {**header, "heads.topic.bias": {**header["heads.topic.bias"], "shape": [2**40]}},
        {**header, "heads.topic.bias": {**header["heads.topic.bias"], "data_offsets": [0, 2**50]}},
        {**header, "heads.topic.bias": {**header["heads.topic.bias"], "dtype": "X1"}},
        {**header, "more": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]}},
    ):
        made = json.dumps(lie).encode()
        path.write_bytes(struct.pack("<Q", len(made)) + made + content[8 + size :])
        refused(copied, "model.safetensors (cannot be read|does not match)")
    path.write_bytes(struct.pack("<Q", 2**62) + content[8:])
    refused(copied, "cannot be read")
    path.write_bytes(b"")
    refused(copied, "cannot be read")


ONE, MANY = ["x"], [str(number) for number in range(2_000)]
WRONG: dict[str, tuple[object, ...]] = {
    "name": (None, 3, "", "a\nb", "=cmd|'/c calc'!A1", "x" * 300, ["x"]),
    "encoders": (None, [], {}, 3, "text"),
    "encoders/text/kind": ("timm", "sound", None, 3),
    "encoders/text/dim": (0, -1, 17, 10**9, 16.5, "16", True, None),
    "encoders/text/pooling": ("sum", "projection", None, 3),
    "encoders/text/max_tokens": (0, 1, -5, 65, 10**9, "32", None, 32.0),
    "encoders/text/architecture": (None, [], 3, {}, {"model_type": "bert", "hidden_size": -1}),
    "encoders/text/architecture/hidden_act": ("no_such", None, 3, ""),
    "encoders/text/architecture/num_attention_heads": (0, 3, -1, "2", None),
    "encoders/text/architecture/layer_norm_eps": (float("nan"), -1e9, "x"),
    "encoders/text/architecture/hidden_size": (0, 17, float("nan"), 2**70),
    "encoders/image/kind": ("transformers", 3),
    "encoders/image/side": (0, 1, 7, -1, 10**6, 48.5, None),
    "encoders/image/mean": ([], [0.5], [0.5] * 4, ["x"] * 3, [float("nan")] * 3, 0.5, [2.0] * 3),
    "encoders/image/std": ([], [0.0] * 3, [-1.0] * 3, [float("inf")] * 3, None),
    "encoders/image/explained_layer": ("network.nothing", "network.global_pool", 3, "network.\x00"),
    "fusion": (None, [], "concat"),
    "fusion/kind": ("product", "", None, 3),
    "fusion/width": (-1, 10**9, "8", None, 1.5),
    "fusion/dropout": (-0.1, 1.5, float("nan"), "x"),
    "fusion/rank": (-1, 10**6),
    "heads": ({}, [], None, 3),
    "heads/topic": (None, [], {}, 3),
    "heads/topic/name": ("other", "", None),
    "heads/topic/classes": ([], ["a", "a"], ["a"], ["a", 3], ["a", ""], ["a", "b c"], "ab", None, MANY),
    "heads/topic/titles": ([], ONE, ["A", ""], ["A", 3], ["A", "B", "C"], ["A", "\x1b[0m"], None),
    "heads/topic/exclusive": ("yes", 1, None),
    "heads/topic/temperature": (0, 0.0, -1.0, 1e-300, float("nan"), float("inf"), 1e300, "1", None, True),
    "heads/sentiment/classes": (["negative", "neutral", "good"], ["negative", "positive"]),
    "heads/sentiment/alone": ([1.0], [0.0, 1.0], [1.0, float("nan")], [1.0] * 3, "x"),
    "heads/sentiment/values": ([1.0], [0.0, float("nan"), 1.0], ["x"] * 3),
    "heads/emotion/reads": (["sound"], "text", [3], None),
    "heads/topic/needs": (["sound"], [None]),
    "space": (3, [], {}),
    "space/dim": (0, -1, 10**9, "8", None),
    "space/hidden": ({"sound": 3}, {"image": -1}, [], None),
    "space/unrelated": ([0.5, -0.5], [2.0], ["x"], None, [float("nan")]),
    "languages": ("en", [3], ["english language"], None),
    "surprise": (1,),
    "heads/topic/surprise": (1,),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_configuration_that_makes_no_sense_is_refused(copied: Path, name: str, value: object) -> None:
    change(copied, "config.json", put(name, value))
    refused(copied, ".")


@pytest.mark.parametrize("name", ["sound", "items", "forward", "training", "a.b"])
def test_a_head_whose_name_pytorch_uses_itself_is_refused(copied: Path, name: str) -> None:
    def rename(values: Any) -> None:
        values["heads"][name] = {**values["heads"].pop("irony"), "name": name}

    change(copied, "config.json", rename)
    refused(copied, "config.json")


def test_logits_that_are_not_finite_give_no_scores(tiny_bundle: Bundle) -> None:
    logits = {"sentiment": torch.tensor([[float("nan"), 0.0, 1.0]])}
    with pytest.raises(BundleError, match="Head sentiment of the model produces scores that are not finite"):
        compute_probabilities(tiny_bundle.heads, logits, torch.ones(1, 2))


@pytest.mark.parametrize("head", ["topic", "sentiment"])
def test_a_model_that_lacks_a_head_loads_but_scores_no_batch(copied: Path, tmp_path: Path, head: str) -> None:
    change(copied, "config.json", lambda values: values["heads"].pop(head))
    weights = load_file(copied / "model.safetensors")
    save_file({name: value for name, value in weights.items() if f"heads.{head}." not in name},
              copied / "model.safetensors")  # fmt: skip
    bundle, batch = load_model(copied), new_batch(tmp_path)
    with pytest.raises(BundleError, match=f"has no head {head}, so it cannot score a batch"):
        score_batch(batch, bundle)
    assert batch.manifest.bundle is None


@pytest.mark.parametrize("name", ["valence", "post_id", "text_sentiment", "likes"])
def test_a_head_named_like_a_report_column_cannot_score(copied: Path, tmp_path: Path, name: str) -> None:
    def rename(values: Any) -> None:
        values["heads"][name] = {**values["heads"].pop("emotion"), "name": name}

    change(copied, "config.json", rename)
    weights = load_file(copied / "model.safetensors")
    save_file({each.replace("heads.emotion", f"heads.{name}"): value for each, value in weights.items()},
              copied / "model.safetensors")  # fmt: skip
    with pytest.raises(BundleError, match=f"would create two report columns named {name}"):
        score_batch(new_batch(tmp_path), load_model(copied))


@pytest.mark.parametrize("name", ["", ".", "..", "\x00", "x" * 5_000, "compact/../..", "/dev/null", "~"])
def test_a_model_that_is_not_there_is_refused_plainly(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="Model "):
        load_model(name)


def test_a_configuration_is_checked_without_weights_too(copied: Path) -> None:
    assert isinstance(load_config(copied), ModelConfig)
    change(copied, "config.json", put("heads/topic/temperature", 0))
    with pytest.raises(BundleError, match=r"heads.topic.temperature must be a number from 0.01 to 100"):
        load_config(copied)


def test_a_bundle_that_could_not_be_loaded_is_not_written(tiny_bundle: Bundle, tmp_path: Path) -> None:
    config = ModelConfig.from_json({**json.loads((tiny_bundle.folder / "config.json").read_text())})
    broken = ModelConfig(config.name, config.encoders, config.fusion, {})
    with pytest.raises(BundleError, match="heads must contain 1 to"):
        save_bundle(tmp_path / "new", broken, tiny_bundle.model, tiny_bundle.tokenizers, {}, "")
    assert not (tmp_path / "new").exists()


def test_training_may_name_a_network_by_its_source_and_the_bundle_names_it_plainly(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    network = timm.create_model("test_efficientnet", num_classes=0)
    save_file(network.state_dict(), folder / "model.safetensors")
    values = {"architecture": "test_efficientnet", "num_classes": 0, "num_features": 256}
    values["pretrained_cfg"] = {"num_classes": 0, "input_size": [3, 48, 48]}
    (folder / "config.json").write_text(json.dumps(values))
    named = EncoderConfig("timm", f"local-dir:{folder}", dim=256, side=48)
    encoder = build_encoder(named, pretrained=True)
    assert torch.equal(encoder.network.conv_stem.weight, network.conv_stem.weight)
    with pytest.raises(BundleError, match="cannot be built"):
        build_encoder(named)
    described = _with_trained_architectures(
        ModelConfig("x", {"image": named}, None, {}),
        {"image": encoder},  # type: ignore[arg-type]
    )
    assert described.encoders["image"].name == "test_efficientnet"
    assert build_encoder(described.encoders["image"]).eval()(torch.zeros(1, 3, 48, 48)).shape == (1, 256)
