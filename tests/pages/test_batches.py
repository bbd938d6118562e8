"""Batches are merged, noted and tagged on Upload; views are saved in the sidebar and apply to other batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.workspace import Batch, Workspace
from pages.shared import places
from tests.pages.conftest import app_at, open_at, wait_for_job
from tests.scored import new_batch, score, some_posts

EVIL = "<b>x</b> ![i](https://evil.example/p.png) :material/home:"


@pytest.fixture
def two(home: Path) -> list[Batch]:
    return [score(new_batch(home.parent, some_posts(20), batch_id=name)) for name in ("spring", "summer")]


def workspace_of(batch: Batch) -> Workspace:
    return Workspace(batch.folder.parents[1])


@pytest.mark.slow
def test_two_batches_are_merged_and_scored(two: list[Batch]) -> None:
    app = open_at(places.UPLOAD, {"batch": two[0].id})
    app.multiselect(key="merged_batches").set_value([batch.id for batch in two]).run()
    app.text_input(key="merged_name").set_value("Both").run()
    next(each for each in app.button if each.label == "Merge").click().run()
    assert not app.error
    assert app.success[0].value == ("Merged: 20 posts. 20 posts repeated others and are listed as rejected.")
    assert not [each for panel in app.expander for each in panel.success]  # the panel closes after a merge
    merged = app.session_state["last_merged"]
    wait_for_job(merged)
    batch = workspace_of(two[0]).open(merged)
    assert (batch.manifest.name, batch.manifest.n_posts, batch.scored()) == ("Both", 20, 20)


def test_one_batch_cannot_be_merged(two: list[Batch]) -> None:
    app = open_at(places.UPLOAD, {"batch": two[0].id})
    app.multiselect(key="merged_batches").set_value([two[0].id]).run()
    assert next(each for each in app.button if each.label == "Merge").disabled


def test_notes_and_tags_are_stored_shown_and_filter_the_list(two: list[Batch]) -> None:
    app = open_at(places.UPLOAD, {"batch": two[0].id}, **{f"change_{two[0].id}": True})
    app.text_area(key="batch_note_spring").set_value(EVIL).run()
    app.multiselect(key="batch_tags_spring").set_value(["client"]).run()
    assert EVIL in [each.value for each in app.text]
    assert workspace_of(two[0]).notes.read_all()["spring"].tags == ("client",)
    names = [each.value for each in app.text]
    app.button_group(key="batch_tags").set_value(["client"]).run()
    assert len([each.value for each in app.text]) < len(names)
    assert EVIL in [each.value for each in app.text]


@pytest.mark.slow
def test_a_view_is_saved_and_applies_to_another_batch(two: list[Batch]) -> None:
    app = app_at(places.POSTS)
    app.query_params["batch"], app.query_params["sentiments"] = "spring", "negative"
    app.session_state["saved_views"] = True
    app.run()
    app.text_input(key="view_name").set_value("Complaints").run()
    assert not app.error
    view = workspace_of(two[0]).views.read_all()[0]
    assert (view.name, view.page) == ("Complaints", places.POSTS)
    assert view.address["sentiments"] == "negative"
    assert "batch" not in view.address
    other = open_at(places.OVERVIEW, {"batch": two[1].id}, saved_views=True)
    links = [each for each in other.get("page_link") if "Complaints" in each.proto.label]
    assert "sentiments=negative" in links[0].proto.query_string
    assert "batch=summer" in links[0].proto.query_string
    other.button(key="delete_view_0").click().run()
    assert workspace_of(two[0]).views.read_all() == []


def test_pages_without_posts_save_no_view(two: list[Batch]) -> None:
    app = open_at(places.CARD, {"batch": two[0].id}, saved_views=True)
    assert not [each for each in app.text_input if each.key == "view_name"]
