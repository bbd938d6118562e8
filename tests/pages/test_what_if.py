"""What if, on the Explain page: an edited post is scored next to the original, which does not change."""

from __future__ import annotations

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.workspace import Batch
from pages.review.what_if import format_comparison, set_sliders
from pages.shared import places
from tests.pages.conftest import Open, captions

TEXT = "Post number 3 about SUNSHINE 100%"


def opened(open_page: Open, batch: Batch, post_id: str = "p3") -> AppTest:
    app = open_page(places.EXPLAIN, batch=batch.id, post=post_id)
    app.session_state["what_if"] = True
    return app.run()


def differences(app: AppTest) -> list[str]:
    return list(app.table[0].value["Difference"])


@pytest.mark.slow
def test_nothing_is_scored_before_an_edit(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    assert not app.exception
    assert "Change the text or an image above" in captions(app)
    assert len(app.table) == 0


@pytest.mark.slow
def test_removing_a_word_shows_its_effect(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.multiselect(key="what_words_p3").set_value([4]).run()
    assert not app.exception
    assert "Original" in app.table[0].value.columns
    assert all("points" in each for each in differences(app))
    assert query.read_post(batch, "p3")["text"] == TEXT


@pytest.mark.slow
def test_the_second_of_two_equal_words_can_be_removed(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.text_area(key="what_text_p3").set_value("rain not rain").run()
    app.multiselect(key="what_words_p3").set_value([2]).run()
    assert not app.exception
    assert app.multiselect(key="what_words_p3").value == [2]


@pytest.mark.slow
def test_a_box_has_a_minimum_size(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.segmented_control(key="what_change_p3_0").set_value("Cover a part").run()
    for slider in app.slider:
        if str(slider.key).startswith("what_"):
            slider.set_value((100, 100))
    app.run()
    assert not app.exception
    assert not app.error
    assert len(differences(app)) == 3


def test_a_box_dragged_on_the_image_sets_the_sliders(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = [{"x": [80.2, 9.7], "y": [-3.0, 49.6]}]
    state = {"drag": {"selection": {"box": boxes}}, "across": (25, 75), "down": (25, 75)}
    monkeypatch.setattr(st, "session_state", state)
    set_sliders("drag", ["across", "down"])
    assert (state["across"], state["down"]) == ((10, 80), (0, 50))
    boxes.clear()  # a double click
    set_sliders("drag", ["across", "down"])
    assert (state["across"], state["down"]) == ((10, 80), (0, 50))


@pytest.mark.slow
def test_the_image_shows_the_chosen_part(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.segmented_control(key="what_change_p3_0").set_value("Crop").run()
    next(each for each in app.slider if "left to right" in str(each.label)).set_value((10, 60)).run()
    assert not app.exception
    (shape,) = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["shapes"]
    assert (shape["x0"], shape["x1"], shape["y0"], shape["y1"]) == (10, 60, 25, 75)


@pytest.mark.slow
def test_an_edited_text_is_scored(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.text_area(key="what_text_p3").set_value("awful rain").run()
    assert not app.exception
    assert len(differences(app)) == 3
    assert app.multiselect(key="what_words_p3").options == ["1. awful", "2. rain"]


@pytest.mark.slow
def test_an_image_can_be_removed_cropped_and_covered(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    for change in ("Remove", "Crop", "Cover a part"):
        app.segmented_control(key="what_change_p3_0").set_value(change).run()
        assert not app.exception
        assert len(differences(app)) == 3


@pytest.mark.slow
def test_an_empty_post_is_not_scored(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch, "p2")  # an image only
    app.segmented_control(key="what_change_p2_0").set_value("Remove").run()
    assert not app.exception
    assert "The post is empty" in app.info[0].value


@pytest.mark.slow
def test_labels_name_the_chosen_class_and_both_charts_share_an_axis(open_page: Open, sums: Batch) -> None:
    app = opened(open_page, sums)
    output = next(each for each in app.selectbox(key="output_p3").options if each.startswith("Topic: "))
    app.selectbox(key="output_p3").select(output).run()
    app.text_area(key="what_text_p3").set_value("awful rain").run()
    assert not app.exception
    name = output.removeprefix("Topic: ")
    assert "**Topic** before and after" in [each.value for each in app.markdown]
    texts = [each.value for each in app.markdown if "contributions to" in each.value]
    assert [text.lower() for text in texts] == [
        f"**{which}**: contributions to “{name}”".lower() for which in ("original", "edited")
    ]
    charts = [json.loads(each.proto.spec) for each in app.get("plotly_chart")]
    charts = [chart for chart in charts if chart["data"][0]["x"][-1] in ("Original post", "Edited post")]
    assert len(charts) == 2
    ranges = [chart["layout"]["yaxis"]["range"] for chart in charts]
    assert ranges[0] == ranges[1]
    titles = [chart["layout"]["yaxis"]["title"]["text"] for chart in charts]
    assert titles == [f"Logits for {name}".lower().replace("logits", "Logits")] * 2
    legends = [each for each in app.get("html") if f">for {name}<".lower() in each.proto.body.lower()]
    assert len(legends) == 2  # of the post, and of its edited text


@pytest.mark.slow
def test_the_words_of_an_edited_post_are_shown_for_an_additive_model(open_page: Open, sums: Batch) -> None:
    app = opened(open_page, sums)
    app.text_area(key="what_text_p3").set_value("awful rain").run()
    assert not app.exception
    assert len(differences(app)) == 3
    assert captions(app).count("The words add up to") == 1  # of the edited post
    assert any(">awful</span>" in element.proto.body for element in app.get("html"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0.2646, 0.2654, ("26.5 %", "26.5 %", "+0.0 points")),
        (0.2644, 0.2656, ("26.4 %", "26.6 %", "+0.2 points")),
        (0.9049, 0.0051, ("90.5 %", "0.5 %", "−90.0 points")),
        (0.5, None, ("50.0 %", "–", "–")),
    ],
)
def test_the_difference_is_that_of_the_numbers_shown(
    old: float, new: float | None, expected: tuple[str, str, str]
) -> None:
    assert format_comparison(old, new) == expected
