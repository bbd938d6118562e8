"""Batch and model in, score parts out: the steps of scoring, each part written whole before the next.

A batch whose scoring was cut off is carried on by calling `score_batch` again: parts on disk stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from analysis.attribution.explain import until_complete
from analysis.attribution.ledger import Output
from analysis.attribution.target import target_of
from analysis.attribution.words import top_words, word_values
from analysis.model.bundle import Bundle
from analysis.model.language import languages_of
from analysis.scoring.embeddings import embedding_table
from analysis.scoring.encodings import encode_posts
from analysis.scoring.scores import score_table
from analysis.settings import Settings
from analysis.workspace import PART_COLUMNS, Batch

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
        batch: Gets `scores` parts, `embeddings` parts if the model has a shared space, and `words` parts if asked.
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
        for kind in PART_COLUMNS:
            batch.clear(kind)
        batch.set_bundle(bundle.id)
    everything = batch.posts()
    total = batch.manifest.n_posts
    for phase, make in STEPS[: 2 if words else 1]:
        kinds = (
            ["words"] if phase == "words" else ["embeddings", "scores"] if bundle.config.space else ["scores"]
        )
        missing = [
            index for index in range(batch.n_parts) if not all(batch.has_part(kind, index) for kind in kinds)
        ]
        done = total - sum(len(everything.iloc[batch.part_rows(index)]) for index in missing)
        progress(phase, done, total)
        for index in missing:
            if cancelled():
                return False
            posts = everything.iloc[batch.part_rows(index)]
            tell = partial(_tell_within, progress, phase, done, total)
            made = make(batch, bundle, posts, settings, tell)
            for kind in kinds:  # scores last: a part that has them has all
                batch.write_part(kind, index, made[kind])
            done += len(posts)
            progress(phase, done, total)
    return True


def _score_part(
    batch: Batch, bundle: Bundle, posts: pd.DataFrame, settings: Settings, _tell: Callable[[int], None]
) -> Mapping[str, pd.DataFrame]:
    """Scores of a part's posts, and their embeddings where the model has a shared space."""
    languages = languages_of(posts["text"].tolist(), settings.language_from, bundle.config.languages)
    known = [None if one is None else one in bundle.config.languages for one in languages]
    ids = posts["post_id"].tolist()
    with bundle.lock:
        encoded, present = encode_posts(bundle, posts, batch.media_path, settings)
        scores = score_table(bundle, ids, encoded, present, settings)
        made = {"embeddings": embedding_table(bundle, ids, encoded, present)} if bundle.config.space else {}
    spoken = {
        name: pd.Series(values, dtype=object)
        for name, values in (("language", languages), ("in_language", known))
    }
    return {**made, "scores": scores.assign(**spoken)}


def _words_part(
    batch: Batch, bundle: Bundle, posts: pd.DataFrame, settings: Settings, tell: Callable[[int], None]
) -> Mapping[str, pd.DataFrame]:
    """Top words of each post of a part, for its predicted sentiment; null without text, or where they do not add up.

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
        target = target_of(bundle, Output("sentiment", sentiment))
        with bundle.lock:
            words, check = until_complete(
                partial(word_values, bundle, text, image, target), settings.word_steps, settings
            )
        found.append(None if check.refused else top_words(words, settings.top_words))
    words_of = {"post_id": posts["post_id"].tolist(), "top_words": pd.Series(found, dtype=object)}
    return {"words": pd.DataFrame(words_of)}


def _tell_within(progress: Progress, phase: str, before: int, total: int, done: int) -> None:
    progress(phase, before + done, total)


STEPS = (("scoring", _score_part), ("words", _words_part))
"""The phases: how each is called, and what makes the parts of its posts."""
