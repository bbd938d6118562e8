import threading
import time
import uuid
from pathlib import Path

import pytest

from analysis.errors import BundleError
from analysis.model.bundle import Bundle
from analysis.scoring.jobs import Job, get_scoring_job, submit_scoring
from analysis.scoring.pace import Pace
from analysis.workspace import Batch
from tests.scored import new_batch


def wait(job: Job) -> Job:
    for _ in range(600):
        if not job.active:
            return job
        time.sleep(0.05)
    raise AssertionError(f"still {job.state}")


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return new_batch(tmp_path, batch_id=f"b{uuid.uuid4().hex}", part_posts=6)


@pytest.mark.slow
def test_a_job_scores_its_batch_and_can_be_found(batch: Batch, tiny_bundle: Bundle) -> None:
    job = wait(submit_scoring(batch, lambda: tiny_bundle, words=True))
    assert (job.state, job.pace.phase, job.pace.done, job.pace.total) == ("done", "words", 20, 20)
    assert get_scoring_job(batch.id) is job
    assert batch.scored() == 20


def test_a_batch_is_queued_once_and_jobs_wait_their_turn(tmp_path: Path, tiny_bundle: Bundle) -> None:
    gate = threading.Event()

    def load() -> Bundle:
        assert gate.wait(30)
        return tiny_bundle

    first, second = (new_batch(tmp_path / name, batch_id=name) for name in ("first", "second"))
    jobs = [submit_scoring(first, load), submit_scoring(second, load)]
    assert submit_scoring(first, load) is jobs[0]
    assert jobs[1].position == 1
    gate.set()
    assert [wait(job).state for job in jobs] == ["done", "done"]


@pytest.mark.slow
def test_words_wait_until_other_batches_are_scored(tmp_path: Path, tiny_bundle: Bundle) -> None:
    gate = threading.Event()

    def load() -> Bundle:
        assert gate.wait(30)
        return tiny_bundle

    first, second = (new_batch(tmp_path / name, batch_id=f"{name}{uuid.uuid4().hex}") for name in ("a", "b"))
    seen: list[tuple[str, bool, int]] = []

    def look() -> Bundle:
        job = get_scoring_job(first.id)
        assert job is not None
        seen.append((job.pace.phase, job.active, first.scored()))
        return tiny_bundle

    one = submit_scoring(first, load, words=True)
    other = submit_scoring(second, look)
    gate.set()
    assert [wait(job).state for job in (one, other)] == ["done", "done"]
    assert seen == [("words", True, 20)]
    assert first.has_part("words", 0)
    assert not second.has_part("words", 0)


def test_words_can_be_cancelled_and_scores_stay(batch: Batch, tiny_bundle: Bundle) -> None:
    loads = []

    def load() -> Bundle:
        loads.append(1)
        if len(loads) == 2:
            get_scoring_job(batch.id).cancel()  # type: ignore[union-attr]
        return tiny_bundle

    assert wait(submit_scoring(batch, load, words=True)).state == "cancelled"
    assert batch.scored() == 20
    assert not batch.has_part("words", 0)


def test_a_cancelled_job_keeps_its_parts_and_another_carries_on(batch: Batch, tiny_bundle: Bundle) -> None:
    def load() -> Bundle:
        get_scoring_job(batch.id).cancel()  # type: ignore[union-attr]
        return tiny_bundle

    assert wait(submit_scoring(batch, load)).state == "cancelled"
    assert batch.scored() == 0
    assert wait(submit_scoring(batch, lambda: tiny_bundle)).state == "done"
    assert batch.scored() == 20


@pytest.mark.slow
def test_a_failed_job_has_an_error_and_the_worker_continues(batch: Batch, tiny_bundle: Bundle) -> None:
    def refuse() -> Bundle:
        raise BundleError("Model 'x'", "was not found", "Use another.")

    def break_down() -> Bundle:
        raise ZeroDivisionError("by nought")

    job = wait(submit_scoring(batch, refuse))
    assert (job.state, str(job.error)) == ("failed", "Model 'x' was not found. Use another.")
    job = wait(submit_scoring(batch, break_down))
    assert "ZeroDivisionError: by nought" in str(job.error)
    assert wait(submit_scoring(batch, lambda: tiny_bundle)).state == "done"


def test_rate_and_time_left_follow_from_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 110.0, 120.0])
    monkeypatch.setattr("analysis.scoring.pace.time.monotonic", lambda: next(clock))
    pace = Pace("scoring", total=60)
    assert (pace.rate, pace.seconds_left) == (0.0, None)
    for done in (10, 20, 30):
        pace.update("scoring", done, 60)
    assert pace.rate == pytest.approx(1.0)
    assert pace.seconds_left == pytest.approx(30.0)
