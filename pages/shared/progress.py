"""Progress of a batch's background job: a live bar with Cancel, a line for top words, and a button to resume."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from analysis.scoring.jobs import WORDS, Job, get_scoring_job, submit_scoring
from analysis.search.themes import STEPS
from analysis.training.own_labels.corrections import READING, VALIDATING
from analysis.wording import format_percent
from analysis.workspace import Batch
from pages.shared import labels
from pages.shared.engine import model
from pages.shared.messages import plain, show_error

ACTIVITIES = {
    "scoring": "Scoring",
    WORDS: "Computing top words",
    "heat maps": "Drawing heat maps",
    "report": "Writing the report",
    READING: "Reading labelled posts",
    VALIDATING: "Training",
    **STEPS,
}
_QUIET = (WORDS, READING, VALIDATING)
"""Phases that do not change the scores, so that their progress does not update the page."""
REDRAW_SECONDS = 0.2  # minimum time between two updates of a bar


class Bar:
    """A progress bar on the page; call its methods in the page's own thread.

    Args:
        activity: Such as "Reading".
        unit: What is counted, such as "files".
    """

    def __init__(self, activity: str, unit: str) -> None:
        self._activity, self._unit = activity, unit
        self._place = st.empty()
        self._last = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Show how many items are done."""
        self._draw(done, total, f"{self._activity}: {done:,} of {total:,} {self._unit}")

    def file(self, name: str, done: int, total: int) -> None:
        """Show how many bytes of a large file are done: "Reading posts.ndjson, 34 %"."""
        self._draw(done, total, f"{self._activity} {plain(name)}, {format_percent(done / max(total, 1))}")

    def remove(self) -> None:
        """Remove the bar from the page."""
        self._place.empty()

    def _draw(self, done: int, total: int, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= REDRAW_SECONDS:
            self._last = now
            self._place.progress(min(done / max(total, 1), 1.0), text=text)


@contextmanager
def bar(activity: str, unit: str) -> Iterator[Bar]:
    """Show a progress bar while the page waits for work; it disappears when the block ends; see `Bar`."""
    shown = Bar(activity, unit)
    yield shown
    shown.remove()


def start(batch: Batch, words: bool | None = None) -> None:
    """Score the unscored posts of a batch in the background.

    Args:
        batch: The batch.
        words: Whether to find the top words of each post too; None: only if the batch is small.
    """
    small = batch.manifest.n_posts <= batch.settings.words_up_to
    submit_scoring(batch, model, batch.settings, small if words is None else words)


def has_words(batch: Batch) -> bool:
    """Check whether the top words of all scored posts are stored."""
    return all(
        batch.has_part("words", index) for index in range(batch.n_parts) if batch.has_part("scores", index)
    )


def offer_words(batch: Batch) -> None:
    """Offer to compute top words if they were skipped because the batch is large."""
    if has_words(batch) or batch.scored() < batch.manifest.n_posts:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "The most influential words are missing for some posts. Computing them takes a moment per post.",
            width="content",
        )
        st.button(
            "Compute top words",
            key="compute_words",
            icon=":material/match_word:",
            on_click=start,
            args=(batch, True),
            disabled=is_busy(batch),
        )


def is_busy(batch: Batch) -> bool:
    """Check whether a job of the batch is waiting or running; only one at a time is allowed."""
    job = get_scoring_job(batch.id)
    return job is not None and job.active


def show_job(batch: Batch) -> None:
    """Show the running job of a batch, or a button to score the rest; nothing if the batch is complete."""
    job = get_scoring_job(batch.id)
    if job and job.active:
        (_show_background_job if job.pace.phase == WORDS else _show_running_job)(job, _stage(job))
        return
    if job and job.state == "failed" and job.error:
        show_error(job.error)
    scored, total = batch.scored(), batch.manifest.n_posts
    if scored < total:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"**Scored {scored:,} of {labels.posts(total)}.** The rest is not scored yet.",
                width="content",
            )
            resume = "Resume" if scored else "Score"
            st.button(
                resume,
                key="resume",
                icon=":material/play_arrow:",
                type="primary",
                on_click=start,
                args=(batch,),
            )


@st.fragment(run_every=1.0)
def _show_running_job(job: Job, stage: tuple[str, int]) -> None:
    if not job.active or _stage(job) != stage:
        st.rerun()  # update the page with the posts scored so far
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.pace.done / max(job.pace.total, 1), 1.0), text=status(job))
        st.button(
            "Cancel",
            key="cancel",
            icon=":material/stop:",
            help=None if job.pace.phase in _QUIET else "Keeps the scores computed so far.",
            on_click=job.cancel,
        )


@st.fragment(run_every=1.0)
def _show_background_job(job: Job, stage: tuple[str, int]) -> None:
    """Say that the scores are there, and how far top words are, which the page does not need."""
    if not job.active or _stage(job) != stage:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/check: **Done: {labels.posts(job.pace.total)} scored.** Top words follow in the background. "
            f"{status(job)}",
            width="content",
        )
        st.button("Cancel", key="cancel", type="tertiary", icon=":material/stop:", on_click=job.cancel)


def _stage(job: Job) -> tuple[str, int]:
    """Return the phase of a job and its progress in tenths; 0 for phases that do not update the page."""
    pace = job.pace
    return pace.phase, 0 if pace.phase in _QUIET else 10 * pace.done // max(pace.total, 1)


def status(job: Job) -> str:
    """Describe a job's progress: count, rate and time left, its step, or its position in the queue."""
    if job.state == "waiting":
        if not job.position:
            return "Starting"
        return f"Waiting for {job.position} other batch{'es' * (job.position != 1)}"
    pace = job.pace
    if pace.phase in STEPS:
        return f"Finding themes. {STEPS[pace.phase]}"
    activity = ACTIVITIES.get(pace.phase, "Finishing") if pace.done < pace.total else "Finishing"
    parts = [f"{activity}: {pace.done:,} of {labels.posts(pace.total)}"]
    if pace.rate:
        parts.append(f"{pace.rate:.1f} posts/s")
    if pace.seconds_left is not None:
        parts.append(f"{labels.duration(pace.seconds_left)} left")
    return " · ".join(parts)
