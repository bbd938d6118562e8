"""Work on batches in the background, scoring first of all: one worker, a queue, progress that any page can read.

A job holds no results; they are parts on disk. So a closed tab, a cancelled job or a restarted server lose
nothing that was finished.
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
from analysis.scoring.pace import Pace
from analysis.settings import Settings
from analysis.workspace import Batch

log = logging.getLogger(__name__)

Tell = Callable[[str, int, int], None]
"""Takes the phase, posts done and posts in all."""
Work = Callable[[Batch, Callable[[], Bundle], Settings, Tell, Callable[[], bool]], bool]
"""Works on a batch, loads the model if it needs one, tells how far it is, asks whether it is cancelled; True when all
is done."""


@dataclass
class Job:
    """One batch being scored.

    Attributes:
        batch_id: Which batch.
        pace: How far it is, and how fast; the phase is "scoring", "words", or that of other work.
        state: "waiting", "running", "done", "cancelled" or "failed".
        error: Why it failed.
    """

    batch_id: str
    pace: Pace
    state: str = "waiting"
    error: PostLensError | None = None
    _cancel: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def position(self) -> int:
        """How many jobs are to finish before this one starts."""
        with _guard:
            waiting = [job for job in _jobs.values() if job.active]
        return waiting.index(self) if self.state == "waiting" and self in waiting else 0

    def cancel(self) -> None:
        """Ask it to stop after the part in flight."""
        self._cancel.set()


_guard = threading.Lock()
_jobs: dict[str, Job] = {}  # the newest job of each batch, in the order they were submitted
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()


def submit(
    batch: Batch,
    load: Callable[[], Bundle],
    settings: Settings | None = None,
    words: bool = False,
    work: Work | None = None,
) -> Job:
    """Queue a batch for scoring, or for other work; a batch that is already queued keeps its job.

    Args:
        batch: What to score.
        load: Gives the model; called by the worker, so that the page does not wait for it.
        settings: Limits.
        words: Also find top words.
        work: Done in place of scoring.

    Returns:
        The job; `job_of` finds it again.
    """
    with _guard:
        known = _jobs.get(batch.id)
        if known is not None and known.active:
            return known
        job = Job(batch.id, Pace("scoring", total=batch.manifest.n_posts))
        _jobs.pop(batch.id, None)
        _jobs[batch.id] = job
        _waiting.put(partial(_run, job, batch, load, settings or Settings(), work or _scoring(words)))
        _start_worker()
    return job


def job_of(batch_id: str) -> Job | None:
    """The newest job of a batch in this process, or None."""
    with _guard:
        return _jobs.get(batch_id)


@cache
def _start_worker() -> None:
    """Start the one worker; a daemon, so that stopping the server does not wait for a job: its parts are safe."""

    def work() -> None:
        while True:
            _waiting.get()()

    threading.Thread(target=work, name="scoring", daemon=True).start()


def _scoring(words: bool) -> Work:
    def score(
        batch: Batch,
        load: Callable[[], Bundle],
        settings: Settings,
        tell: Tell,
        cancelled: Callable[[], bool],
    ) -> bool:
        # Imported here since it brings torch, and pages need to know of jobs at once.
        from analysis.scoring.pipeline import score_batch

        return score_batch(batch, load(), settings, words, tell, cancelled)

    return score


def _run(job: Job, batch: Batch, load: Callable[[], Bundle], settings: Settings, work: Work) -> None:
    if job._cancel.is_set():
        job.state = "cancelled"
        return
    job.state = "running"
    try:
        finished = work(batch, load, settings, job.pace.tell, job._cancel.is_set)
        job.state = "done" if finished else "cancelled"
    except PostLensError as error:
        job.error, job.state = error, "failed"
    except Exception as error:  # the worker must outlive whatever one batch does
        log.exception("scoring of batch %s failed", batch.id)
        job.error = ScoringError(
            "Scoring", f"stopped: {type(error).__name__}: {error}", "Finished parts are kept; resume."
        )
        job.state = "failed"
