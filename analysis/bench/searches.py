"""Measures searches of a large batch: by words, and by similarity to texts, images and posts.

Embeddings are random vectors of the shipped model's size, in a temporary copy of the batch, whose other files are
hard links.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from analysis import query
from analysis.bench.machine import Measurement
from analysis.bench.synthetic_batch import read_shipped_space
from analysis.query import EVERY_POST, Filters
from analysis.search import Target, make_example_target, rank_posts
from analysis.search.index import open_index
from analysis.workspace import Batch, Workspace

SEARCH_S = 1.0  # target
REPEATS = 5
WORDS = {
    "a word": ("train", "bonita", "delay"),
    "a phrase": ('"so happy"', '"on time"', '"the train"'),
    "start of a word": ("trai*", "hap*", "beau*"),
    "NOT": ("-train", "NOT happy", "-the"),
    "three words with AND, OR": ("train (late OR happy)", "coffee OR beach OR rain", "the -train -rain"),
    "author and a word": ("author:author13 train", "author:author1 -the", "author:author99 OR rain"),
    "another script, emoji": ("雨", "😍", "été"),
}


def time_word_searches(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Count the posts that each kind of search by words finds, with nothing cached."""
    batch = Workspace(home).open(batch_id)
    query.count_matching_posts(batch)  # reads the summary table
    found = []
    for label, searches in WORDS.items():
        seconds, posts = [], 0
        for search in searches:
            start = time.perf_counter()
            posts = query.count_matching_posts(batch, Filters(search=search))
            seconds.append(time.perf_counter() - start)
        note = f"slowest {max(seconds):.2f} s; {searches[-1]} finds {posts:,}"
        found.append(Measurement(f"{name}, {label}", statistics.median(seconds), SEARCH_S, note))
    return found


def time_similarity_searches(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Rank all posts by similarity to random vectors and to posts, with and without filters."""
    random = np.random.default_rng(0)
    text = _random_vectors(random, 1, read_shipped_space())
    with copy_with_embeddings(Workspace(home).open(batch_id)) as batch:
        bundle = batch.manifest.bundle
        query.count_matching_posts(batch)
        start = time.perf_counter()
        size = open_index(batch).nbytes
        first = time.perf_counter() - start
        found = [Measurement(f"{name}, reading vectors", first, None, f"{size / 2**20:,.0f} MB, once")]
        kinds: dict[str, Callable[[], Target]] = {
            "a text or an image": lambda: Target(text, bundle),
            "a post": lambda: make_example_target([(batch, "m0000001")]),
            "10 posts, not 5": lambda: make_example_target(
                [(batch, f"m{number:07}") for number in range(10)],
                [(batch, f"m{number:07}") for number in range(10, 15)],
            ),
        }
        cases = [(label, make, EVERY_POST) for label, make in kinds.items()]
        for label, filters in (
            ("among negative posts", Filters(sentiments=("negative",))),
            ("among posts with a word", Filters(search="train")),
        ):
            cases.append((f"a text, {label}", kinds["a text or an image"], filters))
        for label, make, filters in cases:
            seconds = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                posts = rank_posts(batch, make(), filters)
                seconds.append(time.perf_counter() - start)
            note = f"slowest {max(seconds):.2f} s; {len(posts)} posts"
            found.append(Measurement(f"{name}, {label}", statistics.median(seconds), SEARCH_S, note))
    return found


@contextmanager
def copy_with_embeddings(batch: Batch) -> Iterator[Batch]:
    """Copy a batch by hard links, and write random embeddings for it; removed in the end."""
    home = batch.folder.parent.parent
    with TemporaryDirectory(dir=home, prefix=".searched-") as folder:
        workspace = Workspace(Path(folder), batch.settings)
        shutil.copytree(batch.folder, workspace.folder / batch.id, copy_function=os.link)
        copy = workspace.open(batch.id)
        _write_embeddings(copy, read_shipped_space())
        yield copy


def _write_embeddings(batch: Batch, dim: int) -> None:
    random = np.random.default_rng(0)
    for index in range(batch.n_parts):
        posts = batch.part_of_posts(index, ["post_id", "text", "images"])
        frame = pd.DataFrame({"post_id": posts["post_id"]})
        for modality, column in (("text", "text"), ("image", "images")):
            vectors = _random_vectors(random, len(posts), dim).astype(np.float16)
            has = posts[column].map(len).to_numpy() > 0
            frame[f"{modality}_embedding"] = pd.Series(
                [vector if there else None for vector, there in zip(vectors, has, strict=True)], dtype=object
            )
        batch.write_part("embeddings", index, frame)


def _random_vectors(random: np.random.Generator, n: int, dim: int) -> np.ndarray:
    vectors = random.standard_normal((n, dim), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
