"""The time zone of the pages: in the address, the sidebar, titles, filters and lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.posts import post_frame
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, app_at
from tests.scored import new_batch, score

BERLIN = "Europe/Berlin"


@pytest.fixture
def batch(home: Batch) -> Batch:
    """One post late in the evening in UTC, the next day in Berlin, and one with a date only."""
    times = {"late": datetime(2026, 6, 1, 22, 30, tzinfo=UTC), "dated": datetime(2026, 6, 2, tzinfo=UTC)}
    rows = [{"post_id": name, "text": "x", "created_at": time} for name, time in times.items()]
    return score(new_batch(home.parent, post_frame(rows)))


@pytest.mark.slow
def test_titles_and_hours_are_in_the_zone_of_the_address(open_page: Open) -> None:
    app = open_page(places.BREAKDOWN, zone=BERLIN)
    assert not app.exception
    assert "Weekday and hour (Europe/Berlin)" in [each.value for each in app.subheader]
    assert app.sidebar.selectbox(key="timezone").value == BERLIN
    app.sidebar.selectbox(key="timezone").set_value("Asia/Tokyo").run()
    assert app.query_params["zone"] == "Asia/Tokyo"


def test_a_filtered_day_is_a_day_of_the_zone(open_page: Open) -> None:
    shown = [
        open_page(places.POSTS, since="2026-06-02", zone=zone).dataframe[0].value for zone in (BERLIN, "UTC")
    ]
    assert [list(each["post_id"]) for each in shown] == [["late", "dated"], ["dated"]]
    times = shown[0]["created_at"].tolist()
    assert [(time.day, time.hour) for time in times] == [(2, 0), (2, 0)]


def test_an_unknown_zone_in_the_address_is_utc(open_page: Open) -> None:
    app = open_page(places.EXPLAIN, post="late", zone="Mars/Olympus")
    assert any("Posted: 1 Jun 2026, 22:30 UTC" in each.value for each in app.text)
    app = open_page(places.EXPLAIN, post="dated", zone="America/New_York")
    assert any("Posted: 2 Jun 2026\n" in each.value for each in app.text)


@pytest.mark.slow
def test_the_zone_of_the_browser_is_the_first_choice(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.timezone", BERLIN)
    app = app_at(places.OVERVIEW).run()
    assert app.query_params["zone"] == BERLIN
    linked = app_at(places.OVERVIEW)
    linked.query_params["batch"] = batch.id
    assert "zone" not in linked.run().query_params  # a link shows the same days to everybody
