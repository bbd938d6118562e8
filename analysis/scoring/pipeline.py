"""Batch and model in, parts out: the steps of scoring, each part written whole before it counts.

Pictures are opened by threads while others are encoded (`analysis.model.encoding`); while a part is encoded, the one
before is scored and written. A batch whose scoring was cut off is carried on by calling `score_batch` again: parts
on disk stay, damaged ones are made anew. The same posts have the same scores to the last bit, wherever it was cut.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd

from analysis.attribution.explain import attribute_parts
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import Output
from analysis.attribution.target import target_of
from analysis.attribution.words import top_words, word_values
from analysis.model.bundle import Bundle
from analysis.model.engines import Engine, choose_engine
from analysis.model.language import languages_of
from analysis.scoring.columns import check_scores
from analysis.scoring.copies import find_copies
from analysis.scoring.embeddings import embedding_table
from analysis.scoring.encodings import Encoded, PostEncoder, encoded_of, encoding_table
from analysis.scoring.scores import score_table
from analysis.settings import Settings
from analysis.workspace import PART_KINDS, Batch

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called as work goes on, with the phase ("scoring" or "words"), posts done, posts in all."""
Parts = dict[str, pd.DataFrame]
"""What is written for one part, by kind, in the order of writing."""


def score_batch(
    batch: Batch,
    bundle: Bundle,
    settings: Settings | None = None,
    words: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    engine: Engine | str = "auto",
) -> bool:
    """Score every post of a batch that has no score from this model yet.

    Args:
        batch: Gets the parts of `made_kinds`, and `words` parts if asked.
        bundle: The model. Parts from another model are removed first, so that a batch never mixes two; encodings
            stay if its encoders are the same.
        settings: Limits.
        words: Also find the top words of each post for its predicted sentiment.
        progress: Told at the start of a phase, after each part, and within parts that take long.
        cancelled: Asked between parts; finished parts stay.
        engine: What runs the encoders, or its name; see `choose_engine`.

    Returns:
        True when all is done, False when cancelled.

    Raises:
        BundleError: The engine cannot run.
        ScoringError: A picture of the batch is missing or damaged on disk.
        WorkspaceError: A part cannot be written, or another process is scoring the batch.
    """
    settings, progress = settings or Settings(), progress or (lambda *_: None)
    with batch.being_scored():
        damaged = make_ready(batch, bundle)
        if not _scoring(batch, bundle, settings, progress, cancelled, engine):
            return False
        missing = [index for index in range(batch.n_parts) if words and not batch.has_part("words", index)]
        return find_words(
            batch, bundle, sorted({*missing, *damaged}), settings, progress, cancelled, told=words
        )


def made_kinds(bundle: Bundle) -> list[str]:
    """Name the kinds of parts that scoring writes, in that order: a part that has scores has all."""
    return ["encodings", "embeddings", "scores"] if bundle.config.space else ["encodings", "scores"]


def make_ready(batch: Batch, bundle: Bundle) -> list[int]:
    """Remove what cannot stay: parts of another model, and damaged ones.

    Returns:
        The damaged parts of `words`, for `find_words`. They and damaged `copies` stay until they are replaced: no
        reader could tell that they are missing, and a report made before that would differ.

    Raises:
        BundleError: The model lacks what a report needs; nothing is removed.
    """
    check_scores(bundle.config)
    if batch.manifest.bundle != bundle.id:
        for kind in PART_KINDS:
            if kind not in ("encodings", "copies") or batch.manifest.encoders != bundle.encoders_id:
                batch.clear(kind)
        batch.set_bundle(bundle.id, bundle.encoders_id)
    for kind in made_kinds(bundle):
        for index in batch.discard_damaged(kind):
            _log_damage(batch, kind, index)
    damaged = batch.damaged_parts("words")
    for index in damaged:
        _log_damage(batch, "words", index)
    return damaged


def _log_damage(batch: Batch, kind: str, index: int) -> None:
    log.warning("batch %s: part %d of %s was damaged and is made anew", batch.id, index, kind)


def missing_parts(batch: Batch, bundle: Bundle) -> list[int]:
    """List the parts that are not scored yet, or lack what scoring writes beside."""
    kinds = made_kinds(bundle)
    return [index for index in range(batch.n_parts) if not all(batch.has_part(kind, index) for kind in kinds)]


def score_part(bundle: Bundle, posts: pd.DataFrame, encoded: Encoded, settings: Settings) -> Parts:
    """Make all that is written for one part: see `made_kinds`."""
    languages = languages_of(posts["text"].tolist(), settings.language_from, bundle.config.languages)
    known = [None if one is None else one in bundle.config.languages for one in languages]
    ids = posts["post_id"].tolist()
    parts = {"encodings": encoding_table(ids, encoded)}
    with bundle.lock:
        if bundle.config.space:
            parts["embeddings"] = embedding_table(bundle, ids, encoded.vectors, encoded.present)
        scores = score_table(bundle, ids, encoded.vectors, encoded.present, settings)
    spoken = {
        name: pd.Series(values, dtype=object)
        for name, values in (("language", languages), ("in_language", known))
    }
    return {**parts, "scores": scores.assign(**spoken)}


