"""The random order in which posts are labelled, and which labels form a random sample.

Every batch has one fixed random order. The first posts of this order, however many, are a simple random sample of the
batch; and those of them that match some filters are one of the matching posts. Labels of other posts, such as obvious
mistakes corrected in a table, do not belong to the sample, as they were not chosen at random.

Once a model was trained on the labels, the posts that were labelled before are left out of the order. What follows is
a random order of the other posts, as nobody chose the labelled ones by it: its start is a random sample of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from analysis import query
from analysis.workspace import Batch

_HEADS = {"topics": "topic"}
"""The head of a field, if it has another name."""


def read_random_seed(batch: Batch) -> int:
    """Return the seed of a batch's random order: the same for every batch with the same posts.

    It follows from the number of posts and the ids of the first, the middle and the last one, so that a report that
    is made again from the same files has the same sample.
    """
    posts = batch.manifest.n_posts
    positions = sorted({0, posts // 2, posts - 1}) if posts else []
    ids = query.read_posts_at(batch, positions, ["post_id"])["post_id"].tolist()
    return int.from_bytes(sha256(json.dumps([posts, *ids]).encode()).digest()[:8], "big")


def compute_random_keys(seed: int, positions: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Compute a key for each post; the order of the keys is the batch's random order.

    Args:
        seed: From `read_random_seed`.
        positions: Positions of posts in the batch: (posts,).

    Returns:
        (posts,), different for different posts: the SplitMix64 generator (Steele, Lea & Flood 2014), which is a
        bijection, of the position and the seed.
    """
    keys = positions.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = keys ^ (keys >> np.uint64(31))
    return mixed


def find_random_sample(
    seed: int, positions: NDArray[np.int64], labelled: Collection[int]
) -> NDArray[np.int64]:
    """Find the labelled posts that come before the first post without a label in the random order.

    Args:
        seed: From `read_random_seed`.
        positions: Positions of all posts that match: (posts,), ascending.
        labelled: Positions of the posts with a label.

    Returns:
        Their rows in `positions`, in random order.
    """
    keys = compute_random_keys(seed, positions)
    has = np.isin(positions, np.fromiter(labelled, np.int64, len(labelled)))
    first_open = keys[~has].min(initial=np.uint64(2**64 - 1))
    rows = np.flatnonzero(has & (keys < first_open)) if not has.all() else np.arange(len(positions))
    sample: NDArray[np.int64] = rows[np.argsort(keys[rows])]
    return sample


def find_training_posts(batch: Batch, field: str) -> Sequence[int] | None:
    """Find the posts that were labelled before the model trained on labels of the batch.

    All of them count, also those whose label could not train it: which ones could depends on their labels, so that
    the others would not be a random sample.

    Args:
        batch: The batch.
        field: One of `analysis.review.FIELDS`.

    Returns:
        Their positions; none if no label trained the head of this field, None if it is not known which did.

    Raises:
        WorkspaceError: The labels cannot be read.
    """
    if batch.labels.training_posts is not None:
        return batch.labels.training_posts.get(field, ())
    manifest = batch.manifest
    if _HEADS.get(field, field) not in manifest.trained_heads:
        return ()
    until = manifest.trained_until.get(manifest.bundle or "")
    return None if until is None else batch.reviews.list_labelled_posts(batch.id, field, until)
