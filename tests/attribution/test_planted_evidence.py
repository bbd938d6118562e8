"""Explanations find the words and regions that a score was made to depend on."""

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.attribution import FeatureAblation, Output, encode_post, explain_post
from analysis.attribution.explain import compute_grad_cam
from analysis.attribution.method import make_mask_score
from analysis.attribution.target import get_attribution_target
from analysis.errors import AttributionError
from analysis.model import load_model
from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from analysis.settings import Settings
from tests.attribution.ledgers import POSITIVE, TEXT, assert_adds_up
from tests.tiny import write_tiny_bundle


def test_a_planted_word_is_found(tiny_bundle: Bundle) -> None:
    """With every other word's embedding equal to [MASK]'s, only the planted word can move the score."""
    tokenizer, embeddings = tiny_bundle.tokenizer, tiny_bundle.model.encoders["text"].word_embeddings
    before = embeddings.weight.clone()
    planted = tokenizer.convert_tokens_to_ids("awful")
    kept = {planted, *tokenizer.all_special_ids}
    others = [number for number in range(len(before)) if number not in kept]
    with torch.no_grad():
        embeddings.weight[others] = before[tokenizer.mask_token_id]
    try:
        ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, "a day so awful the rain", []), POSITIVE)
    finally:
        with torch.no_grad():
            embeddings.weight.copy_(before)
    values = {word.text: abs(word.value) for word in ledger.words}
    assert values.pop("awful") > 10 * max(values.values())


def test_a_planted_patch_is_found(tiny_bundle: Bundle) -> None:
    """On a black image (the baseline), only the bright patch and its surroundings change the score."""
    pixels = np.zeros((48, 48, 3), dtype=np.uint8)
    pixels[4:20, 28:44] = (250, 200, 40)
    ledger = explain_post(
        tiny_bundle, encode_post(tiny_bundle, "", [("a", Image.fromarray(pixels))]), POSITIVE
    )
    heat = np.abs(ledger.images[0].heat())
    inside = np.zeros_like(heat, dtype=bool)
    inside[4:20, 28:44] = True
    assert heat[inside].mean() > 5 * heat[~inside].mean()


def test_other_weights_give_another_ranking(
    tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bundles") / "randomised"
    other = load_model(write_tiny_bundle(folder, FusionConfig(8, 8), seed=1))
    one, two = (
        np.argsort(
            [word.value for word in explain_post(bundle, encode_post(bundle, TEXT, []), POSITIVE).words]
        )
        for bundle in (tiny_bundle, other)
    )
    assert one.tolist() != two.tolist()


@pytest.mark.slow
def test_feature_ablation_values_are_score_drops(
    tiny_bundle: Bundle, photo: Image.Image, other_image: Image.Image
) -> None:
    images = [("a", photo), ("b", other_image)]
    ledger = explain_post(
        tiny_bundle, encode_post(tiny_bundle, "", images), POSITIVE, region_method=FeatureAblation
    )
    assert ledger.pixel_check is None
    assert_adds_up(ledger)
    post = encode_post(tiny_bundle, "", images)
    score = make_mask_score(
        tiny_bundle, post, "image", get_attribution_target(tiny_bundle, POSITIVE), Settings()
    )
    values = np.concatenate([each.region_values for each in ledger.images])
    kept = np.concatenate([np.ones((1, len(values)), dtype=bool), ~np.eye(len(values), dtype=bool)])
    scores = score(kept)
    np.testing.assert_allclose(values, scores[0] - scores[1:], atol=1e-5)


def test_the_overview_looks_where_the_planted_patch_is(tiny_bundle: Bundle) -> None:
    pixels = np.zeros((48, 48, 3), dtype=np.uint8)
    pixels[4:20, 28:44] = (250, 200, 40)
    post = encode_post(tiny_bundle, "", [("a", Image.fromarray(pixels))])
    seen = max(
        (compute_grad_cam(tiny_bundle, post, Output("sentiment", name))[0]
         for name in ("negative", "positive")),
        key=np.sum,
    )  # fmt: skip
    assert seen.max() == pytest.approx(1.0)
    rows, columns = (np.arange(48) * places // 48 for places in seen.shape)
    heat = seen[np.ix_(rows, columns)]
    assert heat[4:20, 28:44].mean() > heat[24:, :24].mean()


def test_a_post_without_images_has_no_overview(tiny_bundle: Bundle) -> None:
    with pytest.raises(AttributionError, match="has no images"):
        compute_grad_cam(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE)
