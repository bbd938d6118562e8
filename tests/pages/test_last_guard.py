"""Errors that nothing else catches: a message with a number on the page, and the same number in the log."""

from __future__ import annotations

import errno
import json
import logging
import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.errors import WorkspaceError
from analysis.logs import set_up_logs
from analysis.workspace import Batch
from pages.shared import places
from pages.shared.messages import LOGGER
from tests.pages.conftest import APP

POST = "my secret post"


def raises(error: BaseException) -> object:
    def raise_(*_args: object, **_options: object) -> None:
        raise error

    return raise_


def open_overview(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> AppTest:
    """Open the app on a page whose first step fails with this error."""
    monkeypatch.setattr("pages.shared.current_batch.open_current_batch", raises(error))
    return AppTest.from_file(str(APP), default_timeout=60).run()


def number_on(app: AppTest) -> str:
    assert not app.exception
    (message,) = app.error
    found = re.search(r"number (\d+)", message.value)
    assert found, message.value
    return found[1]


def expect_logged(caplog: pytest.LogCaptureFixture, unexpected_errors: list[str], number: str) -> str:
    """The one entry of the log with this number, which is then no surprise."""
    (entry,) = [record.getMessage() for record in caplog.records if record.name == LOGGER.name]
    unexpected_errors.append(entry)
    assert f"number {number}\n" in entry
    return entry


@pytest.mark.usefixtures("batch")
def test_page_that_fails_shows_the_number_that_the_log_has(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, unexpected_errors: list[str]
) -> None:
    app = open_overview(monkeypatch, ValueError(POST))
    assert "Something went wrong" in app.error[0].value
    entry = expect_logged(caplog, unexpected_errors, number_on(app))
    assert "in raise_" in entry
    assert "ValueError" in entry


@pytest.mark.usefixtures("batch")
def test_menu_and_sidebar_work_when_a_page_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, unexpected_errors: list[str]
) -> None:
    app = open_overview(monkeypatch, ValueError(POST))
    assert app.selectbox(key="batch_choice").value == "spring"
    app.switch_page(places.DICTIONARY).run()
    assert app.title[0].value == "Data dictionary"
    assert not app.error
    expect_logged(caplog, unexpected_errors, re.findall(r"number (\d+)", caplog.text)[0])


@pytest.mark.usefixtures("batch")
def test_numbers_differ(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, unexpected_errors: list[str]
) -> None:
    app = open_overview(monkeypatch, ValueError(POST))
    assert number_on(app) != number_on(app.run())
    unexpected_errors += [record.getMessage() for record in caplog.records]


@pytest.mark.usefixtures("batch")
def test_known_errors_are_shown_in_their_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_overview(monkeypatch, WorkspaceError("This batch", "was deleted", "Choose another."))
    assert "This batch was deleted" in app.error[0].value
    assert "number" not in app.error[0].value


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", POST), "disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", POST), "disk is full"),
        (RuntimeError(f'IO Error: Could not write file "{POST}": No space left on device'), "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", POST), "has no permission to read or write"),
        (OSError(errno.EROFS, "Read-only file system", POST), "has no permission to read or write"),
        (OSError(errno.EMFILE, "Too many open files", POST), "Too many files"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_disk_errors_are_named(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    unexpected_errors: list[str],
    error: Exception,
    said: str,
) -> None:
    app = open_overview(monkeypatch, error)
    assert said in app.error[0].value
    assert POST not in app.error[0].value
    expect_logged(caplog, unexpected_errors, number_on(app))


@pytest.mark.usefixtures("batch")
def test_cause_of_an_error_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, unexpected_errors: list[str]
) -> None:
    error = ValueError("cannot write the table")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    app = open_overview(monkeypatch, error)
    assert "disk is full" in app.error[0].value
    entry = expect_logged(caplog, unexpected_errors, number_on(app))
    assert "No space left on device" in entry


@pytest.mark.usefixtures("batch")
def test_stopping_a_page_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.current_batch.open_current_batch", st.stop)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.error
    assert not app.exception


@pytest.mark.usefixtures("batch")
def test_going_to_another_page_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pages.shared.current_batch.open_current_batch", lambda: st.switch_page(places.DICTIONARY)
    )
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.error
    assert app.title[0].value == "Data dictionary"


def test_log_has_the_traceback_but_no_text_of_posts(
    batch: Batch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    unexpected_errors: list[str],
) -> None:
    monkeypatch.setattr(logging.getLogger("pages"), "handlers", [])
    monkeypatch.setenv("POSTLENS_LOG", "json")
    set_up_logs()

    def fail() -> None:
        try:
            float(POST)
        except ValueError as error:
            raise KeyError(POST) from error

    monkeypatch.setattr("pages.shared.current_batch.open_current_batch", fail)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    entry = expect_logged(caplog, unexpected_errors, number_on(app))
    assert re.search(r"float\(POST\)\n.*ValueError\nwhich led to\n(.*\n)*.*KeyError$", entry)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert line["message"] == entry
    assert POST not in caplog.text
    assert POST not in app.error[0].value
