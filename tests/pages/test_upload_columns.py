"""Upload: columns are recognised or guessed, and both they and the reading of a file can be corrected."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from pages.shared.messages import plain
from tests.intake.drops import sheet_rows, workbook
from tests.pages.conftest import captions
from tests.pages.uploads import TABLE, TIKTOK, badge, drop, metrics, png


def test_guessed_columns_can_be_corrected(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    assert app.selectbox(key="column_text_0_posts.csv").value == "text"
    app.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    assert any(text.value == "hello there" for text in app.text)
    assert not any(text.value == "good day" for text in app.text)


def test_a_known_source_is_named_with_its_posts(upload_page: AppTest) -> None:
    app = drop(upload_page, ("tiktok.ndjson", TIKTOK))
    assert badge(app) == "Recognised: Zeeschuimer, TikTok, 2 posts"
    assert not app.expander[0].proto.expanded
    assert "From the format of the source" in captions(app)


def test_guessed_columns_are_shown_with_their_reason_and_three_values(upload_page: AppTest) -> None:
    table = "a,b\n" + "".join(f"{n},{word} things happen here\n" for n, word in enumerate(("odd", *"wxyz")))
    app = drop(upload_page, ("posts.csv", table.encode()))
    assert badge(app) == "Columns guessed (lowest confidence 40 %), 5 posts"
    assert plain("Guessed from its values, which are sentences (40 %)") in captions(app)
    shown = [text.value for text in app.expander[0].text]
    assert shown == ["odd things happen here", "w things happen here", "x things happen here"]


def test_columns_are_open_where_an_expected_field_was_not_found(upload_page: AppTest) -> None:
    complete = b"id,text,author,date\n1,good day,ada,2026-05-31\n"
    app = drop(upload_page, ("posts.csv", complete))
    assert app.expander[0].label == "Columns (1 row)"
    assert not app.expander[0].proto.expanded
    drop(app, ("sun.png", png()))
    assert app.expander[0].label == "Columns (1 row), not found: images"
    assert app.expander[0].proto.expanded


def test_a_chosen_column_is_shown_as_the_users_choice(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.selectbox(key="column_author_0_posts.csv").set_value("words").run()
    assert "Chosen by you" in captions(app)
    assert "hello there" in [text.value for text in app.expander[0].text]


def test_columns_are_above_what_was_rejected(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    titles = [expander.label for expander in app.expander]
    assert [title.startswith("Columns") for title in titles[:2]] == [True, False]
    assert "rejected" in titles[1]


def test_a_saved_mapping_is_used_for_the_next_table_with_these_columns(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    app.button(key="remember_0_posts.csv").click().run()
    assert badge(app) == "Saved mapping, 2 posts"
    app.button(key="discard").click().run()
    drop(app, ("more.csv", TABLE.replace(b"good", b"fine")))
    assert badge(app) == "Saved mapping, 2 posts"
    assert app.selectbox(key="column_text_0_more.csv").value == "words"
    assert "From your saved mapping" in captions(app)


def test_a_saved_mapping_can_be_forgotten(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    app.button(key="remember_0_posts.csv").click().run()
    app.button(key="forget_0_posts.csv").click().run()
    assert not app.exception
    assert badge(app).startswith("Columns guessed")
    assert app.selectbox(key="column_text_0_posts.csv_1").value == "text"


def test_an_encoding_is_corrected_with_the_preview(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", "id,text\n1,Привет всем\n".encode("cp1251")))
    app.selectbox(key="encoding_0_posts.csv").set_value("koi8-r").run()
    assert not any("Привет" in text.value for text in app.text)
    app.selectbox(key="encoding_0_posts.csv").set_value("cp1251").run()
    assert any(text.value == "Привет всем" for text in app.text)
    app.selectbox(key="encoding_0_posts.csv").set_value("utf-8").run()
    assert "is not in the encoding" in app.error[0].value
    assert any(text.value == "Привет всем" for text in app.text)


def test_a_separator_and_a_header_row_are_corrected(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", b"id,text;mood\n1,good;x\n2,bad;y\n"))
    app.selectbox(key="delimiter_0_posts.csv").set_value(";").run()
    assert app.session_state["drop"].inputs.tables[0].columns == ("id,text", "mood")
    app.selectbox(key="delimiter_0_posts.csv").set_value(None).run()
    app.number_input(key="header_row_0_posts.csv").set_value(0).run()
    assert [len(table.rows) for table in app.session_state["drop"].inputs.tables] == [3]
    drop(app, ("more.csv", TABLE))
    assert app.number_input(key="header_row_0_posts.csv").value == 0
    assert [len(table.rows) for table in app.session_state["drop"].inputs.tables] == [3, 3]


def test_the_sheets_of_a_workbook_are_chosen(upload_page: AppTest) -> None:
    sheets = [
        (name, sheet_rows(["id", "text"], [name, text]))
        for name, text in (("May", "good day"), ("June", "bad rain"))
    ]
    app = drop(upload_page, ("posts.xlsx", workbook(*sheets)))
    assert metrics(app)["Posts ready to score"] == "2"
    app.multiselect(key="sheets_0_posts.xlsx (sheet May)").set_value(["June"]).run()
    assert not app.exception
    assert metrics(app)["Posts ready to score"] == "1"
    assert any(text.value == "bad rain" for text in app.text)


def test_times_without_a_zone_are_in_the_chosen_one(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", b"id,text,date\n1,good,2026-07-01 14:30\n"))
    app.selectbox(key="timezone_0_posts.csv").set_value("Europe/Berlin").run()
    found = app.session_state["drop"]
    (time,) = found.checked(found.mappings).posts["created_at"]
    assert time.isoformat() == "2026-07-01T12:30:00+00:00"
