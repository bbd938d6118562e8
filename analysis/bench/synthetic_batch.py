"""Writes a scored batch of any size for benchmarks.

It is written part by part, so memory use does not depend on its size. It has no embeddings, which are only needed for
searches by meaning (`analysis.bench.searches` writes them).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from analysis.bench.synthetic_posts import generate_synthetic_posts
from analysis.bench.synthetic_scores import BUNDLE, generate_synthetic_scores, generate_synthetic_words
from analysis.intake import CheckedBatch, Counts, InputFile, Rejection, rejected_frame
from analysis.intake.media import check_and_store_image
from analysis.model import Head, ModelConfig
from analysis.model.bundle import CONFIG, SHIPPED
from analysis.posts import POST_SCHEMA, post_frame
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from analysis.workspace.digests import compute_file_digest
from analysis.workspace.files import open_atomically

REJECTED = 500  # rows


def read_shipped_heads() -> Mapping[str, Head]:
    """Read the heads of the shipped bundle, without its weights."""
    return _read_shipped_config().heads


def read_shipped_space() -> int:
    """Read the size of the embeddings of the shipped bundle."""
    space = _read_shipped_config().space
    return space.dim if space else 0


def _read_shipped_config() -> ModelConfig:
    return ModelConfig.from_json(json.loads((SHIPPED / "compact" / CONFIG).read_text(encoding="utf-8")))


def write_synthetic_scored_batch(
    home: Path,
    posts: int,
    images: Path,
    batch_id: str = "synthetic",
    heads: Mapping[str, Head] | None = None,
    parts_scored: int | None = None,
    settings: Settings | None = None,
) -> Batch:
    """Write a batch with images, scores and top words into a workspace.

    Args:
        home: The workspace's folder.
        posts: Number of posts.
        images: Folder of JPEG images; the first twelve are used.
        batch_id: Id and name of the batch, which must not exist yet.
        heads: Heads with scores; None for the heads of the shipped bundle.
        parts_scored: Number of parts with scores; None for all.
        settings: Size of the parts.
    """
    settings, heads = settings or Settings(), heads or read_shipped_heads()
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix=".making-") as folder:
        temporary = Workspace(Path(folder), settings)
        batch = _write_posts(
            _create_batch(temporary, Path(folder) / "media", batch_id, images), temporary, posts
        )
        _write_scores(batch, heads, batch.n_parts if parts_scored is None else parts_scored)
        target = Workspace(home, settings).folder / batch_id
        target.parent.mkdir(exist_ok=True)
        shutil.move(batch.folder, target)
    return Batch(target, settings)


def _create_batch(workspace: Workspace, media: Path, batch_id: str, folder: Path) -> Batch:
    """Create a batch with some images and one post that has all of them."""
    files = [InputFile(path.name, path.read_bytes()) for path in sorted(folder.glob("*.jpg"))[:12]]
    images = [check_and_store_image(file, media, workspace.settings).media_id for file in files]
    refused = Rejection("row", "posts.csv", "has neither text nor an image", "Fill one of them.")
    posts = post_frame(
        [{"post_id": "images", "images": images, "image_names": [file.name for file in files]}]
    )
    counts = {"row": Counts(expected=REJECTED + 1, received=1, rejected=REJECTED)}
    checked = CheckedBatch(posts, rejected_frame([refused] * REJECTED), counts)
    return workspace.create(checked, media, batch_id, batch_id=batch_id)


def _write_posts(batch: Batch, workspace: Workspace, posts: int) -> Batch:
    """Replace the post of the batch by synthetic posts, with one row group per part."""
    settings = workspace.settings
    images = list(batch.posts()["images"][0])
    part_posts = max(settings.part_posts, -(-posts // settings.max_parts))
    with open_atomically(batch.posts_path) as file:
        with pq.ParquetWriter(file, POST_SCHEMA) as writer:
            for first in range(0, posts, part_posts):
                writer.write_table(generate_synthetic_posts(first, min(part_posts, posts - first), images))
        file.flush()
        digests = {**(batch.manifest.digests or {}), batch.posts_path.name: compute_file_digest(file)}
    counts = {"row": asdict(Counts(expected=posts + REJECTED, received=posts, rejected=REJECTED))}
    manifest = replace(batch.manifest, n_posts=posts, part_posts=part_posts, counts=counts, digests=digests)
    manifest.write(batch.folder)
    return workspace.open(batch.id)


def _write_scores(batch: Batch, heads: Mapping[str, Head], parts: int) -> None:
    with pq.ParquetFile(batch.posts_path) as posts:
        for index in range(parts):
            scores = generate_synthetic_scores(posts.read_row_group(index).to_pandas(), heads, seed=index)
            batch.write_part("words", index, generate_synthetic_words(scores, seed=index))
            batch.write_part("scores", index, scores)
    batch.set_bundle(BUNDLE)
