"""A scored batch in which groups of posts have words and embeddings of their own, for tests of themes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.posts import post_frame
from analysis.workspace import Batch, Themes, write_themes
from tests.scored import FIRST_DAY, IMAGE, new_batch, score

PLANTED = ("coffee espresso", "goal match", "regen zug", "雨天 電車")
"""Two words of each group."""
EACH, NOISE = 40, 12
N_POSTS = len(PLANTED) * EACH + NOISE
_DIM = 16


def planted_batch(folder: Path, **settings: object) -> Batch:
    """Post i belongs to group i % 4; the last posts belong to none. Half of each group has images only or too."""
    rows: list[dict[str, object]] = []
    for i in range(N_POSTS):
        words = PLANTED[i % 4] if i < N_POSTS - NOISE else f"zzz{i} yyy{i}"
        has_image, has_text = i % 8 < 4, i % 16 >= 4
        rows.append(
            {
                "post_id": f"p{i}",
                "text": f"@someone {words} the {words} https://example.org/{i}"
                if has_text or not has_image
                else "",
                "created_at": FIRST_DAY.replace(day=1 + i % 20),
                "images": [IMAGE] if has_image else [],
                "image_names": ["a.jpg"] if has_image else [],
            }
        )
    posts = post_frame(rows)
    batch = score(new_batch(folder, posts, part_posts=64, **settings))
    vectors = _planted_vectors()
    for index in range(batch.n_parts):
        rows_ = batch.part_rows(index)
        part = posts.iloc[rows_]
        has = {
            "text": [bool(text) for text in part["text"]],
            "image": [len(each) > 0 for each in part["images"]],
        }
        columns = {
            f"{name}_embedding": [
                vector if there else None
                for vector, there in zip(vectors[name][rows_], has[name], strict=True)
            ]
            for name in has
        }
        batch.write_part("embeddings", index, pd.DataFrame({"post_id": list(part["post_id"]), **columns}))
    return batch


def planted_group(position: int) -> int:
    """The group of a post; 4 for those of none."""
    return position % 4 if position < N_POSTS - NOISE else 4


def store_planted_themes(batch: Batch) -> Themes:
    """Store the planted groups as the themes of their batch, without finding them."""
    n_posts = batch.manifest.n_posts
    theme = np.array([planted_group(i) for i in range(n_posts)], np.int16)
    themes = Themes(
        names=tuple(words.replace(" ", " · ") for words in PLANTED),
        terms=tuple(tuple(words.split()) for words in PLANTED),
        theme=theme,
        closeness=np.where(theme < 4, np.linspace(0.9, 0.5, n_posts), np.nan).astype(np.float32),
        x=np.linspace(0, 1, n_posts, dtype=np.float32),
        y=np.linspace(1, 0, n_posts, dtype=np.float32),
        fitted=n_posts,
        bundle=batch.manifest.bundle or "",
        seed=0,
        found="2026-11-03T14:05:00+00:00",
    )
    write_themes(batch, themes)
    return themes


def _planted_vectors() -> dict[str, np.ndarray]:
    """Texts lie near one axis and images near another, and each group adds an axis of its own."""
    chance = np.random.default_rng(0)
    found = {}
    for place, name in enumerate(("text", "image")):
        vectors = chance.normal(scale=0.02, size=(N_POSTS, _DIM))
        vectors[:, place] += 1
        for i in range(N_POSTS):
            if planted_group(i) < 4:
                vectors[i, 2 + planted_group(i)] += 0.5
            else:
                vectors[i, 2:] += chance.normal(scale=0.2, size=_DIM - 2)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        found[name] = vectors.astype(np.float16)
    return found
