"""Batch and model in, score parts out: the steps of scoring, each part written whole before the next.

A batch whose scoring was cut off is carried on by calling `score_batch` again: parts on disk stay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from PIL import Image
from torch import Tensor

from analysis.attribution.words import top_words, word_values
from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts
from analysis.model.network import pool_pictures
from analysis.scoring.scores import score_table
from analysis.settings import Settings
from analysis.workspace import Batch

Progress = Callable[[str, int, int], None]
"""Called as work goes on, with the phase ("scoring" or "words"), posts done, posts in all."""


def score_batch(
    batch: Batch,
    bundle: Bundle,
    settings: Settings | None = None,
    words: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Score every post of a batch that has no score from this model yet.

    Args:
        batch: Gets `scores` parts, and `words` parts if asked.
        bundle: The model. Parts from another model are removed first, so that a batch never mixes two.
        settings: Limits.
        words: Also find the top words of each post for its predicted sentiment.
        progress: Told at the start of a phase, after each part, and within parts that take long.
        cancelled: Asked between parts; finished parts stay.

    Returns:
        True when all is done, False when cancelled.

    Raises:
        ScoringError: A picture of the batch is missing or damaged on disk.
        WorkspaceError: A part cannot be written.
    """
    settings, progress = settings or Settings(), progress or (lambda *_: None)
    if batch.manifest.bundle != bundle.id:
        batch.clear("scores")
        batch.clear("words")
        batch.set_bundle(bundle.id)
    everything = batch.posts()
    total = batch.manifest.n_posts
    for phase, kind, make in STEPS[: 2 if words else 1]:
        missing = [index for index in range(batch.n_parts) if not batch.has_part(kind, index)]
        done = total - sum(len(everything.iloc[batch.part_rows(index)]) for index in missing)
        progress(phase, done, total)
        for index in missing:
            if cancelled():
                return False
            posts = everything.iloc[batch.part_rows(index)]
            tell = partial(_tell_within, progress, phase, done, total)
            batch.write_part(kind, index, make(batch, bundle, posts, settings, tell))
            done += len(posts)
            progress(phase, done, total)
    return True


def encode_posts(
    bundle: Bundle, posts: pd.DataFrame, picture_path: Callable[[str], Path], settings: Settings
) -> tuple[dict[str, Tensor], Tensor]:
    """Encode posts; several pictures of a post are averaged.

    Args:
        bundle: The model; hold its lock.
        posts: The post table.
        picture_path: Where a media id's picture stands.
        settings: Batch sizes.

    Returns:
        Encodings (posts, dim) by modality, and presence (posts, 2) of text and image.

    Raises:
        ScoringError: A picture is missing or damaged.
    """

    def load(media_id: str) -> Image.Image:
        try:
            with Image.open(picture_path(media_id)) as picture:
                return picture.convert("RGB")
        except OSError as error:
            raise ScoringError(
                f"Picture {media_id[:12]}…",
                f"cannot be read from the workspace ({error})",
                "Take the batch in again.",
            ) from error

    texts = posts["text"].tolist()
    images = [list(names) for names in posts["images"]]
    found = encode_pictures(bundle, [name for names in images for name in names], load, settings.batch_images)
    owners = torch.tensor([number for number, names in enumerate(images) for _ in names], dtype=torch.long)
    vectors = [found[name] for names in images for name in names]
    dim = bundle.config.encoders["image"].dim
    image = pool_pictures(torch.stack(vectors) if vectors else torch.zeros(0, dim), owners, len(posts))
    present = torch.tensor(
        [[float(bool(text.strip())), float(bool(names))] for text, names in zip(texts, images, strict=True)]
    )
    return {"text": encode_texts(bundle, texts, settings.batch_posts), "image": image}, present


def _score_part(
    batch: Batch, bundle: Bundle, posts: pd.DataFrame, settings: Settings, _tell: Callable[[int], None]
) -> pd.DataFrame:
    with bundle.lock:
        encoded, present = encode_posts(bundle, posts, batch.media_path, settings)
        return score_table(bundle, posts["post_id"].tolist(), encoded, present, settings)


def _words_part(
    batch: Batch, bundle: Bundle, posts: pd.DataFrame, settings: Settings, tell: Callable[[int], None]
) -> pd.DataFrame:
    """Top words of each post of a part, for its predicted sentiment; null without text.

    The lock is held for one post at a time, so that a page that explains one does not wait for the part.
    """
    with bundle.lock:
        encoded, present = encode_posts(bundle, posts, batch.media_path, settings)
        scores = score_table(bundle, posts["post_id"].tolist(), encoded, present, settings)
    found: list[str | None] = []
    for number, (text, sentiment) in enumerate(zip(posts["text"], scores["sentiment"], strict=True)):
        tell(number)
        if not present[number, 0]:
            found.append(None)
            continue
        image = encoded["image"][number] if present[number, 1] else None
        index = bundle.heads["sentiment"].classes.index(sentiment)
        with bundle.lock:
            words, _ = word_values(bundle, text, image, "sentiment", index, settings.word_steps)
        found.append(top_words(words, settings.top_words))
    return pd.DataFrame({"post_id": posts["post_id"].tolist(), "top_words": pd.Series(found, dtype=object)})


def _tell_within(progress: Progress, phase: str, before: int, total: int, done: int) -> None:
    progress(phase, before + done, total)


STEPS = (("scoring", "scores", _score_part), ("words", "words", _words_part))
"""The phases: how each is called, the kind of part it writes, and what makes such a part."""