def write_parts(batch: Batch, index: int, parts: Parts) -> None:
    """Write what a part lacks; encodings that are there already stay.

    Raises:
        WorkspaceError: It cannot be written.
    """
    for kind, frame in parts.items():
        if kind != "encodings" or not batch.has_part(kind, index):
            batch.write_part(kind, index, frame)


def encoding_of(
    batch: Batch, bundle: Bundle, settings: Settings, engine: Engine | str, threads: int | None = None
) -> Callable[[int, pd.DataFrame], Encoded]:
    """Make the function that encodes a part's posts, or reads what was kept; the engine starts when it is needed.

    Args:
        batch: Says how many posts there are in all, by which an engine is chosen.
        bundle: The model.
        settings: Limits.
        engine: What runs the encoders, or its name.
        threads: Of the processor, for an engine that is named; None for all.

    Returns:
        A function of a part's index and its posts.
    """
    started: list[PostEncoder] = []

    def encode(index: int, posts: pd.DataFrame) -> Encoded:
        if batch.has_part("encodings", index):
            return encoded_of(batch.read_part("encodings", index), bundle)
        if not started:
            chosen = engine
            if isinstance(chosen, str):
                n_posts = batch.manifest.n_posts
                chosen = choose_engine(bundle, chosen, n_posts, settings.openvino_from, threads)
            log.info("batch %s is encoded by %s", batch.id, chosen.name)
            started.append(PostEncoder(bundle, batch.media_path, settings, chosen))
        return started[0].encode(posts)

    return encode


def mark_copies(batch: Batch) -> None:
    """Find the near copies of a batch whose every post is encoded, unless they are found already."""
    damaged = batch.damaged_parts("copies")
    for index in damaged:
        _log_damage(batch, "copies", index)
    if damaged or not all(batch.has_part("copies", index) for index in range(batch.n_parts)):
        find_copies(batch)


def _scoring(
    batch: Batch,
    bundle: Bundle,
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
    engine: Engine | str,
) -> bool:
    missing, total = missing_parts(batch, bundle), batch.manifest.n_posts
    done = total - sum(batch.part_size(index) for index in missing)
    progress("scoring", done, total)
    encode = encoding_of(batch, bundle, settings, engine)

    def finish(index: int, posts: pd.DataFrame, encoded: Encoded) -> int:
        write_parts(batch, index, score_part(bundle, posts, encoded, settings))
        return len(posts)

    with ThreadPoolExecutor(1, "parts") as finisher:
        before: Future[int] | None = None
        for index in missing:
            if cancelled():
                break
            posts = batch.part_of_posts(index)
            encoded = encode(index, posts)
            if before:
                done += before.result()
                progress("scoring", done, total)
            before = finisher.submit(finish, index, posts, encoded)
        if before:
            done += before.result()
            progress("scoring", done, total)
    log.info("batch %s: %d of %d posts have scores", batch.id, done, total)
    if done < total:
        return False
    mark_copies(batch)
    return True


def find_words(
    batch: Batch,
    bundle: Bundle,
    missing: Sequence[int],
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
    told: bool = False,
) -> bool:
    """Find the top words of posts; the lock is held for one post at a time, so that pages get their turn.

    Args:
        batch: Scored.
        bundle: The model that scored it.
        missing: Parts of `words` to write.
        settings: Limits.
        progress: See `score_batch`.
        cancelled: See `score_batch`.
        told: Whether progress is told even if nothing is missing.

    Returns:
        True when all is done, False when cancelled.
    """
    total = batch.manifest.n_posts
    if not missing and not told:
        return True
    done = total - sum(batch.part_size(index) for index in missing)
    progress("words", done, total)
    for index in missing:
        if cancelled():
            return False
        posts = batch.part_of_posts(index)
        encoded = encoded_of(batch.read_part("encodings", index), bundle)
        found: list[list[tuple[str, float]] | None] = []
        for number, sentiment in enumerate(batch.read_part("scores", index)["sentiment"]):
            progress("words", done + number, total)
            found.append(_top_words(bundle, posts["text"].iloc[number], encoded, number, sentiment, settings))
        words = {"post_id": posts["post_id"].tolist(), "top_words": pd.Series(found, dtype=object)}
        batch.write_part("words", index, pd.DataFrame(words))
        done += len(posts)
        progress("words", done, total)
    return True


def _top_words(
    bundle: Bundle, text: str, encoded: Encoded, number: int, sentiment: str, settings: Settings
) -> list[tuple[str, float]] | None:
    """Find a post's top words for its predicted sentiment; None without text, or where they do not add up."""
    post = encoded.post(bundle, number, text)
    if not post.has["text"]:
        return None
    target = target_of(bundle, Output("sentiment", sentiment))
    values, check = attribute_parts(
        bundle, post, "text", target, IntegratedGradients, settings.word_steps, settings
    )
    if check and check.refused:
        return None
    return top_words(word_values(post.decoded["text"], values), settings.top_words)
