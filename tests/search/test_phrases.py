"""Short texts, such as queries: which branch reads them, and what is removed from their vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analysis.model.bundle import SHIPPED, Bundle
from analysis.model.config import OTHER, ModelConfig
from analysis.model.text_branches import choose_branches
from analysis.model.tokenizer import load_tokenizer
from analysis.search import phrases, vectors
from analysis.search.phrases import choose_phrase_branches, embed_by_branch, find_common_part
from analysis.search.vectors import embed_names
from analysis.settings import Settings

ENGLISH = (
    "delivery",
    "prices",
    "late trains",
    "customer service",
    "dog on the beach",
    "Sports",
    "baby",
    "iPhone 15",
)
FOREIGN = (
    "Lieferung",
    "Preise",
    "verspätete Züge",
    "entrega",
    "servicio al cliente",
    "livraison",
    "cane sulla spiaggia",
)
OTHER_SCRIPTS = ("雨", "電車", "поезд", "مطر", "दिल्ली")
SHIPPED_FOLDER = SHIPPED / "compact"


@pytest.fixture(scope="module")
def shipped() -> Any:
    """The shipped bundle's configuration and tokenizers, without its network."""
    config = ModelConfig.from_json(json.loads((SHIPPED_FOLDER / "config.json").read_text("utf-8")))
    names = config.encoders["text"].branches
    tokenizers = {name: load_tokenizer(SHIPPED_FOLDER, Settings(), name) for name in names}
    return SimpleNamespace(config=config, tokenizers=tokenizers, sha256="a hash")


def choose(bundle: Any, texts: Sequence[str]) -> Mapping[str, str]:
    found = choose_phrase_branches(bundle.config.encoders["text"], bundle.tokenizers, texts)
    return dict(zip(texts, found, strict=True))


def test_short_english_texts_are_read_by_the_english_branch(shipped: Any) -> None:
    assert choose(shipped, ENGLISH) == dict.fromkeys(ENGLISH, "en")


def test_short_texts_in_other_languages_are_read_by_the_branch_of_other_languages(shipped: Any) -> None:
    texts = FOREIGN + OTHER_SCRIPTS
    assert choose(shipped, texts) == dict.fromkeys(texts, OTHER)


def test_texts_that_are_surely_english_are_read_as_posts_are(shipped: Any) -> None:
    text = "the skateboarder jumped over the fence and everybody was watching him"
    assert choose_branches(shipped.config.encoders["text"], [text]) == ["en"]
    assert choose(shipped, [text, "😍", ""]) == {text: "en", "😍": "en", "": "en"}


def test_the_common_part_of_short_texts_is_removed(shipped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def embed(bundle: Any, texts: Sequence[str], branch: str) -> np.ndarray:
        """One place for what texts have in common, which differs by branch, and others for each text."""
        found = np.array([np.random.default_rng(len(text)).normal(size=8) * 0.2 for text in texts])
        found[:, 0 if branch == "en" else 1] = 3
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    monkeypatch.setattr(phrases, "_common", {})
    for module in (phrases, vectors):
        monkeypatch.setattr(module, "embed_by_branch", embed)
    texts = ["delivery", "Lieferung", "dog"]
    found = embed_names(shipped, texts)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    for row, branch in zip(found, choose(shipped, texts).values(), strict=True):
        common = find_common_part(shipped, branch)
        assert abs(common[0 if branch == "en" else 1]) > 0.95
        assert row @ common == pytest.approx(0, abs=1e-6)


def test_a_vocabulary_of_a_few_words_has_no_common_part(tiny_bundle: Bundle) -> None:
    assert not find_common_part(tiny_bundle, "").any()
    assert np.allclose(
        embed_names(tiny_bundle, ["red phone"]), embed_by_branch(tiny_bundle, ["red phone"], "")
    )
