"""Encoders that were compiled in an earlier run give the same encodings, and any change makes new ones."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from analysis.model import compiled, engines, load_model
from analysis.model.bundle import Bundle
from analysis.model.compiled import compute_compiled_key
from analysis.model.config import FusionConfig
from analysis.model.engines import EncodedBatch, OpenVinoEngine
from tests.model.memory_cache import MemoryCache
from tests.tiny import write_tiny_bundle

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(additive_bundle: Bundle) -> MemoryCache:
    found = MemoryCache()
    OpenVinoEngine(additive_bundle, cache=found)
    assert found.stored == 2
    return found


@pytest.fixture
def own_bundle(tmp_path: Path) -> Bundle:
    """An additive bundle that a test may change."""
    return load_model(write_tiny_bundle(tmp_path / "own", FusionConfig(kind="additive", rank=0)))


def encode(engine: OpenVinoEngine) -> Iterator[EncodedBatch]:
    drawn = torch.Generator().manual_seed(0)
    ids = torch.randint(5, 28, (3, 12), generator=drawn)
    yield from engine.encode("text", [{"input_ids": ids, "attention_mask": torch.ones_like(ids)}])
    yield from engine.encode("image", [{"pixels": torch.randn(3, 3, 48, 48, generator=drawn)}])


def test_an_encoder_from_the_cache_gives_identical_encodings(
    additive_bundle: Bundle, cache: MemoryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(encode(OpenVinoEngine(additive_bundle)))
    monkeypatch.setattr(engines, "_convert_encoder", lambda *_: pytest.fail("compiled again"))
    found = list(encode(OpenVinoEngine(additive_bundle, cache=cache)))
    assert len(found) == 2
    for one, other in zip(expected, found, strict=True):
        assert torch.equal(one.vectors, other.vectors)
        assert one.numbers is not None
        assert other.numbers is not None
        assert torch.equal(one.numbers, other.numbers)


@pytest.mark.parametrize(
    ("weight", "changed"),
    [
        ("encoders.text.network.encoder.layer.1.output.dense.bias", "text"),
        ("encoders.image.network.conv_head.weight", "image"),
        ("encoders.image.network.bn2.running_mean", "image"),
        ("fusion.mean_text", "text"),
    ],
)
def test_another_weight_is_another_key(own_bundle: Bundle, weight: str, changed: str) -> None:
    other = replace(own_bundle, model=own_bundle.with_encoder_copy(changed).model)
    values = other.model.state_dict()
    with torch.no_grad():
        before = {name: compute_compiled_key(own_bundle, name, "", {}) for name in ("text", "image")}
        values[weight].view(-1)[0] += 1
    after = {name: compute_compiled_key(replace(other), name, "", {}) for name in ("text", "image")}
    assert {name for name in before if before[name] != after[name]} == {changed}


@pytest.mark.parametrize("package", ["postlens", "openvino", "torch", "timm", "transformers"])
def test_another_version_is_another_key(
    additive_bundle: Bundle, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, read = compute_compiled_key(additive_bundle, "text", "", {}), compiled.installed_version
    monkeypatch.setattr(compiled, "installed_version", lambda name: read(name) + "1" * (name == package))
    assert compute_compiled_key(additive_bundle, "text", "", {}) != before


def test_other_options_machines_and_configurations_are_other_keys(
    additive_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = additive_bundle.config
    longer = {**config.encoders, "text": replace(config.encoders["text"], max_tokens=31)}
    keys = [
        compute_compiled_key(additive_bundle, "text", "", {}),
        compute_compiled_key(additive_bundle, "text", "", {"INFERENCE_NUM_THREADS": 1}),
        compute_compiled_key(
            replace(additive_bundle, config=replace(config, encoders=longer)), "text", "", {}
        ),
    ]
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "other")
    assert len({*keys, compute_compiled_key(additive_bundle, "text", "", {})}) == 4


def test_a_number_of_threads_is_compiled_by_itself(additive_bundle: Bundle, cache: MemoryCache) -> None:
    OpenVinoEngine(additive_bundle, threads=1, cache=cache)
    assert len(cache.entries) == 4


@pytest.mark.parametrize("damage", ["content", "outputs", "all"])
def test_an_entry_that_cannot_be_used_is_made_again(
    additive_bundle: Bundle, cache: MemoryCache, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = dict(cache.entries)
    changes = {"content": lambda entry: entry[:500], "outputs": lambda entry: bytes(32) + entry[32:]}
    change = changes.get(damage, lambda _: b"")
    cache.entries = {key: change(entry) for key, entry in good.items()}
    with caplog.at_level(logging.WARNING):
        engine = OpenVinoEngine(additive_bundle, cache=cache)
    assert caplog.text.count("will be compiled again") == 2
    assert cache.stored == 4
    assert cache.entries.keys() == good.keys()
    assert {entry[:32] for entry in cache.entries.values()} == {entry[:32] for entry in good.values()}
    assert len(list(encode(engine))) == 2


def test_an_encoder_that_cannot_be_exported_still_runs(
    additive_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> bytes:
        raise RuntimeError("no export")

    monkeypatch.setattr(compiled, "_hash_outputs", refuse)
    found = MemoryCache()
    assert len(list(encode(OpenVinoEngine(additive_bundle, cache=found)))) == 2
    assert found.stored == 0
    assert "cannot be stored: no export" in caplog.text
