"""Bundles whose weights are stored in 8 and 4 bits: they load, stay the same in derived bundles, and are checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from analysis.model.bundle import Bundle, load_model
from analysis.model.compression import compress, decompress
from analysis.model.saving import save_bundle
from tests.model.hostile import change, put, refused

pytestmark = pytest.mark.usefixtures("isolated")

WEIGHTS = "model.safetensors"
EIGHT = "encoders.text.network.embeddings.word_embeddings.weight"
FOUR = "encoders.text.network.encoder.layer.0.output.dense.weight"


def write_again(bundle: Bundle, folder: Path) -> Bundle:
    """Write a loaded bundle, its weights in as many bits as in the bundle, and load it."""
    save_bundle(folder, bundle.config, bundle.model, bundle.tokenizers, {}, "", bundle.weight_bits)
    return load_model(folder)


def test_weights_are_stored_in_fewer_bits_and_loaded_in_single_precision(
    tiny_bundle: Bundle, compressed: Path
) -> None:
    stored, loaded = load_file(compressed / WEIGHTS), load_model(compressed)
    assert {stored[EIGHT].dtype, stored[FOUR].dtype} == {torch.int8, torch.uint8}
    assert stored["heads.topic.bias"].dtype == torch.float16
    assert {loaded.weight_bits[EIGHT], loaded.weight_bits[FOUR]} == {8, 4}
    weights = loaded.model.state_dict()
    for name, value in tiny_bundle.model.state_dict().items():
        bits = loaded.weight_bits.get(name)
        expected = decompress(*compress(value, bits)) if bits else value
        assert torch.equal(weights[name], expected), name
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}
    assert (compressed / WEIGHTS).stat().st_size < (tiny_bundle.folder / WEIGHTS).stat().st_size


def test_a_bundle_in_fp16_has_no_compressed_weights(tiny_bundle: Bundle) -> None:
    assert tiny_bundle.weight_bits == {}


@pytest.mark.slow
def test_a_derived_bundle_has_the_same_encoders_to_the_bit(compressed: Path, tmp_path: Path) -> None:
    base = load_model(compressed)
    with torch.no_grad():
        base.model.heads["topic"].weight.mul_(1.5)
    derived = write_again(base, tmp_path / "derived")
    assert derived.encoders_id == base.encoders_id
    assert derived.id != base.id
    assert derived.weight_bits == base.weight_bits
    was, now = load_file(compressed / WEIGHTS), load_file(derived.folder / WEIGHTS)
    assert [name for name in was if was[name].tolist() != now[name].tolist()] == ["heads.topic.weight.scale"]


def test_the_hash_of_the_encoders_depends_on_codes_and_on_scales(compressed: Path) -> None:
    found = {load_model(compressed).encoders_id}
    for name, edit in ((EIGHT, lambda codes: -codes), (EIGHT + ".scale", lambda scales: scales * 2)):
        weights = load_file(compressed / WEIGHTS)
        save_file({**weights, name: edit(weights[name])}, compressed / WEIGHTS)
        found.add(load_model(compressed).encoders_id)
    assert len(found) == 3


def remove(name: str) -> Callable[[dict[str, Tensor]], object]:
    return lambda weights: weights.pop(name)


def edit(name: str, edited: Callable[[Tensor], Tensor]) -> Callable[[dict[str, Tensor]], object]:
    return lambda weights: weights.update({name: edited(weights[name]).contiguous()})


def fill(value: float) -> Callable[[Tensor], Tensor]:
    """Set the first value of a tensor."""

    def edited(tensor: Tensor) -> Tensor:
        tensor.view(-1)[0] = value
        return tensor

    return edited


MISMATCHES = {
    "no scale": remove(f"{EIGHT}.scale"),
    "no scale of 4 bits": remove(f"{FOUR}.scale"),
    "no codes": remove(EIGHT),
    "no codes of 4 bits": remove(FOUR),
    "too few scales": edit(f"{EIGHT}.scale", lambda scales: scales[:-1]),
    "a scale per value": edit(f"{EIGHT}.scale", lambda scales: scales.unsqueeze(1).repeat(1, 16)),
    "scales of another shape": edit(f"{FOUR}.scale", lambda scales: scales.flatten()),
    "one scale": edit(f"{EIGHT}.scale", lambda scales: scales[0]),
    "scales in fp16": edit(f"{EIGHT}.scale", Tensor.half),
    "scales in fp32": edit(f"{FOUR}.scale", Tensor.float),
    "scales as integers": edit(f"{EIGHT}.scale", Tensor.char),
    "fewer rows": edit(EIGHT, lambda codes: codes[:-1]),
    "fewer columns": edit(EIGHT, lambda codes: codes[:, :-1]),
    "fewer blocks": edit(FOUR, lambda codes: codes[:, :8]),
    "another shape of as many codes": edit(FOUR, lambda codes: codes.reshape(32, 8)),
    "unsigned codes": edit(EIGHT, Tensor.byte),
    "signed codes of 4 bits": edit(FOUR, Tensor.char),
    "codes of 16 bits": edit(EIGHT, Tensor.short),
    "codes of 32 bits": edit(EIGHT, Tensor.int),
    "codes of 64 bits": edit(EIGHT, Tensor.long),
    "a code for each bias": lambda weights: weights.update(
        {"heads.topic.bias": torch.ones(2).char(), "heads.topic.bias.scale": torch.ones(2).bfloat16()}
    ),
    "codes of no weight": lambda weights: weights.update(
        {"more": torch.ones(2, 2).char(), "more.scale": torch.ones(2).bfloat16()}
    ),
    "compressed scales": lambda weights: weights.update(
        {f"{FOUR}.scale": torch.ones(16, 1).char(), f"{FOUR}.scale.scale": torch.ones(16).bfloat16()}
    ),
}
NOT_FINITE = {
    "infinite": edit(f"{EIGHT}.scale", fill(float("inf"))),
    "infinite in 4 bits": edit(f"{FOUR}.scale", fill(float("-inf"))),
    "no number": edit(f"{EIGHT}.scale", fill(float("nan"))),
    "no number in 4 bits": edit(f"{FOUR}.scale", fill(float("nan"))),
    "huge": edit(f"{EIGHT}.scale", fill(1e37)),
    "huge in 4 bits": edit(f"{FOUR}.scale", fill(-3e38)),
}
OTHERS = {
    "a code of -128": edit(EIGHT, fill(-128)),
    "small codes": edit(EIGHT, lambda codes: codes // 2),
    "small codes in 4 bits": edit(FOUR, lambda codes: codes // 4 + 0x44),
    "a negative scale": edit(f"{EIGHT}.scale", fill(-1.0)),
    "a scale of -0": edit(f"{EIGHT}.scale", fill(-0.0)),
    "a scale of -0 in 4 bits": edit(f"{FOUR}.scale", fill(-0.0)),
    "codes without a scale": edit(f"{EIGHT}.scale", fill(0.0)),
    "codes without a scale in 4 bits": edit(f"{FOUR}.scale", fill(0.0)),
    "a scale below the smallest": edit(f"{EIGHT}.scale", fill(1e-39)),
    "a scale below the smallest in 4 bits": edit(f"{FOUR}.scale", fill(-1e-39)),
}


def damage(folder: Path, edit: Callable[[dict[str, Tensor]], object]) -> None:
    weights = load_file(folder / WEIGHTS)
    edit(weights)
    save_file(weights, folder / WEIGHTS)


@pytest.mark.parametrize("name", MISMATCHES)
def test_codes_and_scales_that_do_not_match_are_refused(compressed: Path, name: str) -> None:
    damage(compressed, MISMATCHES[name])
    refused(compressed, r"does not match config.json \(\d of \d+ weights differ")


@pytest.mark.parametrize("name", NOT_FINITE)
def test_scales_that_give_values_that_are_not_finite_are_refused(compressed: Path, name: str) -> None:
    damage(compressed, NOT_FINITE[name])
    refused(compressed, r"contains values that are not finite numbers \(encoders.text.network")


@pytest.mark.parametrize("name", OTHERS)
def test_codes_that_would_be_others_in_a_derived_bundle_are_refused(compressed: Path, name: str) -> None:
    damage(compressed, OTHERS[name])
    refused(compressed, r"contains compressed values that are not as PostLens writes them")


@pytest.mark.parametrize(
    "name",
    ["encoders/text/architecture/vocab_size", "encoders/text/architecture/max_position_embeddings",
     "encoders/text/architecture/intermediate_size", "space/dim"],
)  # fmt: skip
def test_the_limit_of_memory_is_the_size_of_the_decompressed_weights(
    compressed: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("analysis.model.weights._MAX_BUFFER_BYTES", 8_000)  # position ids and the like
    loaded = load_model(compressed)
    memory = 4 * sum(parameter.numel() for parameter in loaded.model.parameters())
    assert memory > 2 * (compressed / WEIGHTS).stat().st_size + 8_000  # the limit for a bundle in fp16
    change(compressed, "config.json", put(name, 2_000))
    refused(compressed, "config.json describes a larger network")


def test_a_false_header_of_a_compressed_file_is_refused(compressed: Path) -> None:
    content = (compressed / WEIGHTS).read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    for name, values in (
        (EIGHT, {"dtype": "U8"}),
        (FOUR, {"dtype": "I8"}),
        (f"{EIGHT}.scale", {"dtype": "F16"}),
        (f"{EIGHT}.scale", {"dtype": "F8_E4M3", "shape": [128]}),
        (FOUR, {"dtype": "F4", "shape": [16, 32]}),
        (EIGHT, {"shape": [2**40, 16]}),
        (EIGHT, {"shape": []}),
    ):
        lie = json.dumps({**header, name: {**header[name], **values}}).encode()
        (compressed / WEIGHTS).write_bytes(len(lie).to_bytes(8, "little") + lie + content[8 + size :])
        refused(compressed, r"model.safetensors (cannot be read|does not match)")
