"""An upload that is not scored yet can be continued in a new session, such as after a reload or in a new tab."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from pages.batch import open_drops
from pages.batch.checks import suggest_name
from pages.shared import labels, places
from tests.pages.conftest import APP
from tests.pages.uploads import TABLE, drop, metrics, reloaded


def new_tab() -> AppTest:
    """The Upload page in a session that knows no upload."""
    return AppTest.from_file(str(APP), default_timeout=60).switch_page(places.UPLOAD).run()


def offers(app: AppTest) -> list[str]:
    return [
        each.value.replace("\\", "") for each in app.markdown if each.value.startswith("**Not scored yet:**")
    ]


def test_an_upload_is_offered_in_a_new_session_and_continued_with_its_corrections(
    upload_page: AppTest,
) -> None:
    first = drop(upload_page, ("posts.csv", TABLE), ("more.csv", b"id,text\n9,rain again\n"))
    first.selectbox(key="column_text_0_posts.csv").set_value("words").run()
    assert offers(first) == []
    fresh = new_tab()
    assert not fresh.metric
    assert offers(fresh) == ["**Not scored yet:** posts.csv and 1 more file (3 posts, uploaded just now)"]
    fresh.button(key="continue_0").click().run()
    assert not fresh.exception
    assert metrics(fresh)["Posts ready to score"] == "3"
    assert fresh.selectbox(key="column_text_0_posts.csv").value == "words"
    assert fresh.query_params["upload"] == first.query_params["upload"]
    assert offers(fresh) == []


def test_an_offered_upload_can_be_discarded(upload_page: AppTest) -> None:
    drop(upload_page, ("posts.csv", TABLE))
    fresh = new_tab()
    fresh.button(key="discard_0").click().run()
    assert offers(fresh) == []
    assert offers(new_tab()) == []


def test_an_upload_that_another_tab_has_open_is_not_offered(
    upload_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(upload_page, ("posts.csv", TABLE))
    assert len(offers(new_tab())) == 1
    monkeypatch.setattr(open_drops, "_is_used_by_another", lambda _session: True)
    assert offers(new_tab()) == []


def test_a_server_for_several_people_does_not_offer_the_uploads_of_others(
    upload_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(upload_page, ("posts.csv", TABLE))
    monkeypatch.setattr("pages.server.key.is_local", lambda: False)
    assert offers(new_tab()) == []


def test_a_batch_is_named_after_the_file_with_the_table(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts", b"\x00\x01 not a table"), ("posts.csv", TABLE))
    assert suggest_name(app.session_state["drop"]) == "posts"
    other = drop(new_tab(), ("a.bin", b"\x00\x01"), ("spring_posts.csv", TABLE))
    assert suggest_name(other.session_state["drop"]) == "spring posts"


def test_a_name_of_a_file_stays_plain_text_in_the_offer(upload_page: AppTest) -> None:
    drop(upload_page, ("![x](https://evil.example/p.png) :smile:.csv", TABLE))
    (shown,) = [each.value for each in new_tab().markdown if each.value.startswith("**Not scored yet:**")]
    assert "](" not in shown
    assert "https://" not in shown
    assert ":smile:" not in shown


def test_a_reload_after_the_upload_is_gone_says_so(upload_page: AppTest) -> None:
    app = drop(upload_page, ("posts.csv", TABLE))
    open_drops.release(app.session_state["drop"])
    fresh = reloaded(app)
    assert "no longer available" in fresh.info[0].value
    assert not fresh.run().info


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=50), "just now"),
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(minutes=5, seconds=30), "5 minutes ago"),
        (timedelta(hours=1, minutes=59), "1 hour ago"),
        (timedelta(hours=30), "1 day ago"),
    ],
)
def test_the_age_of_an_upload_is_in_words(passed: timedelta, shown: str) -> None:
    assert labels.age(datetime.now(UTC) - passed) == shown
