"""Batches that go away while a page shows them: a plain message with a link to Upload, and nothing else lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis import exporters, query
from analysis.workspace import Batch, Workspace
from pages.shared import places
from tests.pages.conftest import Open
from tests.scored import checked, media_with_image, some_posts

pytestmark = pytest.mark.slow

OF_A_BATCH = [places.OVERVIEW, places.POSTS, places.REASONS, places.EXPLAIN, places.REPORT]
STEPS: list[tuple[Any, str]] = [
    *((query, name) for name in ("count_matching_posts", "count_by", "count_tones", "count_by_deciding_modality")),
    *((query, name) for name in ("compute_totals", "count_by_period", "read_page", "read_post", "read_post_chunks")),
    *((query, name) for name in ("find_previous_and_next", "list_sortable_columns", "average_shares_by")),
    (query, "aggregate_top_words"),
    (query, "list_own_columns"),
    (exporters, "preview_report"),
    *((Batch, name) for name in ("report_paths", "scored", "has_part", "rejected", "media_path")),
]  # fmt: skip
"""Where pages read a batch."""


def delete_before(step: int, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Delete the batch before one of the steps at which pages read it; the returned function tells whether it was."""
    calls = 0

    def counted(read: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(read)
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == step:
                shutil.rmtree(batch.folder)
            return read(*args, **kwargs)

        return run

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return lambda: calls >= step


def says_deleted(app: AppTest) -> bool:
    said = " ".join(error.value for error in app.error).replace("\\", "")
    return "was deleted" in said or "does not exist" in said


def links(app: AppTest) -> list[str]:
    return [link.proto.page for link in app.get("page_link")]


@pytest.mark.parametrize("page", OF_A_BATCH)
def test_a_batch_deleted_elsewhere_is_named_with_a_link_to_upload(
    open_page: Open, batch: Batch, page: str
) -> None:
    app = open_page(page, batch=batch.id)
    shutil.rmtree(batch.folder)
    app.run()
    assert not app.exception
    assert "The batch “Spring” was deleted" in app.error[0].value
    assert "upload" in links(app)


@pytest.mark.parametrize("page", OF_A_BATCH)
def test_a_batch_deleted_while_a_page_reads_it_gives_a_plain_message(
    open_page: Open, batch: Batch, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = {"batch": batch.id, **({"post": "p3"} if page == places.EXPLAIN else {})}
    app = open_page(page, **address)
    kept = tmp_path / "kept"
    shutil.copytree(batch.folder, kept)
    for step in range(1, 40):
        with monkeypatch.context() as patch:
            deleted = delete_before(step, batch, patch)
            app.run()
        assert not app.exception, f"at step {step}"
        assert not app.error or says_deleted(app) or "cannot be read" in app.error[0].value
        if not deleted():
            break
        if batch.folder.exists():
            continue  # a page that needed nothing more of it
        app.run()
        assert not app.exception
        assert says_deleted(app), f"at step {step}"
        shutil.copytree(kept, batch.folder)
    else:
        raise AssertionError("the page reads the batch without end")
    assert step > 3


def test_callbacks_on_a_deleted_batch_say_so_and_keep_the_page(open_page: Open, batch: Batch) -> None:
    media = media_with_image(batch.folder.parents[1] / "media")
    Workspace(batch.folder.parents[1]).create(checked(some_posts(3)), media, "Other", batch_id="other")
    app = open_page(places.UPLOAD)
    shutil.rmtree(batch.folder)
    app.text_input(key=f"name_{batch.id}").set_value("Autumn")
    app.button(key=f"rename_{batch.id}").click().run()
    assert not app.exception
    assert says_deleted(app)
    assert any(text.value == "Other" for text in app.text)
    app.run()
    assert not app.error  # it is shown once


def test_deleting_a_missing_batch_shows_an_error(open_page: Open, batch: Batch) -> None:
    app = open_page(places.UPLOAD)
    app.button(key=f"delete_{batch.id}").click().run()
    shutil.rmtree(batch.folder)
    app.button(key="delete_for_good").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "batch" not in app.query_params


@pytest.mark.parametrize("page", [places.OVERVIEW, places.UPLOAD])
def test_a_workspace_removed_by_hand_leaves_pages_that_work(open_page: Open, batch: Batch, page: str) -> None:
    app = open_page(page)
    shutil.rmtree(batch.folder.parents[1])
    app.run()
    assert not app.exception
    app.query_params.clear()
    app.run()
    assert not app.exception
