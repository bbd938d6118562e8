"""Checks of one explanation: correct values pass, reversed ones fail, and a second baseline is compared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.attribution import Output, encode_post, explain_post, score_modalities_alone
from analysis.attribution.checks import check_explanation
from analysis.attribution.ledger import Ledger
from analysis.attribution.method import make_mask_score
from analysis.attribution.target import get_attribution_target
from analysis.model.bundle import Bundle, load_model
from analysis.settings import Settings

TEXT = "so good day not awful rain #match lovely"
POSITIVE = Output("sentiment", "positive")
SAMPLES = Path(__file__).parents[2] / "sample_posts"


def reversed_signs(ledger: Ledger) -> Ledger:
    """The same ledger with every sign reversed."""
    return replace(
        ledger,
        words=tuple(replace(word, value=-word.value) for word in ledger.words),
        images=tuple(replace(each, region_values=-each.region_values) for each in ledger.images),
    )


def test_the_score_is_full_with_all_parts_and_the_baseline_without_any(
    tiny_bundle: Bundle, photo: Image.Image
) -> None:
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]), POSITIVE)
    target = get_attribution_target(tiny_bundle, POSITIVE)
    words = make_mask_score(tiny_bundle, encode_post(tiny_bundle, TEXT), "text", target, Settings())
    kept = np.repeat([[True], [False]], len(ledger.words), axis=1)
    alone = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE)
    whole, blank = words(kept).tolist()
    assert whole == pytest.approx(alone.total, abs=1e-4)
    assert alone.word_check is not None
    assert whole - blank == pytest.approx(alone.word_check.difference, abs=1e-4)

    post = encode_post(tiny_bundle, "", [("a", photo)])
    regions = make_mask_score(tiny_bundle, post, "image", target, Settings())
    alone = explain_post(tiny_bundle, encode_post(tiny_bundle, "", [("a", photo)]), POSITIVE)
    kept = np.repeat([[True], [False]], len(ledger.images[0].region_values), axis=1)
    whole, blank = regions(kept).tolist()
    assert whole == pytest.approx(alone.total, abs=1e-4)
    assert alone.pixel_check is not None
    assert whole - blank == pytest.approx(alone.pixel_check.difference, abs=1e-4)


def test_reversed_values_score_worse_than_the_originals(tiny_bundle: Bundle, photo: Image.Image) -> None:
    images = [("a", photo)]
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, images), POSITIVE)
    own, other = (
        check_explanation(tiny_bundle, encode_post(tiny_bundle, TEXT, images), each)
        for each in (ledger, reversed_signs(ledger))
    )
    for one, two in ((own.words, other.words), (own.regions, other.regions)):
        assert one is not None
        assert two is not None
        assert one.own.deletion < two.own.deletion
        assert one.own.insertion > two.own.insertion


def test_each_image_of_a_carousel_is_checked_separately(tiny_bundle: Bundle, photo: Image.Image) -> None:
    images = [("a", photo), ("b", photo.rotate(90))]
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, "", images), POSITIVE)
    checks = check_explanation(tiny_bundle, encode_post(tiny_bundle, "", images), ledger)
    assert checks.regions is not None
    assert checks.regions.parts == sum(len(each.region_values) for each in ledger.images)


def test_the_leading_modality_is_checked_with_a_second_baseline(
    tiny_bundle: Bundle, photo: Image.Image
) -> None:
    images = [("a", photo)]
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, images), POSITIVE)
    checks = check_explanation(tiny_bundle, encode_post(tiny_bundle, TEXT, images), ledger)
    assert checks.phi is not None
    led = {name: abs(value) for name, value in checks.phi.items()}
    assert checks.firm is (max(led, key=led.__getitem__) == max(ledger.phi, key=lambda n: abs(ledger.phi[n])))
    # text of [MASK] with a black image is where the values begin, the post where they end
    swapped = replace(ledger, phi={"text": ledger.phi["image"], "image": ledger.phi["text"]})
    assert (
        check_explanation(tiny_bundle, encode_post(tiny_bundle, TEXT, images), swapped).firm
        is not checks.firm
    )


def test_one_modality_has_no_leading_one(tiny_bundle: Bundle) -> None:
    post = encode_post(tiny_bundle, TEXT)
    checks = check_explanation(tiny_bundle, post, explain_post(tiny_bundle, post, POSITIVE))
    assert (checks.regions, checks.phi, checks.firm) == (None, None, None)


@pytest.mark.slow
def test_concurrent_explanations_equal_sequential_ones(tiny_bundle: Bundle, photo: Image.Image) -> None:
    requested = [
        (TEXT, "positive"),
        ("awful rain", "negative"),
        ("the match", "neutral"),
        ("good", "valence"),
    ]

    def explained(one: tuple[str, str]) -> tuple[Ledger, object]:
        post = encode_post(tiny_bundle, one[0], [("a", photo)])
        ledger = explain_post(tiny_bundle, post, Output("sentiment", one[1]))
        return ledger, check_explanation(tiny_bundle, post, ledger)

    alone = [explained(one) for one in requested]
    with ThreadPoolExecutor(4) as people:
        together = list(people.map(explained, requested * 3))
    for (ledger, checks), (expected, expected_checks) in zip(together, alone * 3, strict=True):
        assert [word.value for word in ledger.words] == pytest.approx([word.value for word in expected.words])
        np.testing.assert_allclose(
            ledger.images[0].region_values, expected.images[0].region_values, atol=1e-5
        )
        assert checks.words.own.deletion == pytest.approx(expected_checks.words.own.deletion, abs=1e-5)


@pytest.mark.slow
def test_over_the_sample_posts_the_strongest_words_move_the_shipped_model_more_than_random_ones() -> None:
    bundle, gains = load_model(), []
    texts = pd.read_csv(SAMPLES / "posts.csv")["text"].dropna()
    for text in texts.iloc[::3]:
        post = encode_post(bundle, text)
        scores = score_modalities_alone(bundle, post)["text"]["sentiment"]
        ledger = explain_post(bundle, post, Output("sentiment", max(scores, key=scores.__getitem__)))
        check = check_explanation(bundle, post, ledger).words
        assert check is not None
        gains.append(check.gains)
    assert len(gains) > 5
    for measure in ("comprehensiveness", "sufficiency", "deletion", "insertion"):
        assert np.mean([each[measure] for each in gains]) > 0.05
