"""Charts of one explanation: values, signs and words, also where a modality is missing."""

from __future__ import annotations

import pytest

from analysis.attribution.faithfulness import Curve, Faithfulness
from analysis.attribution.ledger import Completeness, Output, WordValue
from analysis.charts.explanations import probabilities, waterfall, words_bar
from analysis.charts.wording import (
    baseline_sentence,
    order_sentences,
    output_title,
    percent,
    short_account,
    signed,
    title_of,
)
from tests.charts.ledgers import BOTH, TEXT_ONLY


def test_the_waterfall_goes_from_the_base_over_both_modalities_to_the_total() -> None:
    steps = waterfall(BOTH).data[0]
    assert list(steps.x) == ["Empty post", "Text", "Picture", "This post"]
    assert list(steps.y) == [BOTH.base, BOTH.phi["text"], BOTH.phi["image"], BOTH.total]
    assert list(steps.measure) == ["absolute", "relative", "relative", "total"]
    assert list(steps.text) == ["−0.10", "+1.90", "−0.50", "+1.30"]


def test_a_missing_picture_reads_so_and_not_as_zero_per_cent() -> None:
    assert list(waterfall(TEXT_ONLY).data[0].x) == ["Empty post", "Text", "No picture", "This post"]


def test_the_strongest_words_come_first_and_equal_words_keep_their_own_bars() -> None:
    words = [
        WordValue(text, 0, 1, value)
        for text, value in (("so", 0.1), ("bad", -0.9), ("so", 0.4), ("<b>", 0.2))
    ]
    figure = words_bar(words, most=3)
    assert list(figure.layout.yaxis.ticktext) == ["bad", "so", "&lt;b&gt;"]
    assert list(figure.data[0].x) == [-0.9, 0.4, 0.2]
    assert len(set(figure.data[0].y)) == 3


def test_a_post_without_words_gives_an_empty_chart() -> None:
    assert list(words_bar([]).data[0].x) == []


def test_probabilities_show_only_the_inputs_that_the_post_has() -> None:
    scores = {"sentiment": {"negative": 0.1, "neutral": 0.3, "positive": 0.6}}
    assert [trace.name for trace in probabilities({"text": scores}, "sentiment").data] == ["Text alone"]
    traces = probabilities({"both": scores, "text": scores, "image": scores}, "sentiment").data
    assert [trace.name for trace in traces] == ["Text and picture", "Text alone", "Picture alone"]
    assert len({trace.marker.pattern.shape for trace in traces}) == 3
    assert list(traces[0].text) == ["10 %", "30 %", "60 %"]
    assert list(traces[0].y) == ["Negative", "Neutral", "Positive"]
    of_text = {**scores, "irony": {"not_irony": 0.2, "irony": 0.8}}
    traces = probabilities({"both": of_text, "text": of_text, "image": scores}, "irony").data
    assert [trace.name for trace in traces] == ["Text and picture", "Text alone"]


@pytest.mark.parametrize(
    ("value", "written"), [(0.424, "+0.42"), (-0.3, "−0.30"), (0.004, "0.00"), (-0.004, "0.00")]
)
def test_values_are_written_with_their_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_names_are_written_for_people() -> None:
    assert title_of("science_technology") == "Science technology"
    assert (
        title_of("science_technology", {"science_technology": "Science & technology"})
        == "Science & technology"
    )
    assert percent(0.256) == "26 %"


def test_an_order_is_said_in_words_with_its_figures() -> None:
    own, chance = Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, -0.4, 1.5, 1.5)
    said = order_sentences(Faithfulness(9, own, chance, reach=2.0), "words")
    assert "by 0.80 logits, random ones by 0.20" in said
    assert "leave it 0.10 short, random ones −0.40" in said
    assert "some measures only" in said
    worse = Faithfulness(9, Curve(0.1, 0.5, 1.5, 1.0), Curve(0.2, 0.4, 1.4, 1.1), reach=2.0)
    assert "no better than a random one" in order_sentences(worse, "words")
    assert "order tells little" in order_sentences(Faithfulness(9, own, chance, reach=0.01), "words")


def test_how_far_an_account_holds_is_said_in_one_line() -> None:
    order = Faithfulness(9, Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, 0.4, 1.5, 1.5), reach=2.0)
    said = short_account(Completeness(1.0, 1.1, 16, "rough"), order, "regions")
    assert said == "The regions add up roughly (10 % off); their order holds against random ones."
    assert short_account(None, order, "words") == "Their order holds against random ones."
    assert short_account(None, None, "words") == ""


def test_a_leading_modality_is_called_firm_or_not() -> None:
    assert baseline_sentence(None) == ""
    assert baseline_sentence(True).startswith("Firm")
    assert baseline_sentence(False).startswith("Depends on the baseline")


def test_the_valence_has_a_name_inside_sentences() -> None:
    assert output_title(Output("sentiment", "valence")) == "a positive valence"
    assert output_title(Output("topic", "daily_life"), {"daily_life": "Daily life"}) == "daily life"
