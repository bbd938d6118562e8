"""A scored batch of any size, for measurements: `python -m tests.benchmarks.made_batch --home DIR --posts 1000000`.

It is written part by part, so that memory does not grow with it. Embeddings are left out: no page reads them
unless it is asked to search by meaning. What the posts and scores are is `made_posts` and `made_scores`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from analysis.intake import CheckedBatch, Counts, InputFile, Rejection, rejected_frame
from analysis.intake.media import store_picture
from analysis.model import Head, ModelConfig
from analysis.model.bundle import CONFIG, SHIPPED
from analysis.posts import POST_SCHEMA, post_frame
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from analysis.workspace.digests import digest_of
from analysis.workspace.files import replacing
from tests.benchmarks.made_posts import made_posts
from tests.benchmarks.made_scores import BUNDLE, made_scores, made_words

PICTURES = Path(__file__).parents[2] / "sample_posts" / "pictures"
REFUSED = 500  # rows that were not taken


def shipped_heads() -> Mapping[str, Head]:
    """The heads of the bundle that PostLens ships, read without its weights."""
    return ModelConfig.from_json(json.loads((SHIPPED / "compact" / CONFIG).read_text(encoding="utf-8"))).heads


def made_batch(
    home: Path,
    posts: int,
    batch_id: str = "made",
    heads: Mapping[str, Head] | None = None,
    parts_scored: int | None = None,
    settings: Settings | None = None,
) -> Batch:
    """Make a batch with pictures, scores and top words in a workspace.

    Args:
        home: The workspace's home.
        posts: How many.
        batch_id: The batch's id and name; it must not exist yet.
        heads: Heads that the scores are of; those of the shipped bundle when None.
        parts_scored: Parts that get scores; all when None.
        settings: Size of the parts.

    Returns:
        The batch.
    """
    settings, heads = settings or Settings(), heads or shipped_heads()
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix=".making-") as folder:
        making = Workspace(Path(folder), settings)
        batch = _with_posts(_with_pictures(making, Path(folder) / "media", batch_id), making, posts)
        _score(batch, heads, batch.n_parts if parts_scored is None else parts_scored)
        target = home / "batches" / batch_id
        target.parent.mkdir(exist_ok=True)
        shutil.move(batch.folder, target)
    return Batch(target, settings)


def _with_pictures(workspace: Workspace, media: Path, batch_id: str) -> Batch:
    """A batch that holds a few real pictures, and one post with all of them."""
    files = [InputFile(path.name, path.read_bytes()) for path in sorted(PICTURES.glob("*.jpg"))[:12]]
    pictures = [store_picture(file, media, workspace.settings).media_id for file in files]
    refused = Rejection("row", "posts.csv", "has neither text nor a picture", "Fill one of them.")
    posts = post_frame(
        [{"post_id": "pictures", "images": pictures, "image_names": [file.name for file in files]}]
    )
    counts = {"row": Counts(expected=REFUSED + 1, received=1, rejected=REFUSED)}
    checked = CheckedBatch(posts, rejected_frame([refused] * REFUSED), counts)
    return workspace.create(checked, media, batch_id, batch_id=batch_id)


def _with_posts(batch: Batch, workspace: Workspace, posts: int) -> Batch:
    """Put made posts, a row group a part, in place of the one that the batch has."""
    settings = workspace.settings
    pictures = list(batch.posts()["images"][0])
    part_posts = max(settings.part_posts, -(-posts // settings.max_parts))
    with replacing(batch.posts_path) as file:
        with pq.ParquetWriter(file, POST_SCHEMA) as writer:
            for first in range(0, posts, part_posts):
                writer.write_table(made_posts(first, min(part_posts, posts - first), pictures))
        file.flush()
        digests = {**(batch.manifest.digests or {}), batch.posts_path.name: digest_of(file)}
    counts = {"row": asdict(Counts(expected=posts + REFUSED, received=posts, rejected=REFUSED))}
    manifest = replace(batch.manifest, n_posts=posts, part_posts=part_posts, counts=counts, digests=digests)
    manifest.write(batch.folder)
    return workspace.open(batch.id)


def _score(batch: Batch, heads: Mapping[str, Head], parts: int) -> None:
    with pq.ParquetFile(batch.folder / "posts.parquet") as posts:
        for index in range(parts):
            scores = made_scores(posts.read_row_group(index).to_pandas(), heads, seed=index)
            batch.write_part("words", index, made_words(scores, seed=index))
            batch.write_part("scores", index, scores)
    batch.set_bundle(BUNDLE)


def main() -> None:
    """Make a batch and say how long it took."""
    parser = argparse.ArgumentParser(description="Make a scored batch for measurements.")
    parser.add_argument("--home", type=Path, required=True, help="the workspace, as POSTLENS_HOME")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--batch", default="made", help="the batch's id")
    asked = parser.parse_args()
    start = time.perf_counter()
    batch = made_batch(asked.home, asked.posts, asked.batch)
    print(f"{batch.folder}: {asked.posts:,} posts in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
