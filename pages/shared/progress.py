"""How far the scoring of a batch is: a bar that moves by itself, Cancel, and Resume where it was left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from analysis.scoring.jobs import Job, job_of, submit
from analysis.settings import Settings
from analysis.workspace import Batch
from pages.shared import labels
from pages.shared.engine import model
from pages.shared.messages import show_error

DOING = {
    "scoring": "Scoring",
    "words": "Finding top words",
    "heat maps": "Drawing heat maps",
    "report": "Writing the report",
}


REDRAWN = 0.2  # seconds between two drawings of a bar


@contextmanager
def bar(doing: str, things: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar for work that the page waits for; it goes when the block ends.

    Args:
        doing: Such as "Reading".
        things: What is counted, such as "files".

    Yields:
        A function that takes how many are done and how many there are, to be called in the page's own thread.
    """
    place = st.empty()
    last = float("-inf")

    def move(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < REDRAWN:
            return
        last = now
        place.progress(min(done / max(total, 1), 1.0), text=f"{doing}: {done:,} of {total:,} {things}")

    yield move
    place.empty()


def start(batch: Batch, words: bool | None = None) -> None:
    """Score what is not scored yet of a batch, in the background.

    Args:
        batch: The batch.
        words: Whether to find the top words of each post too; None: where the batch is small enough.
    """
    settings = Settings()
    small = batch.manifest.n_posts <= settings.words_up_to
    submit(batch, model, settings, small if words is None else words)


def busy(batch: Batch) -> bool:
    """Say whether a job of a batch waits or runs: another is not taken before it ends."""
    job = job_of(batch.id)
    return job is not None and job.active


def show(batch: Batch) -> None:
    """Show the running job of a batch, or what is left to do; nothing for a batch that is complete."""
    job = job_of(batch.id)
    if job and job.active:
        _watch(job, _stage(job))
        return
    if job and job.state == "failed" and job.error:
        show_error(job.error)
    scored, total = batch.scored(), batch.manifest.n_posts
    if scored < total:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"**Scored {scored:,} of {labels.posts(total)}.** The rest has no scores yet.",
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
def _watch(job: Job, stage: tuple[str, int]) -> None:
    if not job.active or _stage(job) != stage:
        st.rerun()  # the page below shows what is scored by now
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.pace.done / max(job.pace.total, 1), 1.0), text=in_words(job))
        st.button(
            "Cancel", key="cancel", icon=":material/stop:", help="Keeps what is scored", on_click=job.cancel
        )


def _stage(job: Job) -> tuple[str, int]:
    """The phase of a job, and how many tenths of it are done."""
    return job.pace.phase, 10 * job.pace.done // max(job.pace.total, 1)


def in_words(job: Job) -> str:
    """Say how far a job is: count, rate, time left, or how many batches wait before it."""
    if job.state == "waiting":
        ahead = (
            f"{job.position} other batch{'es' * (job.position != 1)} first" if job.position else "starting"
        )
        return f"Waiting: {ahead}"
    pace = job.pace
    doing = DOING.get(pace.phase, "Finishing") if pace.done < pace.total else "Finishing"
    parts = [f"{doing}: {pace.done:,} of {labels.posts(pace.total)}"]
    if pace.rate:
        parts.append(f"{pace.rate:.1f} posts/s")
    if pace.seconds_left is not None:
        parts.append(f"{labels.duration(pace.seconds_left)} left")
    return " · ".join(parts)
