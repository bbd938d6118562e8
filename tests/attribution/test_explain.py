import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.attribution import (
    FeatureAblation,
    IntegratedGradients,
    Ledger,
    Output,
    alone_scores,
    check_explanation,
    encode_post,
    explain_post,
)
from analysis.attribution.explain import check_sum, compute_grad_cam
from analysis.attribution.ledger import ImageValue, WordValue, share
from analysis.attribution.method import make_mask_score
from analysis.attribution.target import target_of
from analysis.attribution.words import top_words
from analysis.errors import AttributionError
from analysis.model import load_model
from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from analysis.model.text import clean_text
from analysis.settings import Settings
from tests.tiny import write_tiny_bundle

TEXT = "So good #match ❤️ @ann http://x.y not lovely!!!"
POSITIVE = Output("sentiment", "positive")


@pytest.fixture
def other_image() -> Image.Image:
    return Image.effect_mandelbrot((60, 60), (-2, -1, 1, 1), 50).convert("RGB")


def assert_adds_up(ledger: Ledger) -> None:
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    words = sum(word.value for word in ledger.words)
    assert words + ledger.text_remainder == pytest.approx(ledger.phi["text"], abs=1e-6)
    images = sum(photo.value for photo in ledger.images)
    assert images + ledger.image_remainder == pytest.approx(ledger.phi["image"], abs=1e-6)
    for photo in ledger.images:
        assert photo.region_values.sum() == pytest.approx(photo.value, abs=1e-6)
        assert photo.heat().sum() == pytest.approx(photo.value, abs=1e-6)


@pytest.mark.parametrize(
    "output",
    [
        POSITIVE,
        Output("sentiment", "neutral"),
        Output("sentiment", "valence"),
        Output("topic", "daily_life"),
        Output("irony", "irony"),
    ],
)
def test_the_ledger_adds_up_for_every_kind_of_output(
    tiny_bundle: Bundle, photo: Image.Image, output: Output
) -> None:
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]), output)
    assert_adds_up(ledger)
    assert ledger.word_check is not None
    assert ledger.pixel_check is not None
    assert ledger.word_check.verdict == "ok"
    assert ledger.pixel_check.verdict == "ok"


def test_words_keep_their_original_spelling(tiny_bundle: Bundle) -> None:
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE)
    assert [word.text for word in ledger.words] == [
        "So", "good", "#match", "❤️", "@ann", "http://x.y", "not", "lovely", "!!!",
    ]  # fmt: skip
    assert all(TEXT[word.start : word.end] == word.text for word in ledger.words)


def test_a_missing_modality_has_exactly_no_value(tiny_bundle: Bundle, photo: Image.Image) -> None:
    text_only = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE)
    assert (text_only.phi["image"], text_only.interaction, text_only.image_remainder) == (0.0, 0.0, 0.0)
    assert text_only.images == ()
    assert text_only.pixel_check is None
    image_only = explain_post(tiny_bundle, encode_post(tiny_bundle, "  ", [("a", photo)]), POSITIVE)
    assert (image_only.phi["text"], image_only.words, image_only.word_check) == (0.0, (), None)
    for ledger in (text_only, image_only):
        assert_adds_up(ledger)


def test_each_image_of_a_carousel_has_its_own_value(
    tiny_bundle: Bundle, photo: Image.Image, other_image: Image.Image
) -> None:
    ledger = explain_post(
        tiny_bundle, encode_post(tiny_bundle, "good day", [("a", photo), ("b", other_image)]), POSITIVE
    )
    assert [each.media_id for each in ledger.images] == ["a", "b"]
    assert ledger.images[0].value != ledger.images[1].value
    assert_adds_up(ledger)


def test_black_images_are_explained_though_they_equal_the_baseline(
    tiny_bundle: Bundle, photo: Image.Image
) -> None:
    black = Image.new("RGB", (60, 60))
    alone = explain_post(tiny_bundle, encode_post(tiny_bundle, "", [("a", black)]), POSITIVE)
    assert not alone.images[0].region_values.any()
    carousel = encode_post(tiny_bundle, "", [("a", black), ("b", photo)])
    for method in (IntegratedGradients, FeatureAblation):
        ledger = explain_post(tiny_bundle, carousel, POSITIVE, region_method=method)
        assert ledger.images[0].value == pytest.approx(0, abs=1e-4)
        assert ledger.images[1].region_values.any()
    assert check_explanation(tiny_bundle, carousel, ledger).regions is not None


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


def test_words_beyond_the_token_limit_are_omitted(tiny_bundle: Bundle) -> None:
    text = "good day " * 40
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, text, []), POSITIVE)
    assert 0 < len(ledger.words) <= 30 < len(clean_text(text).words)
    assert_adds_up(ledger)


def test_an_incomplete_attribution_is_rerun_and_then_flagged(tiny_bundle: Bundle) -> None:
    strict = replace(Settings(), completeness_ok=0.0, completeness_refused=0.0, word_steps=2)
    check = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE, strict).word_check
    assert check is not None
    assert (check.verdict, check.steps) == ("failed", 4)


