"""A bundle that an earlier run has loaded gives the same results; its encoders are loaded when they are used."""

from __future__ import annotations

import logging
from itertools import product
from pathlib import Path

import pytest
import torch

from analysis.errors import BundleError
from analysis.model import load_model
from analysis.model.bundle import Bundle
from analysis.model.deferred import DeferredModel
from analysis.model.encoding import encode_texts
from analysis.model.facts import store_facts
from tests.model.hostile import change, put
from tests.model.memory_cache import MemoryCache


@pytest.fixture
def cache(additive_bundle: Bundle) -> MemoryCache:
    found = MemoryCache()
    store_facts(found, additive_bundle)
    return found


@pytest.fixture
def deferred(additive_bundle: Bundle, cache: MemoryCache) -> Bundle:
    found = load_model(additive_bundle.folder, cache)
    assert isinstance(found.model, DeferredModel)
    return found


def test_a_bundle_without_facts_is_loaded_in_full(additive_bundle: Bundle) -> None:
    assert load_model(additive_bundle.folder, MemoryCache()).model.facts is None


def test_identities_and_scores_are_the_same_without_the_encoders(
    additive_bundle: Bundle, deferred: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.model.deferred.load_network", lambda *_: pytest.fail("loaded"))
    for name in ("id", "sha256", "encoders_id", "shares_id", "part_modalities"):
        assert getattr(deferred, name) == getattr(additive_bundle, name)
    for modality in ("text", "image"):
        assert deferred.encoder_digest(modality, "") == additive_bundle.encoder_digest(modality, "")
    assert deferred.model.modalities == additive_bundle.model.modalities
    torch.manual_seed(0)
    encoded = {name: torch.randn(4, part.dim) for name, part in additive_bundle.config.encoders.items()}
    present = torch.tensor(list(product((0.0, 1.0), repeat=2)))
    expected, found = (each.model.predict(encoded, present) for each in (additive_bundle, deferred))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[head], found[head]) for head in expected)
    for name, values in encoded.items():
        assert torch.equal(additive_bundle.model.embed(name, values), deferred.model.embed(name, values))


def test_encoders_are_loaded_when_they_are_used(additive_bundle: Bundle, deferred: Bundle) -> None:
    assert not any(name.startswith("encoders.") for name in deferred.model.state_dict())
    texts = ["so lovely a day", "awful rain"]
    assert torch.equal(encode_texts(additive_bundle, texts), encode_texts(deferred, texts))
    assert deferred.part_encoders.keys() == additive_bundle.part_encoders.keys()
    expected, found = additive_bundle.model.state_dict(), deferred.model.state_dict()
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_bundle_whose_files_differ_is_loaded_in_full(copied: Path) -> None:
    cache = MemoryCache()
    store_facts(cache, load_model(copied))
    assert load_model(copied, cache).model.facts
    change(copied, "tokenizer_config.json", put("unk_token", "[MASK]"))
    assert load_model(copied, cache).model.facts is None
    store_facts(cache, load_model(copied))
    change(copied, "config.json", put("name", "other"))
    assert load_model(copied, cache).model.facts is None


def test_files_that_change_before_the_encoders_are_loaded_are_noticed(copied: Path) -> None:
    cache = MemoryCache()
    store_facts(cache, load_model(copied))
    found = load_model(copied, cache)
    change(copied, "config.json", put("name", "other"))
    with pytest.raises(BundleError, match="has changed since it was loaded"):
        encode_texts(found, ["so lovely"])


def test_damaged_facts_are_ignored(
    additive_bundle: Bundle, cache: MemoryCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.entries = dict.fromkeys(cache.entries, b"{}")
    with caplog.at_level(logging.WARNING):
        assert load_model(additive_bundle.folder, cache).model.facts is None
    assert "facts about a bundle are ignored" in caplog.text
