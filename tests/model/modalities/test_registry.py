"""A further modality is one class and one entry in config.json: the model scores and explains it like the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from analysis.attribution import Output, check_explanation, encode_post, explain_post, score_modalities_alone
from analysis.columns import format_inputs_used
from analysis.errors import BundleError
from analysis.model.bundle import Bundle, load_model
from analysis.model.config import ModelConfig
from analysis.model.modalities import MODALITIES, find_modality, get_modality
from analysis.posts import post_frame
from analysis.scoring.encodings import PostEncoder, encoding_table, parse_encodings_part
from analysis.scoring.scores import build_score_table
from analysis.settings import Settings
from tests.vector import VECTOR, register_vector, write_vector_bundle

POSITIVE = Output("sentiment", "positive")
TEXT = "so good day not awful"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    """Load a tiny bundle of three modalities."""
    with pytest.MonkeyPatch.context() as patch:
        register_vector(patch)
        yield load_model(write_vector_bundle(tmp_path_factory.mktemp("bundles")))


def test_the_order_of_modalities_is_that_of_the_configuration(bundle: Bundle) -> None:
    assert bundle.model.modalities == ("vector", "image", "text")
    assert list(encode_post(bundle, TEXT).encodings) == ["vector", "image", "text"]
    assert encode_post(bundle, TEXT).present.tolist() == [[0.0, 0.0, 1.0]]


def test_a_post_of_three_modalities_is_explained_and_its_values_add_up(
    bundle: Bundle, photo: Image.Image
) -> None:
    post = encode_post(bundle, TEXT, [("a", photo)], {"vector": VECTOR})
    ledger = explain_post(bundle, post, POSITIVE)
    assert list(ledger.phi) == ["vector", "image", "text"]
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    assert all(abs(value) > 1e-4 for value in ledger.phi.values())
    assert ledger.word_check is not None
    assert ledger.word_check.difference == pytest.approx(sum(word.value for word in ledger.words), abs=0.01)
    checks = check_explanation(bundle, post, ledger)
    assert checks.phi is not None
    assert list(checks.phi) == ["vector", "image", "text"]


def test_each_modality_of_a_post_is_scored_alone(bundle: Bundle) -> None:
    scores = score_modalities_alone(bundle, encode_post(bundle, TEXT, (), {"vector": VECTOR}))
    assert list(scores) == ["vector+text", "vector", "text"]
    assert scores["vector"]["sentiment"] != scores["text"]["sentiment"]


def test_posts_of_a_further_modality_are_scored(bundle: Bundle) -> None:
    rows = [
        {"post_id": "a", "text": TEXT, "extra": json.dumps({"vector": VECTOR})},
        {"post_id": "b", "text": TEXT},
        {"post_id": "c", "extra": json.dumps({"vector": VECTOR})},
    ]
    posts = post_frame(rows)
    encoded = PostEncoder(bundle, Path).encode(posts)
    assert encoded.present.tolist() == [[1, 0, 1], [0, 0, 1], [1, 0, 0]]
    table = build_score_table(bundle, ["a", "b", "c"], encoded.vectors, encoded.present, Settings())
    assert table["inputs_used"].tolist() == ["vector+text", "text", "vector"]
    assert table["vector_sentiment"].isna().tolist() == [False, True, False]
    ledger = explain_post(bundle, encode_post(bundle, TEXT, (), {"vector": VECTOR}), POSITIVE)
    if table["sentiment"][0] == "positive":
        assert table["phi_vector"][0] == pytest.approx(ledger.phi["vector"], abs=1e-5)
    assert table["phi_image"].abs().max() == 0
    again = parse_encodings_part(encoding_table(["a", "b", "c"], encoded), bundle)
    assert all(torch.equal(again.vectors[name], encoded.vectors[name]) for name in encoded.vectors)
    assert torch.equal(again.present, encoded.present)


def test_a_bundle_with_an_unregistered_modality_is_refused(bundle: Bundle) -> None:
    values = json.loads((bundle.folder / "config.json").read_text(encoding="utf-8"))
    ModelConfig.from_json(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(MODALITIES, "vector")
        with pytest.raises(BundleError, match="encoders must be text and image"):
            ModelConfig.from_json(values)
    values["encoders"].pop("image")
    with pytest.raises(BundleError, match=r"encoders must be text and image; optional: vector"):
        ModelConfig.from_json(values)


def test_unknown_modalities_and_kinds_are_refused() -> None:
    with pytest.raises(BundleError, match="Modality 'sound' is unknown"):
        get_modality("sound")
    with pytest.raises(BundleError, match="Encoder kind 'sound' is unknown"):
        find_modality("sound")


@pytest.mark.parametrize(
    ("present", "label"),
    [(("text", "image"), "both"), (("image", "text"), "both"), (("text",), "text"), ((), "none")],
)
def test_inputs_are_labelled(present: tuple[str, ...], label: str) -> None:
    assert format_inputs_used(present) == label
