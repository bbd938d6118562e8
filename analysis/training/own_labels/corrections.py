"""Trains the heads of a model on the labels that people gave the posts of a batch."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis import query
from analysis.columns import head_title
from analysis.columns.reviews import NONE_OF_THEM, UNSURE
from analysis.errors import TrainingError
from analysis.model.config import Head
from analysis.scoring.pace import Progress
from analysis.temporary import make_folder_private
from analysis.training.own_labels.label_counts import check_label_counts
from analysis.workspace import Batch, Labels
from analysis.workspace.files import link_or_copy_file
from analysis.workspace.trained_models import TrainedModels

READING, VALIDATING = "reading posts", "validating"
"""The phases of `train_own_labels`."""
_FIELDS = {"sentiment": "sentiment", "topic": "topics"}
"""The field of the labels that train each head."""
_LABELS = "labels.ndjson"


class _CancelledError(Exception):
    """The training was cancelled."""


@dataclass(frozen=True)
class TrainingPlan:
    """What the labels of a batch can train.

    Attributes:
        labels: For each head that is trained, the classes of each labelled post, by position.
        counts: For each head, the number of labelled posts by class.
        left_out: For each head that is not trained, why, as a sentence for display.
    """

    labels: Mapping[str, Mapping[int, tuple[str, ...]]]
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, str]


def plan_training(labels: Labels, heads: Mapping[str, Head]) -> TrainingPlan:
    """Find which heads can be trained.

    Labels that coders did not agree on, “can't tell” and posts without any topic are left out. A head is trained only
    if each of its classes has enough labels, because it would lose the others.

    Args:
        labels: The labels of a batch.
        heads: The heads of the model.
    """
    found, counts, left_out = {}, {}, {}
    for name, field in _FIELDS.items():
        if name not in heads:
            continue
        final = labels.final(field).items()
        given = {place: (value,) if isinstance(value, str) else value for place, value in final}
        usable = {
            place: classes for place, classes in given.items() if not {UNSURE, NONE_OF_THEM} & {*classes}
        }
        by_class = Counter(each for classes in usable.values() for each in classes)
        counts[name] = {each: by_class[each] for each in heads[name].classes}
        try:
            check_label_counts(by_class, len(usable), heads[name].classes, f"The field {head_title(field)}")
        except TrainingError as error:
            left_out[name] = str(error)
        else:
            found[name] = usable
    return TrainingPlan(found, counts, left_out)


def train_on_corrections(
    batch: Batch,
    plan: TrainingPlan,
    models: TrainedModels,
    shipped: str,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> bool:
    """Train a new model of the workspace; it is not used until it is chosen.

    It starts from the model in use, or, if labels of this batch, or of a batch that it was merged from, trained that
    one too, from the one before: otherwise the held-out posts would have trained the model that they evaluate.

    Args:
        batch: The batch.
        plan: What to train.
        models: The trained models of the workspace, to which the new one is added.
        shipped: The model that ships with PostLens.
        progress: Called with each phase.
        cancelled: Whether to stop; then no model is added.

    Returns:
        True if done, False if cancelled.

    Raises:
        TrainingError: The labels cannot be used.
        BundleError: The base cannot be loaded, or the new model cannot be written.
        WorkspaceError: The posts cannot be read, or the workspace cannot be written.
    """
    from analysis.training.own_labels.train import train_own_labels  # imports torch

    def show(phase: str, done: int, total: int) -> None:
        if cancelled():
            raise _CancelledError
        progress(phase, done, total)

    batch_ids = (batch.id, *batch.manifest.merged_from)
    base = models.find_base(*batch_ids)
    try:
        with models.adding(base, *batch_ids) as folder:
            show(READING, 0, len(_list_positions(plan)))
            table = write_labels(batch, plan, folder.parent / "labels")
            source = base.folder if base else shipped
            train_own_labels(source, table, folder, progress=show, batch_ids=batch_ids)
            show(VALIDATING, 1, 1)  # so that it can be cancelled until it is added
    except _CancelledError:
        return False
    return True


def write_labels(batch: Batch, plan: TrainingPlan, folder: Path) -> Path:
    """Write the labelled posts as a table for `train_own_labels`, with links to their images.

    Args:
        batch: The batch.
        plan: What to train.
        folder: A new folder.

    Returns:
        The table, NDJSON.
    """
    positions = _list_positions(plan)
    posts = query.read_posts_at(batch, positions, ["post_id", "text", "images"])
    target = make_folder_private(folder) / _LABELS
    with target.open("w", encoding="utf-8") as file:
        for place, post in zip(positions, posts.to_dict("records"), strict=True):
            names = []
            for media_id in post["images"]:
                path = batch.media_path(media_id)
                if not (folder / path.name).exists():
                    link_or_copy_file(path, folder / path.name)
                names.append(path.name)
            row = {"post_id": str(place), "text": post["text"], "images": ";".join(names)}
            row |= {head: ";".join(labels.get(place, ())) for head, labels in plan.labels.items()}
            file.write(json.dumps(row) + "\n")
    return target


def _list_positions(plan: TrainingPlan) -> list[int]:
    return sorted({place for labels in plan.labels.values() for place in labels})
