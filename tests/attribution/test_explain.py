"""Explanations of single posts: every kind of output, modality and image."""

import threading
from typing import Any

import pytest
from PIL import Image

from analysis.attribution import (
    FeatureAblation,
    IntegratedGradients,
    Output,
    check_explanation,
    encode_post,
    explain_post,
    score_modalities_alone,
)
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.text import preprocess_text
from tests.attribution.ledgers import POSITIVE, TEXT, assert_adds_up


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


@pytest.mark.slow
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


def test_words_beyond_the_token_limit_are_omitted(tiny_bundle: Bundle) -> None:
    text = "good day " * 40
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, text, []), POSITIVE)
    assert 0 < len(ledger.words) <= 30 < len(preprocess_text(text).words)
    assert_adds_up(ledger)


def test_alone_scores_are_those_of_each_modality(tiny_bundle: Bundle, photo: Image.Image) -> None:
    scores = score_modalities_alone(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]))
    assert list(scores) == ["both", "text", "image"]
    assert scores["text"] == score_modalities_alone(tiny_bundle, encode_post(tiny_bundle, TEXT, []))["text"]
    assert sum(scores["both"]["sentiment"].values()) == pytest.approx(1.0, abs=1e-5)
    assert scores["both"]["sentiment"] != scores["text"]["sentiment"]


def test_an_empty_post_and_an_unknown_output_are_refused_with_a_message(tiny_bundle: Bundle) -> None:
    with pytest.raises(AttributionError, match="neither text nor images"):
        explain_post(tiny_bundle, encode_post(tiny_bundle, " ", []), POSITIVE)
    with pytest.raises(
        AttributionError, match=r"sentiment=joy does not exist in .*negative \| neutral \| positive"
    ):
        explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), Output("sentiment", "joy"))


def test_text_heads_are_omitted_for_posts_without_text(tiny_bundle: Bundle, photo: Image.Image) -> None:
    scores = score_modalities_alone(tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]))
    assert {inputs: {"emotion", "irony"} <= set(heads) for inputs, heads in scores.items()} == {
        "both": True,
        "text": True,
        "image": False,
    }
    assert set(
        score_modalities_alone(tiny_bundle, encode_post(tiny_bundle, "", [("a", photo)]))["image"]
    ) == {
        "sentiment",
        "topic",
    }


def test_an_image_has_no_value_for_a_head_that_reads_text(tiny_bundle: Bundle, photo: Image.Image) -> None:
    ledger = explain_post(
        tiny_bundle, encode_post(tiny_bundle, TEXT, [("a", photo)]), Output("irony", "irony")
    )
    assert (ledger.phi["image"], ledger.interaction) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert ledger.phi["text"] != 0


@pytest.mark.slow
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
