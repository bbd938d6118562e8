"""Attribution methods share one contract, for words and for regions alike."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from analysis.attribution import FeatureAblation, GradientXInput, IntegratedGradients, Output, encode_post
from analysis.attribution.grad_cam import GradCam
from analysis.attribution.method import AttributionMethod, compute_baseline_difference, make_mask_score
from analysis.attribution.target import get_attribution_target
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.modalities import get_modality
from analysis.settings import Settings

TEXT = "so good day not awful rain"
POSITIVE = Output("sentiment", "positive")
SETTINGS = Settings(superpixels=12)


@pytest.mark.parametrize("modality", ["text", "image"])
@pytest.mark.parametrize("method", [IntegratedGradients, GradientXInput, FeatureAblation])
def test_every_method_values_every_part(
    tiny_bundle: Bundle, photo: Image.Image, modality: str, method: type[AttributionMethod]
) -> None:
    post, target = (
        encode_post(tiny_bundle, TEXT, [("a", photo)]),
        get_attribution_target(tiny_bundle, POSITIVE),
    )
    parts = get_modality(modality).explain(tiny_bundle, post.decoded[modality], SETTINGS).parts
    values = method(tiny_bundle, modality, SETTINGS).attribute(post, target, 8)
    assert values.shape == (parts,)
    assert values.dtype == np.float64
    assert np.abs(values).max() > 0


@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_complete_method_adds_up_to_the_difference_from_the_baseline(
    tiny_bundle: Bundle, photo: Image.Image, modality: str
) -> None:
    post, target = (
        encode_post(tiny_bundle, TEXT, [("a", photo)]),
        get_attribution_target(tiny_bundle, POSITIVE),
    )
    values = IntegratedGradients(tiny_bundle, modality, SETTINGS).attribute(post, target, 32)
    difference = compute_baseline_difference(tiny_bundle, post, modality, target, SETTINGS)
    assert values.sum() == pytest.approx(difference, abs=0.01)
    assert IntegratedGradients.complete
    assert not any(method.complete for method in (GradientXInput, FeatureAblation, GradCam))


@pytest.mark.parametrize("modality", ["text", "image"])
def test_ablation_is_the_loss_without_each_part(
    tiny_bundle: Bundle, photo: Image.Image, modality: str
) -> None:
    post, target = (
        encode_post(tiny_bundle, TEXT, [("a", photo)]),
        get_attribution_target(tiny_bundle, POSITIVE),
    )
    values = FeatureAblation(tiny_bundle, modality, SETTINGS).attribute(post, target, 0)
    score = make_mask_score(tiny_bundle, post, modality, target, SETTINGS)
    every = np.ones((1, len(values)), dtype=bool)
    without = ~np.eye(len(values), dtype=bool)
    np.testing.assert_allclose(values, score(every) - score(without), atol=1e-5)


def test_a_layer_that_is_not_named_is_an_error(
    tiny_bundle: Bundle, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tiny_bundle.config.encoders["image"].__dict__, "explained_layer", "")
    post, target = encode_post(tiny_bundle, "", [("a", photo)]), get_attribution_target(tiny_bundle, POSITIVE)
    with pytest.raises(AttributionError, match="does not name a layer"):
        IntegratedGradients(tiny_bundle, "image", SETTINGS).attribute(post, target, 2)
    assert FeatureAblation(tiny_bundle, "image", SETTINGS).attribute(post, target, 0).size
