"""Charts of one explanation: values, signs and labels, also where a modality is missing."""

from __future__ import annotations

from dataclasses import replace

from analysis.attribution.ledger import WordValue
from analysis.charts.explanations import (
    class_probabilities_bar,
    find_waterfall_range,
    waterfall_chart,
    word_values_bar,
)
from tests.charts.ledgers import BOTH, TEXT_ONLY


def test_the_waterfall_goes_from_the_base_over_both_modalities_to_the_total() -> None:
    steps = waterfall_chart(BOTH).data[0]
    assert list(steps.x) == ["Empty post", "Text", "Image", "This post"]
    assert list(steps.y) == [BOTH.base, BOTH.phi["text"], BOTH.phi["image"], BOTH.total]
    assert list(steps.measure) == ["absolute", "relative", "relative", "total"]
    assert list(steps.text) == ["−0.10", "+1.90", "−0.50", "+1.30"]


def test_the_base_of_an_additive_model_is_labelled_as_an_average() -> None:
    assert waterfall_chart(replace(BOTH, base_is_average=True)).data[0].x[0] == "Average post"


def test_a_missing_image_is_labelled_as_missing() -> None:
    assert list(waterfall_chart(TEXT_ONLY).data[0].x) == ["Empty post", "Text", "No image", "This post"]


def test_the_strongest_words_come_first_and_equal_words_keep_their_own_bars() -> None:
    words = [
        WordValue(text, 0, 1, value)
        for text, value in (("so", 0.1), ("bad", -0.9), ("so", 0.4), ("<b>", 0.2))
    ]
    figure = word_values_bar(words, max_words=3)
    assert list(figure.layout.yaxis.ticktext) == ["bad", "so", "&lt;b&gt;"]
    assert list(figure.data[0].x) == [-0.9, 0.4, 0.2]
    assert len(set(figure.data[0].y)) == 3


def test_a_post_without_words_gives_an_empty_chart() -> None:
    assert list(word_values_bar([]).data[0].x) == []


def test_probabilities_show_only_the_modalities_of_the_post() -> None:
    scores = {"sentiment": {"negative": 0.1, "neutral": 0.3, "positive": 0.6}}
    assert [trace.name for trace in class_probabilities_bar({"text": scores}, "sentiment").data] == [
        "Text alone"
    ]
    traces = class_probabilities_bar({"both": scores, "text": scores, "image": scores}, "sentiment").data
    assert [trace.name for trace in traces] == ["Text and image", "Text alone", "Image alone"]
    assert len({trace.marker.pattern.shape for trace in traces}) == 3
    assert list(traces[0].text) == ["10 %", "30 %", "60 %"]
    assert list(traces[0].y) == ["Negative", "Neutral", "Positive"]
    of_text = {**scores, "irony": {"not_irony": 0.2, "irony": 0.8}}
    traces = class_probabilities_bar({"both": of_text, "text": of_text, "image": scores}, "irony").data
    assert [trace.name for trace in traces] == ["Text and image", "Text alone"]


def test_charts_that_are_compared_share_an_axis() -> None:
    higher = replace(BOTH, phi={**BOTH.phi, "text": BOTH.phi["text"] + 3})
    low, high = limits = find_waterfall_range([BOTH, higher])
    for ledger in (BOTH, higher):
        assert waterfall_chart(ledger, limits=limits).layout.yaxis.range == limits
        assert low < min(0, ledger.base, ledger.total)
        assert high > max(0, ledger.base, ledger.total)
