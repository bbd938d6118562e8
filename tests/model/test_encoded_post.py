"""A post is cleaned, decoded and encoded once, however often it is explained."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from analysis.attribution import (
    FeatureAblation,
    Output,
    check_explanation,
    compute_grad_cam,
    encode_post,
    explain_post,
    score_modalities_alone,
)
from analysis.attribution.what_if import list_removable_words
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.modalities import image, text

TEXT = "So good #match ❤️ not lovely!!!"


def test_a_post_is_cleaned_and_its_images_are_scaled_and_divided_once(
    tiny_bundle: Bundle, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def count(module: Any, name: str) -> None:
        function = getattr(module, name)

        def counted(*given: Any) -> Any:
            calls.append(name)
            return function(*given)

        monkeypatch.setattr(module, name, counted)

    for module, name in (
        (text, "preprocess_text"),
        (text, "encode_clean_texts"),
        (image, "encode_pixels"),
        (image, "compute_superpixels"),
    ):
        count(module, name)
    output = Output("sentiment", "positive")
    post = encode_post(tiny_bundle, TEXT, [("a", photo)])
    ledger = explain_post(tiny_bundle, post, output)
    score_modalities_alone(tiny_bundle, post)
    check_explanation(tiny_bundle, post, ledger)
    compute_grad_cam(tiny_bundle, post, output)
    explain_post(tiny_bundle, post, output, region_method=FeatureAblation)
    assert list_removable_words(post.clean_text)[:2] == ["So", "good"]
    assert sorted(calls) == ["compute_superpixels", "encode_clean_texts", "encode_pixels", "preprocess_text"]


def test_a_post_knows_what_it_has(tiny_bundle: Bundle, photo: Image.Image) -> None:
    both = encode_post(tiny_bundle, TEXT, [("a", photo)])
    assert both.has == {"text": True, "image": True}
    assert [name for name, _ in both.images] == ["a"]
    alone = encode_post(tiny_bundle, " \u200b", [("a", photo)])
    assert alone.has == {"text": False, "image": True}
    assert not alone.encodings["text"].any()
    assert encode_post(tiny_bundle, TEXT).images == ()


def test_an_empty_post_is_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(AttributionError, match="neither text nor images"):
        encode_post(tiny_bundle, " ")
