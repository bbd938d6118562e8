"""The filter bar: its menus write to the address, its chips remove filters, and each page with posts has it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.query import Filters
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions, open_filters


def widget_keys(app: AppTest) -> set[str]:
    kinds = (app.pills, app.multiselect, app.toggle, app.slider, app.date_input, app.text_input)
    return {str(widget.key) for widgets in kinds for widget in widgets}


@pytest.mark.slow
@pytest.mark.parametrize("page", [places.OVERVIEW, places.POSTS, places.REASONS, places.REPORT])
def test_each_page_with_posts_has_the_same_filters(open_page: Open, page: str) -> None:
    closed = open_page(page)
    assert {key for key in widget_keys(closed) if key.startswith("filter_")} == {"filter_search"}
    opened = widget_keys(open_filters(closed))
    assert {"filter_sentiments", "filter_topics", "filter_since", "filter_until", "filter_tones"} <= opened
    assert {"filter_inputs", "filter_uncertain", "filter_valence", "filter_near_copy"} <= opened


def test_opening_the_filters_does_not_look_for_words_which_takes_long(open_page: Open, batch: Batch) -> None:
    opened = open_filters(open_page(places.POSTS))
    assert {"filter_words", "filter_names", "filter_hashtags"} <= widget_keys(opened)
    assert query.list_frequent_values(batch, "hashtags", make_tables=False) is not None
    assert query.list_frequent_values(batch, "words", make_tables=False) is None


@pytest.mark.slow
def test_chosen_filters_are_in_the_address_and_apply_together(open_page: Open, batch: Batch) -> None:
    app = open_filters(open_page(places.POSTS, batch=batch.id, inputs="text"))
    app.pills(key="filter_sentiments").set_value(["negative"]).run()
    app.toggle(key="filter_uncertain").set_value(True).run()
    app.toggle(key="filter_uncertain").set_value(False).run()
    assert not app.exception
    assert app.query_params["sentiments"] == "negative"
    assert app.query_params["inputs"] == "text"
    assert "uncertain" not in app.query_params
    found = query.count_matching_posts(batch, Filters(sentiments=("negative",), inputs=("text",)))
    assert f"**{found} of 20 posts**" in captions(app)


def test_searched_text_reaches_the_address(open_page: Open) -> None:
    app = open_page(places.POSTS)
    app.text_input(key="filter_search").set_value("SUNSHINE").run()
    assert app.query_params["search"] == "SUNSHINE"
    assert set(app.dataframe[0].value["post_id"]) == {"p0", "p3", "p9", "p12", "p15"}


@pytest.mark.slow
def test_filter_is_kept_when_another_page_is_opened_from_the_menu(open_page: Open) -> None:
    app = open_page(places.POSTS)
    app.text_input(key="filter_search").set_value("SUNSHINE").run()
    app.query_params.clear()  # as the menu does
    app.switch_page(places.REPORT).run()
    assert app.query_params["search"] == "SUNSHINE"
    assert "**5 of 20 posts**" in captions(app)


def test_filter_is_removed_by_its_button(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, search="SUNSHINE", inputs="text")
    app.button(key="drop_search").click().run()
    assert "search" not in app.query_params
    assert app.query_params["inputs"] == "text"


def test_chips_say_days_and_values_in_words(open_page: Open, batch: Batch) -> None:
    app = open_page(
        places.REPORT,
        batch=batch.id,
        since="2020-11-03",
        valence="-0.50~1.00",
        uncertain="yes",
        tones="irony",
    )
    shown = {str(button.key): button.label for button in app.button if str(button.key).startswith("drop_")}
    assert shown == {
        "drop_since": "From 3 Nov 2020",
        "drop_valence": "Valence −0.50 to 1.00",
        "drop_uncertain": "Not sure",
        "drop_tones": "Ironic",
        "drop_all": "Clear all",
    }


def test_all_filters_are_cleared_at_once(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, search="SUNSHINE", inputs="text")
    app.button(key="drop_all").click().run()
    assert not {"search", "inputs"} & set(app.query_params)
    assert app.text_input(key="filter_search").value == ""
    assert "All 20 posts" in captions(app)


def test_unreadable_filters_in_the_url_are_ignored(open_page: Open, batch: Batch) -> None:
    app = open_page(
        places.POSTS, batch=batch.id, since="yesterday", valence="nan~1", confidence="7~9", disagree="1"
    )
    assert not app.exception
    assert "All 20 posts" in captions(app)


def test_unknown_sentiments_inputs_and_tones_in_the_url_are_ignored(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, sentiments="angry", inputs="video", tones="sarcasm")
    assert "All 20 posts" in captions(app)


@pytest.mark.slow
@pytest.mark.parametrize("page", [places.POSTS, places.REPORT])
def test_a_malformed_search_gives_a_hint_and_hides_no_posts(open_page: Open, page: str) -> None:
    app = open_page(page, search="(sunshine", sentiments="positive")
    assert not app.exception
    assert "opening parenthesis that is not closed" in app.warning[0].value
    assert app.text_input(key="filter_search").value == "(sunshine"
    assert {str(button.key) for button in app.button if str(button.key).startswith("drop_")} == {
        "drop_sentiments"
    }
    app.text_input(key="filter_search").set_value("(sunshine OR rain) -19").run()
    assert not app.warning
    assert app.query_params["search"] == "(sunshine OR rain) -19"
    assert app.button(key="drop_search")


def test_a_hostile_search_is_shown_as_plain_text(open_page: Open) -> None:
    app = open_page(places.POSTS, search='"[x](https://evil.example) **b**')
    assert "](https://evil" not in app.warning[0].value
    assert "**b**" not in app.warning[0].value


@pytest.mark.slow
def test_days_in_the_wrong_order_are_named_and_can_be_swapped(open_page: Open, batch: Batch) -> None:
    app = open_page(
        places.POSTS, batch=batch.id, since="2020-11-05", until="2020-11-03", sentiments="positive"
    )
    reason = "“From 5 Nov 2020” is later than “To 3 Nov 2020”, so no post matches."
    assert [each.value for each in app.warning] == [reason]
    open_filters(app)
    assert [each.value for each in app.warning] == [reason, reason]  # in the menu too
    app.button(key="swap_days").click().run()
    assert not app.warning
    assert (app.query_params["since"], app.query_params["until"]) == ("2020-11-03", "2020-11-05")
    assert app.query_params["sentiments"] == "positive"


def test_unknown_values_in_an_address_are_ignored_and_named(open_page: Open, batch: Batch) -> None:
    address = {"sentiments": "angry", "since": "2026-02-31", "valence": "5~9", "uncertain": "maybe"}
    app = open_page(places.POSTS, batch=batch.id, **address)
    assert "All 20 posts" in captions(app)
    (warning,) = app.warning
    for value, title in (
        ("angry", "Sentiment"),
        ("2026-02-31", "From"),
        ("5~9", "Valence"),
        ("maybe", "Not sure"),
    ):
        assert f"“{value}” ({title})" in warning.value.replace("\\", "")
    mixed = open_page(places.POSTS, batch=batch.id, sentiments=["angry", "negative"])
    assert mixed.query_params["sentiments"] == ["angry", "negative"]
    assert "“angry” (Sentiment)" in mixed.warning[0].value.replace("\\", "")
    assert "Sentiment" not in "".join(
        each.value for each in open_page(places.POSTS, sentiments="negative").warning
    )


def test_an_unknown_topic_in_an_address_is_named_where_no_posts_match(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, topics="nonsense")
    assert "These posts have no “nonsense” (Topic)" in app.info[0].value.replace("\\", "")


def test_the_table_of_posts_is_as_high_as_its_rows(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    heights = []

    def note_height(*_: object, height: int, **__: object) -> None:
        heights.append(height)

    monkeypatch.setattr("pages.review.posts_table.st.dataframe", note_height)
    for search in ("p3", ""):
        open_page(places.POSTS, search=search)
    one, many = heights
    assert one < 150 < many <= 560
