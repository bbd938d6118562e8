"""Background jobs on batches: one worker thread, a queue, and progress that any page can read.

Top words are found in a second turn, so that no batch waits for the words of another one. Results are not kept in
jobs but in parts on disk. So closing a tab, cancelling a job or restarting the server does not lose finished parts.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from analysis.errors import PostLensError, ScoringError
from analysis.model.bundle import Bundle
from analysis.scoring.pace import Pace, Progress
from analysis.settings import Settings
from analysis.workspace import Batch

log = logging.getLogger(__name__)

WORDS = "words"
"""The phase in which top words are found: the scores are there already."""
Task = Callable[[Progress, Callable[[], bool]], bool]
"""Processes a batch: takes a progress callback and a function that says whether to stop. Returns True when all is
done, False when cancelled."""


@dataclass
class Job:
    """One queued or running task on a batch.

    Attributes:
        batch_id: The batch.
        pace: Progress and rate; the phase is "scoring", "words", or that of another task.
        state: "waiting", "running", "done", "cancelled" or "failed".
        error: Why it failed, or None.
    """

    batch_id: str
    pace: Pace
    state: str = "waiting"
    error: PostLensError | None = None
    _cancel: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ("waiting", "running")

    @property
    def position(self) -> int:
        """Number of jobs that must finish before this one starts."""
        with _guard:
            waiting = [job for job in _jobs.values() if job.active]
        return waiting.index(self) if self.state == "waiting" and self in waiting else 0

    def cancel(self) -> None:
        """Request a stop after the part in progress."""
        self._cancel.set()


_guard = threading.Lock()
_jobs: dict[str, Job] = {}  # the newest job of each batch, in the order they were submitted
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()


def submit_job(batch: Batch, task: Task, then: tuple[str, Task] | None = None) -> Job:
    """Queue a task on a batch; a batch that is already queued keeps its job.

    Args:
        batch: The batch.
        task: The task.
        then: A phase and its task, which the job continues with once `task` is done and all jobs that were waiting
            by then are; None for none.

    Returns:
        The job; `get_scoring_job` returns it again.
    """
    with _guard:
        known = _jobs.get(batch.id)
        if known is not None and known.active:
            return known
        job = Job(batch.id, Pace("scoring", total=batch.manifest.n_posts))
        _jobs.pop(batch.id, None)
        _jobs[batch.id] = job
        _waiting.put(partial(_run_job, job, task, then))
        _start_worker()
    return job


def submit_scoring(
    batch: Batch, load: Callable[[], Bundle], settings: Settings | None = None, words: bool = False
) -> Job:
    """Queue a batch for scoring; see `submit_job`.

    Args:
        batch: The batch.
        load: Returns the model; called by the worker, so that the page does not wait for it.
        settings: Limits.
        words: Also find top words, after the scores and after all batches that were waiting by then.

    Returns:
        The job.
    """

    def score(words: bool, progress: Progress, cancelled: Callable[[], bool]) -> bool:
        # Imported here because it imports torch, which pages should not wait for.
        from analysis.scoring.pipeline import score_batch

        return score_batch(batch, load(), settings or Settings(), words, progress, cancelled)

    return submit_job(batch, partial(score, False), (WORDS, partial(score, True)) if words else None)


def get_scoring_job(batch_id: str) -> Job | None:
    """Return the newest job of a batch in this process, or None."""
    with _guard:
        return _jobs.get(batch_id)


@cache
def _start_worker() -> None:
    """Start the worker; a daemon, so that the server can stop without waiting for a job."""

    def run_jobs() -> None:
        while True:
            _waiting.get()()

    threading.Thread(target=run_jobs, name="scoring", daemon=True).start()


def _continue_later(job: Job, phase: str, task: Task) -> None:
    """Queue a job again for a further phase, behind all jobs that are waiting."""
    with _guard:
        _jobs.pop(job.batch_id)
        _jobs[job.batch_id] = job
        job.pace.update(phase, 0, job.pace.total)
        job.state = "waiting"
        _waiting.put(partial(_run_job, job, task, None))


def _run_job(job: Job, task: Task, then: tuple[str, Task] | None) -> None:
    if job._cancel.is_set():
        job.state = "cancelled"
        return
    job.state = "running"
    try:
        finished = task(job.pace.update, job._cancel.is_set)
        if finished and then:
            _continue_later(job, *then)
        else:
            job.state = "done" if finished else "cancelled"
    except PostLensError as error:
        job.error, job.state = error, "failed"
    except Exception as error:  # the worker must survive any error
        log.exception("scoring of batch %s failed", job.batch_id)
        job.error = ScoringError(
            "Scoring", f"stopped: {type(error).__name__}: {error}", "Resume; finished parts are kept."
        )
        job.state = "failed"
