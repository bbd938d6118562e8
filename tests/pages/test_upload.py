"""Upload: what is dropped is checked at once, can be corrected, and becomes a scored batch."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from analysis.errors import IntakeError
from analysis.importers import register_importer, unregister_importer
from analysis.intake import InputFile, Inputs
from analysis.workspace import Workspace
from pages.batch import drop as drop_module
from pages.batch import open_drops
from pages.server import key
from pages.shared import places
from pages.shared.messages import plain
from tests.intake.drops import sheet_rows, workbook
from tests.pages.conftest import APP, captions, wait_for_job

TABLE = b"id,text,words\n1,good day,hello there\n2,,\n3,bad rain,once more\n"

TIKTOK = b"".join(
    json.dumps(
        {
            "item_id": number,
            "timestamp_collected": 1,
            "data": {"desc": f"Post {number}", "createTime": 1681615724, "author": {"uniqueId": "ada"}},
        }
    ).encode()
    + b"\n"
    for number in (1, 2)
)


@pytest.fixture
def upload_page(home: Path) -> AppTest:
    (home / "batches").mkdir(parents=True)  # a workspace that was used and emptied: no sample posts
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    return app.switch_page(places.UPLOAD).run()


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return app.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()


def test_a_registered_importer_is_named_where_files_are_uploaded(upload_page: AppTest) -> None:
    register_importer("tests.importers.dummy")
    try:
        assert "XLSX and Dummy" in upload_page.run().file_uploader[0].label
    finally:
        unregister_importer("tests.importers.dummy")


def png() -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(packed, "PNG")
    return packed.getvalue()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def badge(app: AppTest) -> str:
    """What the first table was recognised as, without the markup of the badge and the escapes."""
    (found,) = (mark.value for mark in app.markdown if "badge[" in mark.value)
    return re.sub(r".*badge\[:material/\w+: |\]$|\\|\u2060", "", found)


def test_empty_workspace_leads_to_upload(home: Path) -> None:
    (home / "batches").mkdir(parents=True)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert "There are no posts yet" in app.info[0].value


def test_first_run_opens_on_scored_sample_posts(home: Path) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    assert not app.exception
    (sample,) = Workspace(home).batches()
    wait_for_job(sample.id)
    app.run()
    assert sample.n_posts >= 24
    assert metrics(app)["Posts"] == str(sample.n_posts)
    assert "not scored yet" not in captions(app)


def test_dropped_table_is_checked_at_once(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE), ("notes.exe", b"MZ"))
    assert metrics(app) == {"Posts ready to score": "2", "Rows": "2 of 3", "Files": "1 of 2"}
    texts = [text.value for text in app.text]
    assert "notes.exe is not a table, an image or a zip." in texts
    assert "posts.csv: row 2 has no text and no image." in texts
    assert plain("Add a text or an image.") in captions(app)
    assert plain('Original value: {"id": "2"}') in captions(app)


def test_many_rejections_are_shown_in_pages(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", b"id,text\n" + b"".join(b"%d,\n" % row for row in range(25))))
    assert len(shown_rejections(app)) == 10
    app.get("pagination")[0].set_value(3).run()
    assert [text.split()[2] for text in shown_rejections(app)] == ["21", "22", "23", "24", "25"]


def shown_rejections(app: AppTest) -> list[str]:
    return [text.value for text in app.text if "has no text" in text.value]


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


def test_images_dropped_after_their_table_find_their_posts(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", b"id,image\n1,sun.png\n"))
    assert metrics(app)["Posts ready to score"] == "0"
    drop(app, ("sun.png", png()))
    assert metrics(app)["Posts ready to score"] == "1"


def test_the_check_is_kept_after_visiting_another_page(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.switch_page(places.DICTIONARY).run()
    app.switch_page(places.UPLOAD).run()
    assert metrics(app)["Posts ready to score"] == "2"


def test_discarding_an_upload_removes_it(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.button(key="discard").click().run()
    assert not app.metric


def test_pasted_text_is_scored_under_the_name_given(upload_page: AppTest, home: Path) -> None:
    app = upload_page
    app.segmented_control(key="method").set_value("paste").run()
    app.text_area[0].set_value("good day\nbad rain").run()
    app.button(key="check_pasted").click().run()
    app.text_input(key="name").set_value("From the *street*").run()
    app.button(key="score").click().run()
    assert not app.exception
    (info,) = Workspace(home).batches()
    assert (info.name, info.n_posts) == ("From the *street*", 2)
    wait_for_job(info.id)
    app.switch_page(places.OVERVIEW).run()
    assert metrics(app)["Posts"] == "2"
    assert Workspace(home).open(info.id).has_part("words", 0)


@pytest.fixture
def with_key(cookies: dict[str, str]) -> None:
    """The browser has opened the address that the start command printed."""
    cookies[key.cookie_name()] = key.KEY


def choose_path(app: AppTest) -> AppTest:
    return app.segmented_control(key="method").set_value("path").run()


def read(app: AppTest, path: Path) -> AppTest:
    app.text_input(key="path_0").set_value(str(path)).run()
    return app.button(key="read_path").click().run()


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "posts.csv").write_bytes(TABLE)
    return tmp_path / "campaign"


@pytest.mark.usefixtures("with_key")
def test_folder_of_this_computer_is_read(upload_page: AppTest, campaign: Path) -> None:
    app = read(choose_path(upload_page), campaign)
    assert metrics(app)["Posts ready to score"] == "2"


@pytest.mark.usefixtures("with_key")
def test_a_missing_folder_is_an_error_that_names_it(upload_page: AppTest, tmp_path: Path) -> None:
    app = read(choose_path(upload_page), tmp_path / "nothing")
    assert not app.exception
    assert "nothing" in app.error[0].value


@pytest.mark.parametrize(
    "cookie",
    [None, "", "wrong", "é", key.KEY[:-1], f"{key.KEY} "],
    ids=["none", "empty", "word", "not ASCII", "shorter", "longer"],
)
def test_without_the_key_the_page_says_how_to_get_it(
    upload_page: AppTest, cookies: dict[str, str], cookie: str | None
) -> None:
    if cookie is not None:
        cookies[key.cookie_name()] = cookie
    app = choose_path(upload_page)
    assert "open the address that the start command printed" in captions(app)
    assert not app.text_input
    assert not any(button.key == "read_path" for button in app.button)


def test_key_of_a_server_on_another_port_is_not_accepted(
    upload_page: AppTest, cookies: dict[str, str]
) -> None:
    cookies["postlens_key_1"] = key.KEY
    assert not choose_path(upload_page).text_input


@pytest.mark.usefixtures("with_key")
def test_nothing_is_read_without_the_key(
    upload_page: AppTest, cookies: dict[str, str], campaign: Path
) -> None:
    app = choose_path(upload_page)
    app.text_input(key="path_0").set_value(str(campaign)).run()
    cookies.clear()
    app.button(key="read_path").click().run()
    assert not app.metric
    assert not app.exception


@pytest.mark.usefixtures("with_key")
@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", None])
def test_folder_of_this_computer_is_offered_on_this_computer_only(
    upload_page: AppTest, campaign: Path, address: str | None
) -> None:
    app = choose_path(upload_page)
    app.text_input(key="path_0").set_value(str(campaign)).run()
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        app.button(key="read_path").click().run()
        assert not app.metric
        assert not any("this computer" in option for option in app.segmented_control(key="method").options)
    finally:
        config.set_option("server.address", before)


class BadFileError(Exception):
    """What reading raises in the tests below; nothing of PostLens expects it."""


@pytest.fixture
def fails_to_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let reading fail for good once a file is called bad.csv, after it has stored its image."""
    read = drop_module.read_inputs

    def fail_with(error: Exception) -> None:
        def read_or_fail(files: Sequence[InputFile], media: Path, *args: Any, **kwargs: Any) -> Inputs:
            inputs = read(files, media, *args, **kwargs)
            if any(file.name == "bad.csv" for file in files):
                raise error
            return inputs

        monkeypatch.setattr(drop_module, "read_inputs", read_or_fail)

    return fail_with


