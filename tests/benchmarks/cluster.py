"""How much faster two workers score than one: `python -m tests.benchmarks.cluster [--posts 1500]`.

Each worker has a Ray node of its own that is held to one core, so that one worker cannot use the second core for
opening pictures. Posts are made ones (`made_posts`), their pictures the sample pictures, cropped so that no two are
the same. Speed after start-up is that of the posts after the first fifth: by then every worker has its model.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from analysis.intake import CheckedBatch, Counts, InputFile, rejected_frame
from analysis.intake.media import store_picture
from analysis.model import Bundle, load_model
from analysis.posts import post_frame
from analysis.scoring.cluster import OBJECT_STORE_BYTES, score_on_cluster
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from tests.benchmarks.made_batch import PICTURES
from tests.benchmarks.made_posts import made_posts

TARGET = 1.7
PART_POSTS = 64  # small parts tell apart when each is done
STARTED = 0.2  # share of the posts by which every worker has its model


@dataclass(frozen=True)
class Speed:
    """Posts a second: from the call to its end, and after start-up."""

    whole: float
    started: float


def unscored_batch(home: Path, posts: int) -> Batch:
    """Make a batch of which 43 % have one to three pictures, none of them twice."""
    workspace, media = Workspace(home, Settings(part_posts=PART_POSTS)), home / "media"
    made = made_posts(0, posts, [str(number) for number in range(97)]).to_pylist()
    many = sum(len(post["images"]) for post in made)
    pictures = iter([store_picture(file, media, workspace.settings).media_id for file in _pictures(many)])
    for post in made:
        post["images"] = [next(pictures) for _ in post["images"]]
    counts = {"row": Counts(expected=posts, received=posts, rejected=0)}
    checked = CheckedBatch(post_frame(made), rejected_frame([]), counts)
    return workspace.create(checked, media, "cluster", batch_id="cluster")


def speed(batch: Batch, bundle: Bundle, workers: int) -> Speed:
    """Score a batch anew on so many nodes of one core."""
    for kind in ("encodings", "embeddings", "scores", "copies"):
        batch.clear(kind)
    told: list[tuple[float, int]] = []
    with nodes(workers) as address:
        start = time.perf_counter()
        score_on_cluster(
            batch,
            bundle,
            address=address,
            workers=workers,
            progress=lambda _phase, done, _total: told.append((time.perf_counter(), done)),
        )
        seconds = time.perf_counter() - start
    posts = batch.manifest.n_posts
    first, done = next(each for each in told if each[1] >= STARTED * posts)
    return Speed(posts / seconds, (posts - done) / (told[-1][0] - first))


@contextmanager
def nodes(count: int) -> Iterator[str]:
    """Start a head without work and nodes that are held to one core each; give the address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    small = {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    cores = os.sched_getaffinity(0)
    try:
        for core in sorted(cores)[:count]:
            os.sched_setaffinity(0, {core})  # what is started now inherits it
            cluster.add_node(num_cpus=1, **small)
        os.sched_setaffinity(0, cores)
        yield cluster.address
    finally:
        cluster.shutdown()


def _pictures(many: int) -> Iterator[InputFile]:
    sources = [Image.open(path).convert("RGB") for path in sorted(PICTURES.glob("*.jpg"))]
    for number in range(many):
        picture = sources[number % len(sources)]
        edge = number // len(sources) + 1
        kept = io.BytesIO()
        picture.crop((edge, edge, picture.width, picture.height)).save(kept, "JPEG")
        yield InputFile(f"{number}.jpg", kept.getvalue())


def main() -> None:
    """Measure one worker and two, and print them beside the target."""
    parser = argparse.ArgumentParser(description="Time scoring on one and on two workers of one core.")
    parser.add_argument("--posts", type=int, default=1_500)
    asked = parser.parse_args()
    bundle = load_model()
    with TemporaryDirectory() as folder:
        batch = unscored_batch(Path(folder), asked.posts)
        pictures = int(batch.posts()["images"].map(len).sum())
        print(f"{bundle.id}, {asked.posts:,} posts, {pictures:,} pictures, {batch.n_parts} parts")
        one, two = (speed(batch, bundle, workers) for workers in (1, 2))
    print(f"{'posts/s':24}{'1 worker':>10}{'2 workers':>11}{'ratio':>8}{'at least':>10}")
    for name, a, b, least in (
        ("after start-up", one.started, two.started, f"{TARGET:.1f}"),
        ("with start-up", one.whole, two.whole, ""),
    ):
        print(f"{name:24}{a:>10.1f}{b:>11.1f}{b / a:>8.2f}{least:>10}")


if __name__ == "__main__":
    main()
