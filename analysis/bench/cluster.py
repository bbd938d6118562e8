"""`postlens bench cluster`: how much faster two workers score than one.

Each worker runs on a separate Ray node that is bound to one core, so that a single worker cannot use the second core
to open images. Posts are synthetic, and their images are cropped so that all differ. Speed after start-up is measured
after the first fifth of the posts, when every worker has loaded its model.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from analysis.bench.synthetic_posts import generate_synthetic_posts
from analysis.intake import CheckedBatch, Counts, InputFile, rejected_frame
from analysis.intake.media import check_and_store_image
from analysis.model import Bundle
from analysis.posts import post_frame
from analysis.scoring.cluster import OBJECT_STORE_BYTES, score_on_cluster
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace

TARGET = 1.7
PART_POSTS = 64  # small parts for fine-grained progress
STARTED = 0.2  # share of posts after which every worker has loaded its model


@dataclass(frozen=True)
class ClusterSpeed:
    """Posts per second, in total and after start-up."""

    total: float
    started: float


def write_synthetic_cluster_batch(home: Path, posts: int, folder: Path) -> Batch:
    """Write a batch in which 43 % of the posts have one to three images, all different."""
    workspace, media = Workspace(home, Settings(part_posts=PART_POSTS)), home / "media"
    rows = generate_synthetic_posts(0, posts, [str(number) for number in range(97)]).to_pylist()
    many = sum(len(post["images"]) for post in rows)
    images = iter(
        [
            check_and_store_image(file, media, workspace.settings).media_id
            for file in _crop_images(folder, many)
        ]
    )
    for post in rows:
        post["images"] = [next(images) for _ in post["images"]]
    counts = {"row": Counts(expected=posts, received=posts, rejected=0)}
    checked = CheckedBatch(post_frame(rows), rejected_frame([]), counts)
    return workspace.create(checked, media, "cluster", batch_id="cluster")


def measure_workers(batch: Batch, bundle: Bundle, workers: int) -> ClusterSpeed:
    """Score a batch from scratch, with one single-core node per worker."""
    for kind in ("encodings", "embeddings", "scores", "copies"):
        batch.clear(kind)
    reports: list[tuple[float, int]] = []
    with start_benchmark_nodes(workers) as address:
        start = time.perf_counter()
        score_on_cluster(
            batch,
            bundle,
            address=address,
            workers=workers,
            progress=lambda _phase, done, _total: reports.append((time.perf_counter(), done)),
        )
        seconds = time.perf_counter() - start
    posts = batch.manifest.n_posts
    first, done = next(each for each in reports if each[1] >= STARTED * posts)
    return ClusterSpeed(posts / seconds, (posts - done) / (reports[-1][0] - first))


@contextmanager
def start_benchmark_nodes(count: int) -> Iterator[str]:
    """Start a head node without workers, and worker nodes bound to one core each; yield the address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    small: dict[str, Any] = {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    cores = os.sched_getaffinity(0)
    try:
        for core in sorted(cores)[:count]:
            os.sched_setaffinity(0, {core})  # new processes inherit it
            cluster.add_node(num_cpus=1, **small)
        os.sched_setaffinity(0, cores)
        yield cluster.address
    finally:
        cluster.shutdown()


def _crop_images(folder: Path, many: int) -> Iterator[InputFile]:
    sources = [Image.open(path).convert("RGB") for path in sorted(folder.glob("*.jpg"))]
    for number in range(many):
        image = sources[number % len(sources)]
        edge = number // len(sources) + 1
        cropped = io.BytesIO()
        image.crop((edge, edge, image.width, image.height)).save(cropped, "JPEG")
        yield InputFile(f"{number}.jpg", cropped.getvalue())


def time_cluster(bundle: Bundle, posts: int, images: Path) -> Iterator[str]:
    """Time one worker and two workers, and yield lines of a table.

    Args:
        bundle: The model.
        posts: Number of posts.
        images: Folder of JPEG images.
    """
    with TemporaryDirectory(prefix="postlens-bench-") as folder:
        batch = write_synthetic_cluster_batch(Path(folder), posts, images)
        many = int(batch.posts()["images"].map(len).sum())
        yield f"{bundle.id}, {posts:,} posts, {many:,} images, {batch.n_parts} parts"
        one, two = (measure_workers(batch, bundle, workers) for workers in (1, 2))
    yield f"{'posts/s':24}{'1 worker':>10}{'2 workers':>11}{'ratio':>8}{'target':>10}"
    for name, a, b, target in (
        ("after start-up", one.started, two.started, f"{TARGET:.1f}"),
        ("with start-up", one.total, two.total, ""),
    ):
        yield f"{name:24}{a:>10.1f}{b:>11.1f}{b / a:>8.2f}{target:>10}".rstrip()
