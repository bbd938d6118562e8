"""Upload: a rejected file that may be a table is read again in the way that the user chooses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.workspace import Workspace
from pages.shared.messages import plain
from tests.pages.conftest import captions, wait_for_job
from tests.pages.uploads import drop, metrics, reloaded

UTF_16 = "id;text\n1;Привет всем\n".encode("utf-16-le")


def choose(app: AppTest, name: str, **values: object) -> AppTest:
    """Choose how a refused file is read, and read it."""
    for field, value in values.items():
        app.selectbox(key=f"refused_{field}_{name}").set_value(value).run()
    app.button(key=f"refused_read_{name}").click().run()
    assert not app.exception
    return app


def test_a_wrong_encoding_is_corrected_and_the_preview_follows(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", UTF_16))
    assert metrics(app)["Posts ready to score"] == "0"
    app.selectbox(key="refused_encoding_posts.csv").set_value("utf-16").run()
    assert "1;Привет всем" in [text.value for text in app.text]
    choose(app, "posts.csv")
    assert metrics(app) == {"Posts ready to score": "1", "Rows": "1 of 1", "Files": "1 of 1"}
    assert "Привет всем" in [text.value for text in app.text]
    assert app.selectbox(key="encoding_0_posts.csv").value == "utf-16"
    assert not any(each.key == "refused_file" for each in app.selectbox)


@pytest.mark.slow
def test_a_text_file_is_read_with_one_post_per_line_and_scored(upload_page: AppTest, home: Path) -> None:
    app = drop(upload_page, ("posts.txt", b"good day, all\nbad rain\n\n<b>so so</b>\n"))
    choose(app, "posts.txt", format="lines")
    assert metrics(app)["Posts ready to score"] == "3"
    assert app.selectbox(key="format_0_posts.txt").value == "lines"
    app.button(key="score").click().run()
    assert not app.exception
    (info,) = Workspace(home).batches()
    wait_for_job(info.id)
    (stored,) = Workspace(home).open(info.id).manifest.sources
    assert stored["name"] == "posts.txt"


def test_a_list_of_json_is_chosen_after_the_format(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.txt", b'["good day", "bad rain"]'))
    choose(app, "posts.txt", format="json")
    assert "contains no JSON objects" in app.error[0].value
    choose(app, "posts.txt", list_path="top level")
    assert metrics(app)["Posts ready to score"] == "2"


def test_the_list_of_posts_in_json_is_chosen(upload_page: AppTest) -> None:
    posts = {"n1": {"say": "good day"}, "n2": {"say": "bad rain"}}
    app = drop(upload_page, ("posts.json", json.dumps({"made by": "hand", "all": posts}).encode()))
    app.selectbox(key="list_path_0_posts.json").set_value("all.*").run()
    assert metrics(app)["Posts ready to score"] == "2"
    assert app.selectbox(key="list_path_0_posts.json").value == "all.*"


def test_a_file_that_cannot_be_read_in_that_way_stays_with_the_new_reason(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", UTF_16 + b"\xff"))
    choose(app, "posts.csv", encoding="euc_jp")
    (reason,) = (text.value for text in app.text if text.value.startswith("posts.csv is"))
    assert reason.startswith("posts.csv is not in the encoding euc_jp")
    assert plain(reason) in app.error[0].value
    choose(app, "posts.csv", encoding="cp1252")
    assert not app.error
    assert metrics(app)["Posts ready to score"] == "1"


def test_what_was_chosen_is_kept_after_more_files_and_a_reload(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.txt", b"good day\nbad rain\n"))
    choose(app, "posts.txt", format="lines")
    drop(app, ("more.csv", b"id,text\n1,so so\n"))
    assert metrics(app)["Posts ready to score"] == "3"
    fresh = reloaded(app)
    assert metrics(fresh)["Posts ready to score"] == "3"
    assert fresh.selectbox(key="format_0_posts.txt").value == "lines"


def test_of_several_refused_files_one_is_chosen(upload_page: AppTest) -> None:
    app = drop(upload_page, ("a.txt", b"good day"), ("b *x*.txt", b"bad rain"), ("posts.csv", UTF_16))
    files = app.selectbox(key="refused_file")
    assert files.options == ["posts.csv", "a.txt", "b *x*.txt"]
    files.set_value("b *x*.txt").run()
    choose(app, "b *x*.txt", format="lines")
    assert metrics(app)["Posts ready to score"] == "1"
    assert app.selectbox(key="refused_file").value == "posts.csv"


def test_choices_are_closed_beside_posts_unless_a_file_is_known_to_be_a_table(upload_page: AppTest) -> None:
    def opened(app: AppTest) -> bool:
        (found,) = (each for each in app.expander if each.label.startswith("Read a rejected file"))
        return bool(found.proto.expanded)

    app = drop(upload_page, ("README.md", b"# About these posts"))
    assert opened(app)
    drop(app, ("posts.csv", b"id,text,author,date\n1,good day,ada,2026-05-31\n"))
    assert not opened(app)
    drop(app, ("more.csv", UTF_16))
    assert opened(app)


def test_the_source_of_a_table_is_chosen(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", b"Message,Likes\ngood day,1\n"))
    app.selectbox(key="source_0_posts.csv").set_value("sprinklr").run()
    assert not app.exception
    assert app.session_state["drop"].inputs.tables[0].source == "Sprinklr"


def test_a_hostile_name_and_content_are_shown_as_text(upload_page: AppTest) -> None:
    name = "**bold** <img src=x onerror=alert(1)> :smile:.txt"
    app = drop(upload_page, (name, b"[link](https://example.com) <script>alert(1)</script>"))
    assert "[link](https://example.com) <script>alert(1)</script>" in [text.value for text in app.text]
    assert "<script>" not in captions(app)
    assert app.selectbox(key="refused_file").options == [name]
