"""Cross-validation of one text task: the encoder is fine-tuned on it alone, anew for each fold.

The shipped bundle has seen all of train; so where validation is small, as TweetTopic's 189 posts, this is the honest
figure. It is also what the task reaches without the others, a row of the ablation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from sklearn.model_selection import StratifiedKFold

from analysis.evaluation.evaluate import evaluation_of
from analysis.model.bundle import Bundle
from analysis.training.compact.cpu_speed import fast_bfloat16, lighten
from analysis.training.compact.text import collate_tokens, labelled_texts, text_model
from analysis.training.core.data_sets import Splits
from analysis.training.core.loop import JointConfig, fit_jointly, predict_posts
from analysis.training.core.losses import balance

FOLDS = 5
ALONE = JointConfig(epochs=3, patience=3, bfloat16=fast_bfloat16())
"""Few thousand texts take three passes."""


def cross_validate(
    make_base: Callable[[], Bundle], task: str, splits: Splits, folder: Path, training: JointConfig = ALONE
) -> dict[str, Any]:
    """Fine-tune on four fifths of train and validation, answer the last fifth, five times.

    Args:
        make_base: Gives a bundle with the base encoders, a new one at each call.
        task: Name of the head.
        splits: Its labelled texts; train and validation are joined.
        folder: Gets checkpoints and logs.
        training: How; no fold is stopped or chosen by its held-out posts.

    Returns:
        The evaluation of all held-out answers, as `evaluation_of` gives it.
    """
    posts = pd.concat([splits.train, splits.val], ignore_index=True)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=training.seed)
    truth = torch.tensor(posts["label"].to_numpy())
    probability = torch.zeros(len(posts), 0)
    for number, (seen, unseen) in enumerate(folds.split(posts, posts["label"]), start=1):
        base = make_base()
        torch.manual_seed(training.seed)
        head = replace(base.heads[task], exclusive=True, reads=())
        config, tokenizer = base.config.encoders["text"], base.tokenizer
        encoder = base.model.encoders["text"].requires_grad_(True)
        lighten(encoder)
        model = text_model(encoder, config, {task: head})
        collate = {"text": collate_tokens(tokenizer)}
        train = labelled_texts(tokenizer, [(task, posts.iloc[seen])], {task: head})
        weights = {task: balance(truth[seen], len(head.classes), 0.5)}
        fit_jointly(
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
        last = labelled_texts(tokenizer, [(task, posts.iloc[unseen])], {task: head})
        answers = predict_posts(model, last, collate)[task].softmax(1)
        if not probability.shape[1]:
            probability = torch.zeros(len(posts), answers.shape[1])
        probability[torch.tensor(unseen)] = answers
    title = f"{head.name.capitalize()}, {FOLDS}-fold cross-validation, fine-tuned on it alone"
    return evaluation_of(probability, truth, head, posts[["text"]], title, "text")
