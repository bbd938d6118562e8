"""Scoring a batch of the workspace, in resumable steps: each part is written atomically.

To resume a batch whose scoring was interrupted, call `score_batch` again: finished parts are kept, damaged ones
replaced. Scores are bit-identical wherever scoring was interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from analysis.model.bundle import Bundle
from analysis.model.engines import Engine
from analysis.model.label_batches import list_heads_trained_on
from analysis.scoring.columns import check_scores
from analysis.scoring.copies import find_copies
from analysis.scoring.pace import Progress, ignore_progress
from analysis.scoring.scorer import list_part_kinds, score_parts
from analysis.settings import Settings
from analysis.workspace import PART_KINDS, Batch

log = logging.getLogger(__name__)


def score_batch(
    batch: Batch,
    bundle: Bundle,
    settings: Settings | None = None,
    words: bool = False,
    progress: Progress = ignore_progress,
    cancelled: Callable[[], bool] = lambda: False,
    engine: Engine | str = "auto",
) -> bool:
    """Score every post of a batch that has no score from this model yet.

    Args:
        batch: Receives the parts of `list_part_kinds`, `copies`, and `words` if requested.
        bundle: The model. Parts from another model are removed first, so that a batch never mixes two; encodings
            are kept if both models have the same encoders, and words if they have the same sentiment too.
        settings: Limits.
        words: Also find the top words of each post for its predicted sentiment, if they are not computed with the
            scores (`Bundle.part_encoders`).
        progress: Called at the start of a phase, after each part, and within parts that take long.
        cancelled: Checked between parts; finished parts are kept.
        engine: The engine that runs the encoders, or its name; see `choose_engine`.

    Returns:
        True if done, False if cancelled.

    Raises:
        BundleError: The engine cannot run.
        ScoringError: An image of the batch is missing or damaged on disk.
        WorkspaceError: A part cannot be written, or another process is scoring the batch.
    """
    settings = settings or Settings()
    with batch.lock_for_scoring():
        damaged = prepare_batch(batch, bundle)
        if not score_parts(batch, bundle, settings, progress, cancelled, engine):
            return False
        update_copies(batch)
        missing = [index for index in range(batch.n_parts) if words and not batch.has_part("words", index)]
        missing = sorted({*missing, *damaged})
        if not missing and not words:
            return True
        from analysis.scoring.gradient_words import find_top_words

        return find_top_words(batch, bundle, missing, settings, progress, cancelled)


def prepare_batch(batch: Batch, bundle: Bundle) -> list[int]:
    """Remove the parts of another model, and damaged ones.

    Returns:
        The damaged parts of `words`, for `find_top_words`. They and damaged `copies` are kept until they are
        replaced, because readers could not notice that they are missing, and a report would differ. Empty if words
        are computed with the scores: the scores of these parts are then removed too, so that both are made again.

    Raises:
        BundleError: The model lacks a head that a report needs, or its metrics are malformed; nothing is removed.
    """
    check_scores(bundle.config)
    trained_heads = list_heads_trained_on(bundle, {batch.id, *batch.manifest.merged_from})
    shares = bundle.shares_id if bundle.part_modalities else None
    if (batch.manifest.bundle, batch.manifest.shares) != (bundle.id, shares):
        same_encoders = batch.manifest.encoders == bundle.encoders_id
        kept = [*(("encodings", "copies") if same_encoders else ())]
        if shares and batch.manifest.shares == shares:
            kept.append("words")
        for kind in PART_KINDS:
            if kind not in kept:
                batch.clear(kind)
        batch.set_bundle(bundle.id, bundle.encoders_id, shares, trained_heads)
    damaged = batch.damaged_parts("words")
    for index in damaged:
        _log_damage(batch, "words", index)
        if shares:
            batch.discard_part("scores", index)
            batch.discard_part("words", index)
    for kind in (kind for kind in list_part_kinds(bundle) if kind != "words"):
        for index in batch.discard_damaged(kind):
            _log_damage(batch, kind, index)
    return [] if shares else damaged


def update_copies(batch: Batch) -> None:
    """Find the near copies of a fully encoded batch, unless they are already stored."""
    damaged = batch.damaged_parts("copies")
    for index in damaged:
        _log_damage(batch, "copies", index)
    if damaged or not all(batch.has_part("copies", index) for index in range(batch.n_parts)):
        find_copies(batch)


def _log_damage(batch: Batch, kind: str, index: int) -> None:
    log.warning("batch %s: part %d of %s was damaged and is replaced", batch.id, index, kind)
