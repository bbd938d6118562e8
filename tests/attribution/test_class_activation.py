"""In an additive fusion, the shares of words and image positions are exact, for every post that is scored."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import ShapleyValues
from PIL import Image

from analysis import query
from analysis.attribution import Output, encode_post, explain_post
from analysis.attribution.class_activation import ClassActivation, compute_part_shares
from analysis.attribution.ledger import split_cells
from analysis.attribution.target import get_attribution_target
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle, load_model
from analysis.model.config import FusionConfig
from analysis.model.outputs import compute_explained_logits
from analysis.model.parts import build_part_encoders
from analysis.model.saving import save_bundle
from analysis.posts import post_frame
from analysis.scoring.encodings import PostEncoder
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch
from tests.scored import IMAGE, new_batch
from tests.tiny import tiny_config, write_tiny_bundle

POSITIVE = Output("sentiment", "positive")
WITH_IMAGE = {"images": [IMAGE], "image_names": ["a.jpg"]}
TEXT = "good day, so awful the match!"


@pytest.fixture(scope="module", params=[0, 3], ids=["no pairs", "pairs"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "additive"
    return load_model(write_tiny_bundle(folder, FusionConfig(kind="additive", rank=request.param)))


@pytest.fixture
def images(photo: Image.Image) -> list[tuple[str, Image.Image]]:
    return [("a", photo), ("b", photo.rotate(90, expand=True))]


def words_of(batch: Batch) -> list[object]:
    return query.read_page(batch, limit=20)["top_words"].tolist()


def changed_copy(bundle: Bundle, folder: Path, head: str) -> Bundle:
    """Save a copy of a bundle with other weights of one head."""
    model = deepcopy(bundle.model)
    with torch.no_grad():
        model.heads[head].weight.mul_(-1.0)
    save_bundle(folder, replace(bundle.config, name=folder.name), model, bundle.tokenizers, {}, "# copy")
    return load_model(folder)


@pytest.mark.parametrize("shown", [("text", "image"), ("text",), ("image",)])
def test_values_are_those_of_captum_with_the_mean_encodings(
    bundle: Bundle, images: list[tuple[str, Image.Image]], shown: tuple[str, ...]
) -> None:
    post = encode_post(bundle, TEXT if "text" in shown else "", images if "image" in shown else [])
    ledger = explain_post(bundle, post, POSITIVE)
    names = list(post.encodings)

    def score(*encodings: torch.Tensor) -> torch.Tensor:
        present = post.present.expand(len(encodings[0]), -1)
        logits = bundle.model.predict(dict(zip(names, encodings, strict=True)), present)
        return compute_explained_logits(bundle.heads, logits)["sentiment"][:, 2]

    given = tuple(post.encodings.values())
    means = tuple(bundle.model.fusion.mean(name).unsqueeze(0) for name in names)
    players = tuple(torch.full_like(each, number, dtype=torch.long) for number, each in enumerate(given))
    with torch.inference_mode():
        found = ShapleyValues(score).attribute(given, baselines=means, feature_mask=players)
    for name, values in zip(names, found, strict=True):
        assert ledger.phi[name] == pytest.approx(float(values[0, 0]), abs=1e-5)
        assert bool(ledger.phi[name]) == (name in shown)
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)


def test_words_and_special_tokens_add_up_to_the_text(
    bundle: Bundle, images: list[tuple[str, Image.Image]]
) -> None:
    post = encode_post(bundle, TEXT, images)
    ledger = explain_post(bundle, post, POSITIVE)
    encoders = build_part_encoders(bundle, "text", "sentiment")
    tokens = post.decoded["text"]
    with torch.inference_mode():
        _, numbers = encoders[""](tokens.input_ids, tokens.attention_mask)
    owners = torch.zeros(numbers.shape[1], dtype=torch.long)
    shares = compute_part_shares(
        bundle, "sentiment", "text", numbers[0], owners, post.encodings, post.present
    )[:, 2]
    assert float(shares.sum()) == pytest.approx(ledger.phi["text"], abs=1e-5)
    special = tokens.word_of_token == len(tokens.words)
    assert float(shares[special].sum()) == pytest.approx(ledger.text_remainder, abs=1e-5)
    assert [word.text for word in ledger.words][:2] == ["good", "day"]
    assert ledger.word_check is None


def test_regions_add_up_to_the_images(bundle: Bundle, images: list[tuple[str, Image.Image]]) -> None:
    for text in (TEXT, ""):
        ledger = explain_post(bundle, encode_post(bundle, text, images), POSITIVE)
        assert abs(ledger.phi["image"]) > 1e-5
        assert sum(image.value for image in ledger.images) == pytest.approx(ledger.phi["image"], abs=1e-5)
        for image in ledger.images:
            assert image.cells is not None
            assert image.cells.shape[0] == image.cells.shape[1] > 1
            assert image.cells.sum() == pytest.approx(image.value, abs=1e-5)


@pytest.mark.slow
def test_the_stored_words_and_maps_are_those_of_the_explanation(bundle: Bundle, tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    score_batch(batch, bundle, engine="torch")
    page = query.read_page(batch, limit=20)
    assert page["top_words"].notna().sum() == (page["inputs_used"] != "image").sum() > 0
    assert page["image_map"].notna().sum() == (page["inputs_used"] != "text").sum() > 0
    for post in page.to_dict("records"):
        opened = [(name, Image.open(batch.media_path(name))) for name in post["images"]]
        ledger = explain_post(
            bundle, encode_post(bundle, post["text"], opened), Output("sentiment", post["sentiment"])
        )
        if post["top_words"] is not None:
            values = {word.text.casefold(): 0.0 for word in ledger.words}
            for word in ledger.words:
                values[word.text.casefold()] += word.value
            for word, value in post["top_words"]:
                assert value == pytest.approx(values[word], abs=1e-5)
        if post["image_map"] is not None:
            assert sum(post["image_map"]) == pytest.approx(ledger.phi["image"], abs=1e-5)
            for stored, image in zip(split_cells(post["image_map"], len(opened)), ledger.images, strict=True):
                np.testing.assert_allclose(stored, image.cells, atol=1e-5)


@pytest.mark.slow
def test_words_are_kept_for_a_model_with_the_same_sentiment_and_made_again_for_another(
    bundle: Bundle, tmp_path: Path
) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    score_batch(batch, bundle)
    first, encodings = words_of(batch), batch.part_path("encodings", 0)
    written = encodings.stat().st_mtime_ns
    one, other = (changed_copy(bundle, tmp_path / head, head) for head in ("topic", "sentiment"))
    assert one.encoders_id == other.encoders_id == bundle.encoders_id
    score_batch(batch, one)
    assert words_of(batch) == first
    assert encodings.stat().st_mtime_ns == written
    score_batch(batch, other)
    assert words_of(batch) != first


def test_a_mix_has_no_shares(tiny_bundle: Bundle, photo: Image.Image) -> None:
    assert not tiny_bundle.part_encoders
    post = encode_post(tiny_bundle, TEXT, [("a", photo)])
    target = get_attribution_target(tiny_bundle, POSITIVE)
    with pytest.raises(AttributionError, match="no sum over its parts"):
        ClassActivation(tiny_bundle, "text").attribute(post, target, 0)
    posts = post_frame([{"post_id": "a", "text": TEXT}])
    assert PostEncoder(tiny_bundle, Path).encode(posts).numbers == {}


def test_words_of_equal_clean_texts_are_their_own(bundle: Bundle) -> None:
    texts = ["😀", "grinning face", "{@so good@}", "so good"]
    posts = post_frame([{"post_id": str(number), "text": text} for number, text in enumerate(texts)])
    together = PostEncoder(bundle, Path).encode(posts).numbers["text"]
    assert [len(each) for each in together] == [1, 2, 1, 2]
    for number, values in enumerate(together):
        (alone,) = PostEncoder(bundle, Path).encode(posts.iloc[[number]]).numbers["text"]
        torch.testing.assert_close(values, alone)
    torch.testing.assert_close(together[0].sum(0), together[1].sum(0))


def test_a_text_without_a_visible_character_has_no_words(bundle: Bundle, tmp_path: Path) -> None:
    posts = [{"post_id": "a", "text": "good"}, {"post_id": "b", "text": "\u200b", **WITH_IMAGE}]
    batch = new_batch(tmp_path, post_frame(posts))
    score_batch(batch, bundle, engine="torch")
    page = query.read_page(batch)
    assert page["top_words"].isna().tolist() == [False, True]
    assert page["image_map"].isna().tolist() == [True, False]


@pytest.mark.slow
def test_damaged_words_are_made_again_with_their_scores(bundle: Bundle, tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    score_batch(batch, bundle, engine="torch")
    first = words_of(batch)
    batch.part_path("words", 1).write_bytes(b"damaged")
    assert not score_batch(batch, bundle, engine="torch", cancelled=lambda: True)
    assert (
        batch.scored() == batch.manifest.n_posts - 6
    )  # a report would lack the words, so they are not scored
    score_batch(batch, bundle, engine="torch")
    assert words_of(batch) == first


@pytest.mark.slow
def test_a_model_whose_texts_cannot_be_divided_finds_words_by_gradients(tmp_path: Path) -> None:
    config = tiny_config(FusionConfig(kind="additive", rank=0))
    encoders = {**config.encoders, "text": replace(config.encoders["text"], pooling="cls")}
    folder = write_tiny_bundle(tmp_path / "cls", config.fusion)
    values = replace(config, encoders=encoders).to_json()
    (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    bundle = load_model(folder)
    assert not bundle.part_encoders
    batch = new_batch(tmp_path, part_posts=6)
    score_batch(batch, bundle, words=True, engine="torch")
    page = query.read_page(batch, limit=20)
    assert page["top_words"].notna().tolist() == (page["inputs_used"] != "image").tolist()
    assert page["image_map"].isna().all()


def test_the_shares_depend_on_everything_that_changes_them(bundle: Bundle) -> None:
    head = bundle.heads["sentiment"]
    colder = {**bundle.heads, "sentiment": replace(head, temperature=9.0)}
    swapped = dict(reversed(bundle.config.encoders.items()))
    changed = [
        replace(bundle, config=replace(bundle.config, heads=colder)),
        replace(bundle, config=replace(bundle.config, encoders=swapped)),
    ]
    moved = deepcopy(bundle.model)
    moved.fusion.mean("text").add_(1.0)
    changed.append(replace(bundle, model=moved))
    assert len({each.shares_id for each in (bundle, *changed)}) == 4


def test_a_head_that_does_not_read_images_divides_only_words(bundle: Bundle) -> None:
    assert not build_part_encoders(bundle, "image", "emotion")
    assert build_part_encoders(bundle, "text", "emotion")
    post = encode_post(bundle, TEXT, [("a", Image.new("RGB", (60, 40), "teal"))])
    joy = get_attribution_target(bundle, Output("emotion", "joy"))
    assert not ClassActivation(bundle, "image").attribute(post, joy, 0).any()
    values = ClassActivation(bundle, "text").attribute(post, joy, 0)
    assert np.abs(values).max() > 1e-4
