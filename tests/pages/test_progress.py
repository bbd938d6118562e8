"""The job of a batch on pages: a bar while posts are scored, one line while top words follow."""

from __future__ import annotations

import pytest

from analysis.scoring.jobs import Job
from analysis.scoring.pace import Pace
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions


@pytest.fixture
def job(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A running job that every page sees."""
    running = Job(batch.id, Pace("scoring", done=5, total=20), state="running")
    monkeypatch.setattr("pages.shared.progress.get_scoring_job", lambda _: running)
    return running


@pytest.mark.slow
def test_scoring_has_a_bar(open_page: Open, batch: Batch, job: Job) -> None:
    app = open_page(places.OVERVIEW, batch=batch.id)
    assert not app.exception
    assert "Scoring: 5 of 20 posts" in app.get("progress")[0].proto.text
    app.button(key="cancel").click().run()
    assert job._cancel.is_set()


@pytest.mark.slow
def test_scores_are_done_while_top_words_follow_on_a_line_of_their_own(
    open_page: Open, batch: Batch, job: Job
) -> None:
    job.pace.update("words", 5, 20)
    app = open_page(places.REASONS, batch=batch.id)
    assert not app.exception
    assert not app.get("progress")
    assert "Done: 20 posts scored" in captions(app)
    assert "Computing top words: 5 of 20 posts" in captions(app)
    app.button(key="cancel").click().run()
    assert job._cancel.is_set()
