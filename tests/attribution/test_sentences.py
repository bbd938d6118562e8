"""An explanation in sentences: contributions, reliability and baseline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.attribution.faithfulness import Curve, Faithfulness
from analysis.attribution.ledger import CLASS_ACTIVATION, Completeness, Ledger, Output
from analysis.attribution.sentences import (
    describe_agreement,
    describe_base,
    describe_baseline_agreement,
    describe_contributions,
    describe_faithfulness,
    describe_questions,
    describe_reliability,
    describe_shares,
    title_of_explained_output,
)
from analysis.attribution.verification import Agreement


def ledger(text: float | None, image: float | None, interaction: float = 0.0) -> Ledger:
    return Ledger(
        output=Output("sentiment", "negative"),
        base=0.0,
        total=(text or 0.0) + (image or 0.0),
        phi={"text": text or 0.0, "image": image or 0.0},
        interaction=interaction,
        present={"text": text is not None, "image": image is not None},
    )


@pytest.mark.parametrize(
    ("text", "image", "expected"),
    [
        (1.2, -0.4, "The text raised the score for negative by 1.2, the image lowered it by 0.4."),
        (-0.3, -0.9, "The image lowered the score for negative by 0.9, the text lowered it by 0.3."),
        (0.8, 0.01, "The text raised the score for negative by 0.8, the image had almost no effect on it."),
        (0.8, None, "The text raised the score for negative by 0.8. There is no image."),
        (None, -0.8, "The image lowered the score for negative by 0.8. There is no text."),
    ],
)
def test_contributions_are_described(text: float | None, image: float | None, expected: str) -> None:
    assert describe_contributions(ledger(text, image), "negative") == expected


def test_interaction_is_mentioned_unless_negligible() -> None:
    sentences = describe_contributions(ledger(1.0, 1.0, interaction=-0.5), "negative")
    assert "Their interaction subtracts 0.5" in sentences
    assert "interaction" not in describe_contributions(ledger(1.0, 1.0, interaction=0.01), "negative")


@pytest.mark.parametrize(
    ("text", "image", "base"),
    [
        (1.0, 0.5, "the average post with text and image"),
        (1.0, None, "the average post with text only"),
        (None, 0.5, "the average post with image only"),
        (1.0, 0.0, "the average post with text"),  # a head that does not read images
    ],
)
def test_the_base_of_an_additive_model_is_an_average_post(
    text: float | None, image: float | None, base: str
) -> None:
    average = replace(ledger(text, image), base_is_average=True)
    assert describe_base(average) == base
    assert describe_contributions(average, "negative").startswith(f"Compared with {base}, the ")
    assert describe_base(ledger(text, image)) == "an empty post"


def test_a_modality_that_a_head_does_not_read_has_no_effect() -> None:
    assert "the image had no effect on it" in describe_contributions(ledger(1.0, 0.0), "negative")


def test_shares_add_up_exactly() -> None:
    methods = {"text": CLASS_ACTIVATION, "image": CLASS_ACTIVATION}
    shares = replace(ledger(1.2, -0.5), methods=methods, text_remainder=-0.1)
    assert describe_shares(shares, "text") == (
        "The words add up to +1.30 of the +1.20 logits of the text. The other −0.10 belong to the marks for its "
        "start and end, so the sum is exact."
    )
    assert describe_shares(shares, "image") == "The regions add up to the −0.50 logits of the image, exactly."
    assert describe_shares(replace(ledger(1.2, 0.0), methods=methods), "image") == (
        "The score does not depend on the image."
    )
    assert describe_shares(ledger(1.2, -0.5), "text") == ""


@pytest.mark.parametrize(
    ("correlation", "how", "written"),
    [
        (0.82, "agree well", "+0.82"),
        (0.5, "agree in part", "+0.50"),
        (-0.3, "hardly agree", "−0.30"),
        (-0.9, "disagree", "−0.90"),
    ],
)
def test_the_agreement_of_two_methods_is_described(correlation: float, how: str, written: str) -> None:
    assert describe_agreement(Agreement(correlation, same_top=True), "words") == (
        f"Both methods {how} on the order of the words (rank correlation {written}, 1 is the same order), and the "
        "most influential word is the same."
    )
    assert describe_agreement(Agreement(correlation, same_top=False), "regions").endswith(
        "and the most influential region is another one."
    )


def test_two_words_are_compared_without_a_correlation() -> None:
    assert describe_agreement(Agreement(None, same_top=True), "words") == (
        "Comparing both methods, the most influential word is the same."
    )


def test_each_method_answers_a_question() -> None:
    assert "which regions of the post itself led to the score, compared with a black image" in (
        describe_questions("regions")
    )
    assert "compared with a blank text" in describe_questions("words")


def test_a_ranking_is_described_with_its_figures() -> None:
    own, chance = Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, -0.4, 1.5, 1.5)
    sentences = describe_faithfulness(Faithfulness(9, own, chance, reach=2.0), "words")
    assert "lowers the score by 0.80 logits, random ones by 0.20" in sentences
    assert "Keeping only the top words lowers it by 0.10, only random ones by −0.40" in sentences
    assert "some measures only" in sentences
    worse = Faithfulness(9, Curve(0.1, 0.5, 1.5, 1.0), Curve(0.2, 0.4, 1.4, 1.1), reach=2.0)
    assert "no better than a random one" in describe_faithfulness(worse, "words")
    assert "ranking is inconclusive" in describe_faithfulness(
        Faithfulness(9, own, chance, reach=0.01), "words"
    )


def test_reliability_is_summarised_in_one_sentence() -> None:
    ranking = Faithfulness(9, Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, 0.4, 1.5, 1.5), reach=2.0)
    summary = describe_reliability(Completeness(1.0, 1.1, 16, "rough"), ranking, "regions")
    assert summary == "The regions add up roughly (10 % off); their ranking beats a random one."
    assert describe_reliability(None, ranking, "words") == "Their ranking beats a random one."
    assert describe_reliability(None, None, "words") == ""


def test_a_dominant_modality_is_called_robust_or_not() -> None:
    assert describe_baseline_agreement(None) == ""
    assert describe_baseline_agreement(True).startswith("Robust")
    assert describe_baseline_agreement(False).startswith("Depends on the baseline")


def test_the_valence_has_a_display_name() -> None:
    assert title_of_explained_output(Output("sentiment", "valence")) == "a positive valence"
    assert (
        title_of_explained_output(Output("topic", "daily_life"), {"daily_life": "Daily life"}) == "daily life"
    )
