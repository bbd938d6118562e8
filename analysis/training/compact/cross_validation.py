"""Cross-validation of one text task: in each fold, the published encoder is fine-tuned on that task alone.

If the validation split is small (TweetTopic has 189 posts), this is more reliable than a single validation. It also
measures the task without the other tasks, for the ablation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from sklearn.model_selection import StratifiedKFold
from transformers import PreTrainedTokenizerBase

from analysis.evaluation.evaluate import evaluate_predictions
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.training.compact.cpu_speed import has_fast_bfloat16, optimise_for_cpu_training
from analysis.training.compact.text import (
    build_text_stage_model,
    make_token_collator,
    tokenize_training_texts,
)
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import Splits
from analysis.training.core.examples import Examples, make_examples
from analysis.training.core.loop import predict_examples, train_multitask
from analysis.training.core.losses import balance_classes

FOLDS = 5
SINGLE_TASK = TrainingConfig(epochs=3, patience=3, bfloat16=has_fast_bfloat16())
"""A few thousand texts need three epochs."""


def cross_validate(
    load_base: Callable[[], Bundle],
    task: str,
    splits: Splits,
    folder: Path,
    training: TrainingConfig = SINGLE_TASK,
) -> dict[str, Any]:
    """Run 5-fold cross-validation on the train and validation splits.

    Args:
        load_base: Returns a new bundle with the published encoders.
        task: Name of the head.
        splits: The labelled texts; train and validation are concatenated.
        folder: Folder for checkpoints and logs.
        training: Settings; held-out posts are not used for early stopping or selection.

    Returns:
        The evaluation of all held-out predictions; see `evaluate_predictions`.
    """
    posts = pd.concat([splits.train, splits.val], ignore_index=True)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=training.seed)
    truth = torch.tensor(posts["label"].to_numpy())
    probability = torch.zeros(len(posts), 0)
    for number, (seen, unseen) in enumerate(folds.split(posts, posts["label"]), start=1):
        base = load_base()
        torch.manual_seed(training.seed)
        head = replace(base.heads[task], exclusive=True, reads=())
        branch = next(iter(base.tokenizers))
        config, tokenizer = base.config.encoders["text"], base.tokenizers[branch]
        encoder = base.text_encoder(branch).requires_grad_(True)
        optimise_for_cpu_training(encoder)
        model = build_text_stage_model(encoder, config, {task: head})
        collate = {"text": make_token_collator(tokenizer)}
        train = _make_task_examples(tokenizer, posts.iloc[seen], head)
        weights = {task: balance_classes(truth[seen], len(head.classes), 0.5)}
        train_multitask(
            model,
            train,
            collate,
            {task: head},
            weights,
            training,
            folder,
            validate=lambda _model: {"none": 0.0},
            title=f"{task}, fold {number} of {FOLDS}",
        )
        last = _make_task_examples(tokenizer, posts.iloc[unseen], head)
        predicted = predict_examples(model, last, collate)[task].softmax(1)
        if not probability.shape[1]:
            probability = torch.zeros(len(posts), predicted.shape[1])
        probability[torch.tensor(unseen)] = predicted
    title = f"{head.name.capitalize()}, {FOLDS}-fold cross-validation, fine-tuned on it alone"
    return evaluate_predictions(probability, truth, head, posts[["text"]], title, "text")


def _make_task_examples(tokenizer: PreTrainedTokenizerBase, frame: pd.DataFrame, head: Head) -> Examples:
    tokens = tokenize_training_texts(tokenizer, frame["text"].tolist())
    return make_examples(
        {"text": tokens}, {head.name: torch.tensor(frame["label"].to_numpy())}, {head.name: head}
    )