def stored_files(app: AppTest) -> list[Path]:
    """What is on disk of the files that were dropped."""
    return sorted(path for path in app.session_state["drop"].folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (IntakeError("bad.csv", "cannot be read", "Leave it out."), "cannot be read"),
        (BadFileError("broken"), "Something went wrong"),
    ],
)
def test_a_drop_that_fails_leaves_what_was_read_before(
    upload_page: AppTest,
    fails_to_read: Callable[[Exception], None],
    error: Exception,
    message: str,
    caplog: pytest.LogCaptureFixture,
    unexpected_errors: list[str],
) -> None:
    fails_to_read(error)
    app = drop(upload_page, ("posts.csv", TABLE))
    before = stored_files(app)
    drop(app, ("bad.csv", b"id,image\n1,sun.png\n"), ("sun.png", png()))
    assert len(app.error) == 1
    assert message in app.error[0].value
    unexpected_errors += [
        record.getMessage() for record in caplog.records if "BadFileError" in record.getMessage()
    ]
    assert metrics(app) == {"Posts ready to score": "2", "Rows": "2 of 3", "Files": "1 of 1"}
    app.run()
    assert not app.error
    assert metrics(app) == {"Posts ready to score": "2", "Rows": "2 of 3", "Files": "1 of 1"}
    assert stored_files(app) == before
    drop(app, ("more.csv", b"id,text\n9,rain again\n"))
    assert not app.exception
    assert metrics(app)["Posts ready to score"] == "3"


