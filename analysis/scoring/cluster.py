"""Scoring a batch on a Ray cluster: workers of one core each score its parts and write them to the workspace.

Ray Data distributes only the numbers of the parts. Workers read posts and images and write results in the
workspace, which must be on a disk that every node mounts at the same path. Parts are written atomically, so those of
a failed node can be repeated on another one. Scores are bit-identical across workers.
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
from analysis.scoring.pace import Progress, ignore_progress
from analysis.scoring.pipeline import prepare_batch, update_copies
from analysis.scoring.scorer import (
    count_posts_to_score,
    list_missing_parts,
    part_encoder,
    score_part,
    write_part_results,
)
from analysis.settings import MB, Settings
from analysis.temporary import OWNER_ONLY_FILE
from analysis.workspace import Batch
from analysis.workspace.layout import STOP

log = logging.getLogger(__name__)

OBJECT_STORE_BYTES = 128 * MB
"""For a Ray started here: only part numbers pass through it, and Ray would reserve 30 % of the memory by default."""

THREADS = ("StreamingExecutor", "iter_threaded")
"""Prefixes of the names of Ray Data's threads."""


def score_on_cluster(
    batch: Batch,
    bundle: Bundle,
    settings: Settings | None = None,
    address: str | None = None,
    workers: int | None = None,
    gpus: float = 0.0,
    progress: Progress = ignore_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Score every post of a batch that has no score from this model yet, on many cores or machines.

    Scores, encodings and near copies equal those of `score_batch`: with OpenVINO to the last bit on the same kind of
    processor. With PyTorch, which runs batches of fewer than `Settings.openvino_from` posts, encodings of images
    depend on the number of threads (here one), by 6e-6 on the sample images. Top words that are not
    computed with the scores (`Bundle.part_encoders`) are not found here; call `score_batch` with `words=True`.

    Args:
        batch: On a disk that every node mounts at the same path.
        bundle: The model. A shipped one is loaded by name on each node; any other is loaded from its folder, which
            must also be on such a disk.
        settings: Limits.
        address: Address of a Ray cluster, as for `ray.init`; None starts Ray on this machine for this call. If this
            process is already connected to a cluster, that one is used.
        workers: Number of workers, of one core each; None for as many as cores and GPUs allow.
        gpus: GPUs per worker, which then encodes with PyTorch on a GPU; 0.5 lets two share one, 0 uses none.
        progress: Called at the start and after each part.
        cancelled: Checked between parts; parts already started are finished and kept.

    Returns:
        True if all posts are scored, False if cancelled.

    Raises:
        ScoringError: Ray is not installed or cannot be reached, it has too few GPUs, an image is missing or damaged,
            a node cannot find the workspace, or the cluster failed and parts are still missing.
        WorkspaceError: Another process is scoring the batch.
    """
    settings = settings or Settings()
    with batch.lock_for_scoring(), _connected(address, workers):
        damaged = prepare_batch(batch, bundle)
        missing, total = list_missing_parts(batch, bundle), batch.manifest.n_posts
        done = total - count_posts_to_score(batch, missing)
        progress("scoring", done, total)
        stop = batch.folder / STOP
        stop.unlink(missing_ok=True)  # a killed run may have left it
        try:
            for index in _score_by_workers(batch, bundle, settings, missing, workers, gpus):
                done += batch.part_size(index)
                progress("scoring", done, total)
                if cancelled():
                    stop.touch(OWNER_ONLY_FILE)
            if stop.exists() and done < total:
                return False
        finally:
            stop.unlink(missing_ok=True)
        if left := len(list_missing_parts(batch, bundle)):
            raise ScoringError(
                f"Batch {batch.id}",
                f"has {left:,} of {batch.n_parts:,} parts without scores: the cluster failed, or the workers' files "
                "are not visible here",
                "Check Ray's logs and that every node mounts the workspace, then resume; finished parts are kept.",
            )
        update_copies(batch)
        if not damaged:
            return True
        from analysis.scoring.gradient_words import find_top_words

        return find_top_words(batch, bundle, damaged, settings, progress, cancelled)


@dataclass
class PartScorer:
    """One worker: loads the model for its first part, then scores one part after another on one core.

    Attributes:
        folder: The batch's folder.
        settings: Limits.
        bundle: The model's name or folder.
        bundle_id: The expected id of the model: nodes may have other versions of PostLens.
    """

    folder: Path
    settings: Settings
    bundle: str
    bundle_id: str
    _score: Callable[[int], None] | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Score the part `row["index"]`; errors are returned as text, because Ray would wrap exceptions."""
        index = int(row["index"])
        error_text = ("", "", "")
        if (self.folder / STOP).exists():
            return _make_result(index, error_text, done=False)
        try:
            self._score = self._score or self._load()
            self._score(index)
        except PostLensError as error:
            error_text = (error.thing, error.fact, error.remedy)
        except Exception as error:
            log.exception("part %d of batch %s failed", index, self.folder.name)
            error_text = (
                f"Part {index} of batch {self.folder.name}",
                f"failed on node {socket.gethostname()} ({type(error).__name__}: {error})",
                "Resume; if it fails again, score it by another engine than ray.",
            )
        return _make_result(index, error_text, done=not any(error_text))

    def _load(self) -> Callable[[int], None]:
        import torch

        torch.set_num_threads(1)
        where = f"node {socket.gethostname()}"
        if not self.folder.is_dir():
            raise ScoringError(
                f"Batch {self.folder.name}",
                f"does not exist at {self.folder} on {where}",
                "Put the workspace on a disk that every node mounts at the same path.",
            )
        batch, bundle = Batch(self.folder, self.settings), load_model(self.bundle)
        if bundle.id != self.bundle_id:
            raise ScoringError(
                f"Model {self.bundle}",
                f"is {bundle.id} on {where}, but {self.bundle_id} where scoring was started",
                "Install the same PostLens on every node, or store the bundle on a disk that all nodes mount.",
            )
        encode = part_encoder(batch, bundle, self.settings, "auto", threads=1)

        def score(index: int) -> None:
            posts = batch.part_of_posts(index)
            write_part_results(batch, index, score_part(bundle, posts, encode(index, posts), self.settings))

        return score


def _make_result(index: int, error_text: tuple[str, str, str], done: bool) -> dict[str, Any]:
    return {"index": index, "done": done, **dict(zip(("thing", "fact", "remedy"), error_text, strict=True))}


def _score_by_workers(
    batch: Batch, bundle: Bundle, settings: Settings, missing: list[int], workers: int | None, gpus: float
) -> Iterator[int]:
    """Score parts with a pool of workers.

    Ray Data restarts a dead worker and repeats its parts. If its node is gone and no other has a free core, they are
    repeated after the remaining workers have done everything else; if no node is left, after one has joined.

    Yields:
        The number of each part once it is written.

    Raises:
        ScoringError: A worker could not score a part, or there are too few GPUs.
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
            "Use fewer GPUs per worker, or none.",
        )
    pool = ray.data.ActorPoolStrategy(
        size=min(workers or most, len(missing)),
        max_tasks_in_flight_per_actor=2,  # so that workers do not wait for their next part
    )
    scorer: Any = PartScorer  # Ray accepts classes, but its types do not say so
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
    """Connect to a cluster, or start one, without usage reports and with little output."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ScoringError(
            "Engine ray",
            "is not installed",
            "Run `pip install postlens[scale]`, or `pip install .[scale]` in a clone; or choose another engine.",
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
    logs.setLevel(logging.CRITICAL)  # errors are reported by `_score_by_workers`
    try:
        yield
    finally:
        logs.setLevel(level)
        for thread in threading.enumerate():
            if thread.name.startswith(THREADS):
                thread.join(timeout=10)
        with suppress(Exception):  # a cluster that is gone
            ray.shutdown()
