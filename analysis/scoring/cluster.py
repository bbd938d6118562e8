"""Scoring a batch on a Ray cluster: workers of one core take its parts, and write them where one machine would.

Ray Data hands out the parts' numbers alone; posts, pictures and results are read and written by the workers, in the
workspace, which must lie on a disk that every node sees at the same path. A part is there whole or not at all, so
what a dying node leaves undone is given to another one, and whichever does a part writes the same to the last bit.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import PostLensError, ScoringError
from analysis.model.bundle import SHIPPED, Bundle, load_model
from analysis.scoring.pipeline import (
    Progress,
    encoding_of,
    find_words,
    make_ready,
    mark_copies,
    missing_parts,
    score_part,
    write_parts,
)
from analysis.settings import MB, Settings
from analysis.temporary import OWNER_ONLY_FILE
from analysis.workspace import Batch
from analysis.workspace.layout import STOP

log = logging.getLogger(__name__)

OBJECT_STORE_BYTES = 128 * MB
"""Of a Ray started here: only numbers of parts pass through it, and Ray would set 30 % of the memory aside."""

THREADS = ("StreamingExecutor", "iter_threaded")
"""How Ray Data's threads are called."""


def score_on_cluster(
    batch: Batch,
    bundle: Bundle,
    settings: Settings | None = None,
    address: str | None = None,
    workers: int | None = None,
    gpus: float = 0.0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Score every post of a batch that has no score from this model yet, on many cores or machines.

    Scores, encodings and near copies are those of `score_batch`: by OpenVINO to the last bit where the processor is
    the same. By PyTorch, which runs batches under `Settings.openvino_from`, pictures' encodings depend on the number
    of threads, here one: by 6e-6 on the sample pictures. Top words are not found here; `score_batch` with
    `words=True` finds them afterwards.

    Args:
        batch: On a disk that every node sees at the same path.
        bundle: The model. One that PostLens ships is found by name on each node, another by its folder, which must
            be on such a disk too.
        settings: Limits.
        address: Of a Ray cluster, as `ray.init` takes it; None starts Ray on this machine for as long as this takes.
            Where this process is connected to a cluster already, that one is used.
        workers: Of one core each; None for as many as there are cores, and GPUs for.
        gpus: Of each worker, which then encodes by PyTorch on a GPU; 0.5 lets two share one. By 0 none is used.
        progress: Told at the start and after each part.
        cancelled: Asked between parts; those that are begun are finished, and stay.

    Returns:
        True when all is done, False when cancelled.

    Raises:
        ScoringError: Ray is not installed or not reached, it has too few GPUs, a picture is missing or damaged,
            a node does not see the workspace, or the cluster failed: parts are then still missing.
        WorkspaceError: Another process is scoring the batch.
    """
    settings, progress = settings or Settings(), progress or (lambda *_: None)
    with batch.being_scored(), _connected(address, workers):
        damaged = make_ready(batch, bundle)
        missing, total = missing_parts(batch, bundle), batch.manifest.n_posts
        done = total - sum(batch.part_size(index) for index in missing)
        progress("scoring", done, total)
        stop = batch.folder / STOP
        stop.unlink(missing_ok=True)  # of a run that was killed
        try:
            for index in _scored_parts(batch, bundle, settings, missing, workers, gpus):
                done += batch.part_size(index)
                progress("scoring", done, total)
                if cancelled():
                    stop.touch(OWNER_ONLY_FILE)
            if stop.exists() and done < total:
                return False
        finally:
            stop.unlink(missing_ok=True)
        if left := len(missing_parts(batch, bundle)):
            raise ScoringError(
                f"Batch {batch.id}",
                f"has {left:,} of {batch.n_parts:,} parts without scores: the cluster failed, or what workers wrote "
                "is not seen here",
                "Look at Ray's logs, check that every node sees the workspace, and resume; finished parts stay.",
            )
        mark_copies(batch)
        return find_words(batch, bundle, damaged, settings, progress, cancelled)


@dataclass
class PartScorer:
    """One worker: loads the model when its first part comes, then scores part after part on one core.

    Attributes:
        folder: The batch's.
        settings: Limits.
        bundle: The model's name or folder.
        bundle_id: What the model must be: nodes may have other versions of PostLens.
    """

    folder: Path
    settings: Settings
    bundle: str
    bundle_id: str
    _score: Callable[[int], None] | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Score the part `row["index"]`; an error is returned in words, since Ray would wrap what is raised."""
        index = int(row["index"])
        told = ("", "", "")
        if (self.folder / STOP).exists():
            return _answer(index, told, done=False)
        try:
            self._score = self._score or self._loaded()
            self._score(index)
        except PostLensError as error:
            told = (error.thing, error.fact, error.remedy)
        except Exception as error:
            log.exception("part %d of batch %s failed", index, self.folder.name)
            told = (
                f"Part {index} of batch {self.folder.name}",
                f"failed on node {socket.gethostname()} ({type(error).__name__}: {error})",
                "Resume; if it fails again, score it by another engine than ray.",
            )
        return _answer(index, told, done=not any(told))

    def _loaded(self) -> Callable[[int], None]:
        import torch

        torch.set_num_threads(1)
        where = f"node {socket.gethostname()}"
        if not self.folder.is_dir():
            raise ScoringError(
                f"Batch {self.folder.name}",
                f"does not stand at {self.folder} on {where}",
                "Put the workspace on a disk that every node sees at the same path.",
            )
        batch, bundle = Batch(self.folder, self.settings), load_model(self.bundle)
        if bundle.id != self.bundle_id:
            raise ScoringError(
                f"Model {self.bundle}",
                f"is {bundle.id} on {where}, but {self.bundle_id} where scoring was started",
                "Install the same PostLens on every node, or keep the bundle on a disk that all see.",
            )
        encode = encoding_of(batch, bundle, self.settings, "auto", threads=1)

        def score(index: int) -> None:
            posts = batch.part_of_posts(index)
            write_parts(batch, index, score_part(bundle, posts, encode(index, posts), self.settings))

        return score


def _answer(index: int, told: tuple[str, str, str], done: bool) -> dict[str, Any]:
    return {"index": index, "done": done, **dict(zip(("thing", "fact", "remedy"), told, strict=True))}


def _scored_parts(
    batch: Batch, bundle: Bundle, settings: Settings, missing: list[int], workers: int | None, gpus: float
) -> Iterator[int]:
    """Have parts scored by a pool of workers.

    Ray Data starts a dead worker again and gives it its parts again. Where its node is gone and no other has a core
    to spare, that is when the workers that are left have done all else; where no node is left, when one has joined.

    Yields:
        The number of each part when it is written.

    Raises:
        ScoringError: A worker says why a part cannot be scored, or there is no GPU for any.
    """
    import ray
    import ray.data

    if not missing:
        return
    has = ray.cluster_resources()
    most = int(has.get("CPU", 1))
    if gpus:
        most = min(most, int(has.get("GPU", 0) / gpus))
    if not most:
        raise ScoringError(
            "The Ray cluster",
            f"has {has.get('GPU', 0):g} GPUs, too few for a worker with {gpus:g}",
            "Ask for fewer a worker, or for none.",
        )
    pool = ray.data.ActorPoolStrategy(
        size=min(workers or most, len(missing)),
        max_tasks_in_flight_per_actor=2,  # the next part is there when one is done
    )
    scorer: Any = PartScorer  # Ray takes classes too, but does not say so
    place = bundle.name if bundle.folder.parent == SHIPPED else str(bundle.folder.resolve())
    parts = ray.data.from_items(
        [{"index": index} for index in missing], override_num_blocks=len(missing)
    ).map(
        scorer,
        fn_constructor_args=(batch.folder.resolve(), settings, place, bundle.id),
        compute=pool,
        num_cpus=1,
        num_gpus=gpus or None,
    )
    parts.context.enable_progress_bars = False
    parts.context.print_on_execution_start = False
    failed: list[ScoringError] = []
    try:
        for row in parts.iter_rows():
            if row["done"]:
                yield row["index"]
            elif row["thing"]:
                failed.append(ScoringError(row["thing"], row["fact"], row["remedy"]))
                (batch.folder / STOP).touch(OWNER_ONLY_FILE)
    except ray.exceptions.RayError as error:
        log.warning("batch %s: the cluster failed: %s", batch.id, str(error).partition("\n")[0])
    if failed:
        raise failed[0]


@contextmanager
def _connected(address: str | None, workers: int | None) -> Iterator[None]:
    """Connect to a cluster, or start one; nothing is reported to Ray's makers, and little is printed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ScoringError(
            "Engine ray", "is not installed", "Run `pip install postlens[scale]`, or choose another engine."
        ) from error
    if ray.is_initialized():
        yield
        return
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if not address:
        options |= {
            "num_cpus": workers,
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE_BYTES,
        }
    try:
        ray.init(address or "local", **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise ScoringError(
            f"The Ray cluster {address}" if address else "Ray",
            f"cannot be reached ({str(error).partition(chr(10))[0]})",
            "Check its address, and that `ray start` was run there with the same versions of Python and Ray.",
        ) from error
    logs = logging.getLogger("ray.data")
    level = logs.level
    logs.setLevel(logging.CRITICAL)  # what failed is told in our words
    try:
        yield
    finally:
        logs.setLevel(level)
        for thread in threading.enumerate():
            if thread.name.startswith(THREADS):
                thread.join(timeout=10)
        with suppress(Exception):  # a cluster that is gone
            ray.shutdown()
