"""Stage 1 of the `compact` recipe, for each branch of the text encoder; `text` fine-tunes one.

The branch of other languages comes first. It has learned some English too, so its predictions for ironic texts that
were rephrased without irony become targets of the ironic texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from analysis.model.bundle import Bundle
from analysis.model.config import OTHER
from analysis.model.fusion import AdditiveFusion
from analysis.model.network import MultimodalModel
from analysis.model.text_branches import TextBranch
from analysis.training.compact.encodings import OTHER_TEXTS, encode_all_texts
from analysis.training.compact.tasks import (
    list_english_tasks,
    list_misread_tasks,
    list_other_tasks,
    list_validation_examples,
    make_predicted_tasks,
)
from analysis.training.compact.teacher import TEACHER_TEXTS
from analysis.training.compact.text import SpaceData, TextTask, make_space_loss, predict_texts, train_text
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData

FROZEN_LAYERS = 3
"""Lower layers of the encoder of other languages that do not change: a quarter, at little loss (Lee et al. 2019)."""


def train_branches(
    base: Bundle,
    labelled: LabelledData,
    english: TrainingConfig,
    other: TrainingConfig,
    work: Path,
    space: SpaceData,
    teacher: Mapping[str, Any] | None = None,
    resume: bool = False,
) -> dict[str, MultimodalModel]:
    """Fine-tune each branch of the text encoder in place.

    Args:
        base: The bundle with the published encoders.
        labelled: The data.
        english: Settings of the English branch, or of an encoder without branches.
        other: Settings of the branch of other languages.
        work: Folder for checkpoints and logs.
        space: Data for the shared space, which only the English branch is trained for.
        teacher: Result of `predict_with_teacher`.
        resume: Continue where an earlier run stopped.

    Returns:
        The text models by branch, in the order of the branches.
    """
    found: dict[str, MultimodalModel] = {}
    for branch in reversed(list(base.tokenizers)):
        is_other = branch == OTHER
        tasks = (
            list_other_tasks(labelled, base.heads, other.seed)
            if is_other
            else _list_tasks(base, labelled, english, found.get(OTHER), teacher)
        )
        found[branch] = train_text(
            base,
            branch,
            tasks,
            list_validation_examples(labelled, base.tokenizers[branch], base.heads, is_other),
            other if is_other else english,
            work,
            resume,
            None if is_other else make_space_loss(base, branch, labelled, space),
            FROZEN_LAYERS if is_other else 0,
        )
        if branch:
            _subtract_mean(base, branch, found[branch], labelled, english.seed)
    return dict(reversed(list(found.items())))


def _list_tasks(
    base: Bundle,
    labelled: LabelledData,
    training: TrainingConfig,
    other: MultimodalModel | None,
    teacher: Mapping[str, Any] | None,
) -> list[TextTask]:
    """List the tasks of the English branch, with the predictions of the other branch and of a teacher."""
    tasks = list_english_tasks(labelled, base.heads, teacher["trained"] if teacher else None)
    tasks += list_misread_tasks(labelled, base.config.encoders["text"], base.heads)
    if teacher:
        texts = labelled.sample_unlabelled(TEACHER_TEXTS, training.seed)
        tasks += make_predicted_tasks(texts, teacher["unlabelled"])
    if other:
        plain = labelled.rephrased["rephrase"]
        found = predict_texts(other, base.tokenizers[OTHER], plain, base.heads, training.bfloat16)
        tasks += make_predicted_tasks(labelled.rephrased["text"], {"sentiment": found["sentiment"]})
    return tasks


def _subtract_mean(
    base: Bundle, branch: str, model: MultimodalModel, labelled: LabelledData, seed: int
) -> None:
    """Subtract the mean encoding of training texts in a branch; its text model predicts the same as before."""
    other = labelled.sample_other(OTHER_TEXTS, seed)["text"]
    texts = other if branch == OTHER else labelled.sample_unlabelled(OTHER_TEXTS, seed)
    part = get_text_branch(base, branch)
    encoded = encode_all_texts(base, texts.tolist(), "mean encoding", branch)
    mean = encoded[:, part.columns].mean(0) + part.mean
    layers = [*model.heads.values(), *([model.space.project["text"]] if model.space else [])]
    centre_branch(part, mean, [layer for layer in layers if isinstance(layer, nn.Linear)])


def centre_branch(branch: TextBranch, mean: Tensor, layers: Iterable[nn.Linear]) -> None:
    """Subtract the mean encoding of the training texts in a branch.

    Args:
        branch: Changed in place.
        mean: (dim,).
        layers: Layers that read the branch's output; changed in place, so that their results stay the same.
    """
    with torch.no_grad():
        for layer in layers:
            layer.weight[:, branch.constant] += layer.weight[:, branch.columns] @ (mean - branch.mean)
        branch.mean.copy_(mean)


def scale_branch(model: MultimodalModel, head: str, branch: TextBranch, factor: float) -> None:
    """Scale a head's logits for posts whose text a branch reads, and that have no other modality.

    Args:
        model: A model with an additive fusion; the weights of the head are changed in place. Logits of posts that
            another branch reads, or that have several modalities, stay the same, apart from rounding.
        head: Name of the head.
        branch: The branch.
        factor: The factor.
    """
    fusion, layer = model.fusion, model.heads[head]
    if not isinstance(fusion, AdditiveFusion) or not isinstance(layer, nn.Linear):
        raise ValueError("scale_branch needs an additive fusion and a linear head")
    term, correction = fusion.term_columns("text")
    alone = fusion.column_of_set(["text"])
    with torch.no_grad():
        before, mean = layer.weight[:, term].clone(), fusion.mean("text")
        average = layer.bias + layer.weight[:, alone] - before @ mean
        after = before.clone()
        after[:, branch.columns] *= factor
        after[:, branch.constant] += (factor - 1) * (before[:, branch.constant] + average)
        layer.weight[:, term] = after
        layer.weight[:, correction] -= after - before
        layer.weight[:, alone] += (after - before) @ mean


def get_text_branch(bundle: Bundle, branch: str) -> TextBranch:
    """Return a branch of the text encoder, whose name is not "".

    Raises:
        ValueError: The text encoder has no branches.
    """
    part = bundle.text_encoder(branch)
    if not isinstance(part, TextBranch):
        raise ValueError(f"{branch!r} is not a branch of a text encoder")
    return part
