"""Upload: what is dropped is checked at once, can be corrected, and becomes a scored batch."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import IntakeError
from analysis.importers import register_importer, unregister_importer
from analysis.intake import InputFile, Inputs
from analysis.workspace import Workspace
from pages.batch import drop as drop_module
from pages.batch import open_drops
from pages.shared import places
from pages.shared.messages import plain
from tests.pages.conftest import APP, captions, open_filters, wait_for_job
from tests.pages.uploads import TABLE, drop, metrics, png, reloaded, stored_files


def test_a_registered_importer_is_named_where_files_are_uploaded(upload_page: AppTest) -> None:
    register_importer("tests.importers.dummy")
    try:
        assert "XLSX and Dummy" in upload_page.run().file_uploader[0].label
    finally:
        unregister_importer("tests.importers.dummy")


def test_empty_workspace_leads_to_upload(home: Path) -> None:
    (home / "batches").mkdir(parents=True)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert "There are no posts yet" in app.info[0].value


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_files_deleted_from_the_workspace_must_be_uploaded_again(upload_page: AppTest, home: Path) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    shutil.rmtree(home)
    app.run()
    assert not app.exception
    assert "was deleted from the workspace" in app.error[0].value
    drop(app, ("posts.csv", TABLE))
    assert not app.error
    assert metrics(app)["Posts ready to score"] == "2"


@pytest.mark.slow
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


def test_the_suggested_name_is_that_of_the_table(upload_page: AppTest) -> None:
    app = drop(upload_page, ("image-downloader.png", png()), ("search_spring.csv", TABLE))
    assert app.text_input(key="name").value == "search spring"


def test_adding_files_shows_progress(home: Path) -> None:
    reported: list[tuple[int, int]] = []
    files = [InputFile(f"{name}.csv", b"id,text\n1,good\n") for name in "abc"]
    drop_module.Drop().add(files, lambda done, total: reported.append((done, total)))
    assert reported[-1] == (3, 3)
    assert reported == sorted(reported)


@pytest.mark.slow
def test_a_column_of_no_field_is_kept_as_a_filter_and_a_segment(upload_page: AppTest, home: Path) -> None:
    table = b"id,text,st/ate~\n1,good day,Bavaria\n2,bad rain,Hesse\n3,so so,Bavaria\n4,again so,\n"
    app = drop(upload_page, ("posts.csv", table))
    assert app.multiselect(key="kept").options == ["st/ate~"]
    app.multiselect(key="kept").set_value(["st/ate~"]).run()
    app.button(key="score").click().run()
    assert not app.exception
    (info,) = Workspace(home).batches()
    wait_for_job(info.id)
    open_filters(app.switch_page(places.OVERVIEW))
    assert not app.exception
    assert app.multiselect(key="filter_own_0").options == ["Bavaria (2)", "Hesse (1)"]
    assert metrics(app)["Posts"] == "4"
    app.multiselect(key="filter_own_0").set_value(["Bavaria"]).run()
    assert not app.exception
    assert metrics(app)["Posts"] == "2"
    assert any("Sentiment by" in title.value and "ate" in title.value for title in app.subheader)


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
