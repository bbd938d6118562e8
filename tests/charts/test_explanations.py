"""Charts of one explanation: values, signs and words, also where a modality is missing."""

from __future__ import annotations

import pytest

from analysis.attribution.ledger import Ledger, Output, WordValue
from analysis.charts.explanations import modality_bars, probabilities, waterfall, words_bar
from analysis.charts.palette import LOWERS, RAISES
from analysis.charts.wording import percent, signed, title_of
from tests.charts.ledgers import BOTH, TEXT_ONLY


def test_the_waterfall_goes_from_the_base_over_both_modalities_to_the_total() -> None:
    steps = waterfall(BOTH).data[0]
    assert list(steps.x) == ["Empty post", "Text", "Picture", "This post"]
    assert list(steps.y) == [BOTH.base, BOTH.phi["text"], BOTH.phi["image"], BOTH.total]
    assert list(steps.measure) == ["absolute", "relative", "relative", "total"]
    assert list(steps.text) == ["−0.10", "+1.90", "−0.50", "+1.30"]


def test_a_missing_picture_reads_so_and_not_as_zero_per_cent() -> None:
    assert list(waterfall(TEXT_ONLY).data[0].x) == ["Empty post", "Text", "No picture", "This post"]
    assert list(modality_bars(TEXT_ONLY).data[0].text) == ["+1.90 (100 %)", "no picture"]


def test_modality_bars_show_signs_and_shares() -> None:
    bars = modality_bars(BOTH).data[0]
    assert list(bars.text) == ["+1.90 (79 %)", "−0.50 (21 %)"]
    assert list(bars.marker.color) == [RAISES, LOWERS]
    assert list(bars.marker.pattern.shape) == ["", "/"]


def test_no_share_is_shown_where_the_values_are_near_zero() -> None:
    still = Ledger(
        Output("sentiment", "neutral"),
        0.0,
        0.01,
        {"text": 0.02, "image": -0.01},
        0.0,
        {"text": True, "image": True},
    )
    assert list(modality_bars(still).data[0].text) == ["+0.02", "−0.01"]


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
