"""What if, on the Explain page: a change of the post is scored beside the original, which stays as it was."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions

TEXT = "Post number 3 about SUNSHINE 100%"


def opened(open_page: Open, batch: Batch, post_id: str = "p3") -> AppTest:
    app = open_page(places.EXPLAIN, batch=batch.id, post=post_id)
    app.session_state["what_if"] = True
    return app.run()


def differences(app: AppTest) -> list[str]:
    return list(app.table[0].value["Difference"])


def test_nothing_is_scored_before_something_is_changed(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    assert not app.exception
    assert "Change something above" in captions(app)
    assert len(app.table) == 0


def test_switching_a_word_off_shows_what_it_did(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.multiselect(key="what_words_p3").set_value([4]).run()
    assert not app.exception
    assert "As posted" in app.table[0].value.columns
    assert all("points" in each for each in differences(app))
    assert query.one(batch, "p3")["text"] == TEXT


def test_the_second_of_two_equal_words_can_be_switched_off(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.text_area(key="what_text_p3").set_value("rain not rain").run()
    app.multiselect(key="what_words_p3").set_value([2]).run()
    assert not app.exception
    assert app.multiselect(key="what_words_p3").value == [2]


def test_edges_on_one_spot_are_drawn_apart(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.segmented_control(key="what_change_p3_0").set_value("A part covered").run()
    for slider in app.slider:
        if str(slider.key).startswith("what_"):
            slider.set_value((100, 100))
    app.run()
    assert not app.exception
    assert not app.error
    assert len(differences(app)) == 3


def test_a_text_written_anew_is_scored(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    app.text_area(key="what_text_p3").set_value("awful rain").run()
    assert not app.exception
    assert len(differences(app)) == 3
    assert app.multiselect(key="what_words_p3").options == ["1. awful", "2. rain"]


def test_a_picture_can_be_left_out_cut_and_covered(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch)
    for change in ("Without it", "Only a part of it", "A part covered"):
        app.segmented_control(key="what_change_p3_0").set_value(change).run()
        assert not app.exception
        assert len(differences(app)) == 3


def test_a_post_of_which_nothing_is_left_is_not_scored(open_page: Open, batch: Batch) -> None:
    app = opened(open_page, batch, "p2")  # a picture alone
    app.segmented_control(key="what_change_p2_0").set_value("Without it").run()
    assert not app.exception
    assert "Nothing is left of the post" in app.info[0].value