def test_a_first_drop_that_fails_leaves_nothing(
    upload_page: AppTest, fails_to_read: Callable[[Exception], None]
) -> None:
    fails_to_read(IntakeError("bad.csv", "cannot be read", "Leave it out."))
    app = drop(upload_page, ("bad.csv", TABLE))
    assert len(app.error) == 1
    assert not app.metric
    drop(app, ("posts.csv", TABLE))
    assert not app.error
    assert metrics(app)["Posts ready to score"] == "2"


def test_corrected_columns_are_kept_after_another_upload_and_page(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    app.selectbox(key="column_author_0_posts.csv").set_value("text").run()
    drop(app, ("more.csv", b"id,text\n9,rain again\n"))
    app.switch_page(places.DICTIONARY).run()
    app.switch_page(places.UPLOAD).run()
    assert app.selectbox(key="column_text_0_posts.csv").value == "words"
    assert app.selectbox(key="column_author_0_posts.csv").value == "text"
    assert app.selectbox(key="column_text_1_more.csv").value == "text"
    assert {"hello there", "rain again"} <= {text.value for text in app.text}


def test_similar_column_names_are_distinguished(upload_page: AppTest) -> None:
    table = '[{"id": "1", "words": "first", "words ": "second", "words\\ud800": "third", "": "fourth"}]'
    app = drop(upload_page, ("posts.json", table.encode()))
    labels = app.selectbox(key="column_text_0_posts.json").options
    assert len(set(labels)) == len(labels) == 5
    columns = app.session_state["drop"].inputs.tables[0].columns
    for column, text in zip(columns[1:], ("first", "second", "third", "fourth"), strict=True):
        app.selectbox(key="column_text_0_posts.json").set_value(column).run()
        assert not app.exception
        assert any(shown.value == text for shown in app.text)


def test_files_deleted_from_the_workspace_must_be_uploaded_again(upload_page: AppTest, home: Path) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    shutil.rmtree(home)
    app.run()
    assert not app.exception
    assert "was deleted from the workspace" in app.error[0].value
    drop(app, ("posts.csv", TABLE))
    assert not app.error
    assert metrics(app)["Posts ready to score"] == "2"


def test_a_second_upload_of_the_same_name_gets_a_number(upload_page: AppTest, home: Path) -> None:
    app = upload_page
    for _ in range(2):
        app.switch_page(places.UPLOAD).run()
        drop(app, ("posts.csv", TABLE))
        app.button(key="score").click().run()
        assert not app.exception
    assert {batch.name for batch in Workspace(home).batches()} == {"posts", "posts (2)"}
    for batch in Workspace(home).batches():
        wait_for_job(batch.id)


def test_adding_files_shows_progress(home: Path) -> None:
    reported: list[tuple[int, int]] = []
    files = [InputFile(f"{name}.csv", b"id,text\n1,good\n") for name in "abc"]
    drop_module.Drop().add(files, lambda done, total: reported.append((done, total)))
    assert reported[-1] == (3, 3)
    assert reported == sorted(reported)


def test_a_column_of_no_field_is_kept_as_a_filter_and_a_segment(upload_page: AppTest, home: Path) -> None:
    table = b"id,text,st/ate~\n1,good day,Bavaria\n2,bad rain,Hesse\n3,so so,Bavaria\n4,again so,\n"
    app = drop(upload_page, ("posts.csv", table))
    assert app.multiselect(key="kept").options == ["st/ate~"]
    app.multiselect(key="kept").set_value(["st/ate~"]).run()
    app.button(key="score").click().run()
    assert not app.exception
    (info,) = Workspace(home).batches()
    wait_for_job(info.id)
    app.switch_page(places.OVERVIEW).run()
    assert not app.exception
    assert app.multiselect(key="filter_own_0").options == ["Bavaria (2)", "Hesse (1)"]
    assert metrics(app)["Posts"] == "4"
    app.multiselect(key="filter_own_0").set_value(["Bavaria"]).run()
    assert not app.exception
    assert metrics(app)["Posts"] == "2"
    assert any("Sentiment by" in mark.value and "ate" in mark.value for mark in app.markdown)


def reloaded(app: AppTest) -> AppTest:
    """The page after a reload in the browser: a new session with the same address."""
    fresh = AppTest.from_file(str(APP), default_timeout=60)
    fresh.switch_page(places.UPLOAD)
    for name in app.query_params:
        fresh.query_params[name] = app.query_params[name]
    return fresh.run()


def test_an_upload_survives_a_reload_with_its_corrections(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    fresh = reloaded(app)
    assert not fresh.exception
    assert metrics(fresh)["Posts ready to score"] == "2"
    assert fresh.selectbox(key="column_text_0_posts.csv").value == "words"


def test_a_discarded_upload_does_not_come_back(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    token = app.query_params["upload"]
    app.button(key="discard").click().run()
    assert "upload" not in app.query_params
    app.query_params["upload"] = token
    fresh = reloaded(app)
    assert not fresh.metric
    assert "upload" not in fresh.query_params


def test_the_token_of_an_upload_is_on_no_other_page(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    app.query_params.clear()  # as the menu does
    app.switch_page(places.DICTIONARY).run()
    assert "upload" not in app.query_params
    app.switch_page(places.UPLOAD).run()
    assert metrics(app)["Posts ready to score"] == "2"


def test_old_and_further_uploads_are_released(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = drop_module.Drop()
    token = open_drops.keep(first)
    assert open_drops.keep(first) == token
    assert open_drops.find(token) is first
    monkeypatch.setattr(
        "pages.batch.open_drops.time", SimpleNamespace(monotonic=lambda: time.monotonic() + 86_401)
    )
    assert open_drops.find(token) is None
    tokens = [open_drops.keep(drop_module.Drop()) for _ in range(21)]
    assert open_drops.find(tokens[0]) is None
    assert open_drops.find(tokens[1]) is not None


def test_the_bar_says_how_much_of_a_large_file_was_read() -> None:
    def page() -> None:
        from pages.shared import progress

        shown = progress.Bar("Reading", "files")
        shown.file("posts_*a*.ndjson", 34, 100)

    (bar,) = AppTest.from_function(page).run().get("progress")
    assert (bar.proto.text, bar.proto.value) == (r"Reading posts\_\*a\*\.ndjson, 34 %", 34)