@pytest.mark.parametrize(("total", "verdict"), [(1.0, "ok"), (1.04, "ok"), (1.1, "rough"), (0.7, "failed")])
def test_completeness_is_judged_by_the_relative_error(total: float, verdict: str) -> None:
    assert check_sum(1.0, total, 16, Settings()).verdict == verdict


def test_shares_are_none_if_the_values_are_negligible() -> None:
    assert share({"text": 0.3, "image": -0.1}, "text") == pytest.approx(0.75)
    assert share({"text": 0.02, "image": -0.01}, "text") is None


def test_heat_spreads_a_region_over_its_pixels() -> None:
    value = ImageValue("a", 3.0, np.array([[0, 0], [1, 1]]), np.array([1.0, 2.0]))
    assert value.heat().tolist() == [[0.5, 0.5], [1.0, 1.0]]


def test_alone_scores_are_those_of_each_modality(tiny_bundle: Bundle, photo: Image.Image) -> None:
    scores = alone_scores(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]))
    assert list(scores) == ["both", "text", "image"]
    assert scores["text"] == alone_scores(tiny_bundle, encode_post(tiny_bundle, TEXT, []))["text"]
    assert sum(scores["both"]["sentiment"].values()) == pytest.approx(1.0, abs=1e-5)
    assert scores["both"]["sentiment"] != scores["text"]["sentiment"]


def test_an_empty_post_and_an_unknown_output_are_refused_with_a_message(tiny_bundle: Bundle) -> None:
    with pytest.raises(AttributionError, match="neither text nor images"):
        explain_post(tiny_bundle, encode_post(tiny_bundle, " ", []), POSITIVE)
    with pytest.raises(
        AttributionError, match=r"sentiment=joy does not exist in .*negative \| neutral \| positive"
    ):
        explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), Output("sentiment", "joy"))


def test_top_words_add_up_repetitions_and_leave_out_digits_and_punctuation() -> None:
    values = [("Awful", 0.4), ("7", 2.0), ("awful", 0.3), ("،", 2.0), ("😍", -0.5), ("x" * 99, 0.1)]
    words = [WordValue(text, 0, 1, value) for text, value in values]
    assert top_words(words, 3) == [("awful", pytest.approx(0.7)), ("😍", -0.5), ("x" * 40, 0.1)]


def test_text_heads_are_omitted_for_posts_without_text(tiny_bundle: Bundle, photo: Image.Image) -> None:
    scores = alone_scores(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]))
    assert {inputs: {"emotion", "irony"} <= set(heads) for inputs, heads in scores.items()} == {
        "both": True,
        "text": True,
        "image": False,
    }
    assert set(alone_scores(tiny_bundle, encode_post(tiny_bundle, "", [("a", photo)]))["image"]) == {
        "sentiment",
        "topic",
    }


def test_an_image_has_no_value_for_a_head_that_reads_text(tiny_bundle: Bundle, photo: Image.Image) -> None:
    ledger = explain_post(
        tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]), Output("irony", "irony")
    )
    assert (ledger.phi["image"], ledger.interaction) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert ledger.phi["text"] != 0


def test_the_valence_is_explained_as_positive_minus_negative(tiny_bundle: Bundle, photo: Image.Image) -> None:
    valence, positive, negative = (
        explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]), Output("sentiment", name))
        for name in ("valence", "positive", "negative")
    )
    assert valence.total == pytest.approx(positive.total - negative.total, abs=1e-5)
    for modality in ("text", "image"):
        expected = positive.phi[modality] - negative.phi[modality]
        assert valence.phi[modality] == pytest.approx(expected, abs=1e-5)
    gained = [one.value - two.value for one, two in zip(positive.words, negative.words, strict=True)]
    assert [word.value for word in valence.words] == pytest.approx(gained, abs=1e-5)


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
    score = make_mask_score(tiny_bundle, post, "image", target_of(tiny_bundle, POSITIVE), Settings())
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


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\ufeff \u200d\t"])
def test_invisible_characters_are_no_text(tiny_bundle: Bundle, photo: Image.Image, text: str) -> None:
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, text, [("a", photo)]), POSITIVE)
    assert ledger.present == {"text": False, "image": True}
    with pytest.raises(AttributionError, match="neither text nor images"):
        explain_post(tiny_bundle, encode_post(tiny_bundle, text, []), POSITIVE)


def test_images_of_a_carousel_do_not_block_other_explanations(
    tiny_bundle: Bundle, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = []

    attribute = IntegratedGradients.attribute

    def watched(method: IntegratedGradients, *given: Any) -> Any:
        if method.modality == "image":
            hooked, shared = method.bundle.model.encoders, tiny_bundle.model.encoders
            free.append(hooked["image"] is not shared["image"] and lock_is_free(tiny_bundle))
            assert hooked["text"] is shared["text"]
        return attribute(method, *given)

    monkeypatch.setattr(IntegratedGradients, "attribute", watched)
    explain_post(tiny_bundle, encode_post(tiny_bundle, "good", [("a", photo)]), POSITIVE)
    assert free
    assert all(free)


def lock_is_free(bundle: Bundle) -> bool:
    """Check from another thread, because the lock is re-entrant."""
    free = []

    def ask() -> None:
        free.append(bundle.lock.acquire(blocking=False))
        if free[0]:
            bundle.lock.release()

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    return free[0]
