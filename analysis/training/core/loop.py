"""The training loop. Every training stage calls `run_training_steps` through `train_multitask` or `fit_one_cycle`.

`train_multitask` trains encoders, fusion and heads together on `Examples`, with validation, checkpoints and a log.
`fit_one_cycle` trains small modules on precomputed encodings, without validation and checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.model.config import Head
from analysis.model.network import MultimodalModel
from analysis.training.core.config import ExamplesConfig, OneCycleConfig, TrainingConfig
from analysis.training.core.examples import Collate, Examples
from analysis.training.core.journal import Journal
from analysis.training.core.losses import multitask_loss

ExtraLoss = Callable[[MultimodalModel, int, torch.Generator], Tensor | None]
"""An additional loss, computed from the model, the step and a random generator; None for steps without it."""


def run_training_steps(
    batches: Iterable[Tensor],
    compute_losses: Callable[[Tensor], Sequence[Tensor]],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    bar: tqdm[Any],
    clipped: Sequence[nn.Parameter] = (),
    max_gradient: float = 1.0,
) -> float:
    """Run one optimizer step per batch: forward, backward, update.

    Args:
        batches: Row indices, (batch,) each.
        compute_losses: Returns the losses of a batch. Their sum is minimised; the first one is logged.
        optimizer: Updates the parameters.
        schedule: Sets the learning rate of the next step.
        bar: Progress bar, one unit per step.
        clipped: Parameters whose gradients are clipped.
        max_gradient: Maximum norm of their gradients.

    Returns:
        The mean of the first loss over the steps.
    """
    total, steps = 0.0, 0
    for rows in batches:
        first, *others = compute_losses(rows)
        sum(others, start=first).backward()
        if clipped:
            nn.utils.clip_grad_norm_(clipped, max_gradient)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        total, steps = total + float(first.detach()), steps + 1
        bar.set_postfix(loss=f"{total / steps:.3f}", refresh=False)
        bar.update()
    return total / max(steps, 1)


def fit_one_cycle(
    parameters: Iterable[nn.Parameter],
    rows: int,
    compute_loss: Callable[[Tensor], Tensor],
    generator: torch.Generator,
    config: OneCycleConfig,
    title: str,
) -> None:
    """Train parameters with AdamW and a one-cycle schedule (Smith & Topin 2019), for whole epochs.

    Args:
        parameters: Trained in place; parameters that do not require gradients are not changed.
        rows: Number of rows per epoch.
        compute_loss: Returns the loss of a batch of row indices.
        generator: Random generator that shuffles the rows.
        config: Settings.
        title: Label of the progress bar.
    """
    epochs = math.ceil(config.epochs)
    steps = epochs * -(-rows // config.batch)
    optimizer = torch.optim.AdamW(
        [each for each in parameters if each.requires_grad],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=max(steps, 2))
    with tqdm(total=steps, desc=title, unit="step", leave=False) as bar:
        for _ in range(epochs):
            batches = torch.randperm(rows, generator=generator).split(config.batch)
            run_training_steps(batches, lambda batch: [compute_loss(batch)], optimizer, schedule, bar)


def train_multitask(
    model: MultimodalModel,
    examples: Examples,
    collate: Mapping[str, Collate],
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    config: TrainingConfig,
    folder: Path,
    validate: Callable[[MultimodalModel], dict[str, float]],
    extra_loss: ExtraLoss | None = None,
    resume: bool = False,
    title: str = "joint",
) -> MultimodalModel:
    """Train a model end to end. Validates, logs and writes a checkpoint once or more per epoch.

    Args:
        model: Trained in place; weights that do not require gradients are not changed.
        examples: The training examples.
        collate: Collate functions by modality.
        heads: The heads by name.
        class_weights: Weight of each class in the loss, (classes,) by head.
        config: Settings.
        folder: Folder for the checkpoint and the log; see `Journal`.
        validate: Returns validation metrics. The first one decides which check is best; higher is better.
        extra_loss: An additional loss for some steps.
        resume: Continue from the checkpoint in the folder, if there is one.
        title: Name of the checkpoint and the log, and label of the progress bar.

    Returns:
        The model with the weights of the best check (or their average, if that is better), in evaluation mode.

    Raises:
        TrainingError: The checkpoint belongs to a different training run.
    """
    encoders, others = _list_trainable(model.encoders), _list_trainable(model, outside=model.encoders)
    optimizer = torch.optim.AdamW(
        [
            {"params": encoders, "lr": config.learning_rate},
            {"params": others, "lr": config.head_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,  # one pass over 23 million weights; saves a third of the time per step on a CPU
    )
    steps = round(config.epochs * -(-len(examples) // config.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _scale_learning_rate(step, steps))
    journal = Journal(folder, title, asdict(config))
    first = journal.resume(model, optimizer, schedule) if resume else 0
    checks = math.ceil(config.epochs * config.checks)
    for check in range(first, checks):
        if journal.since_best >= config.patience:
            break
        torch.manual_seed(config.seed * 10_000 + check)  # so that a resumed run equals an uninterrupted one
        generator = torch.Generator().manual_seed(config.seed * 10_000 + check)
        model.train()
        epoch, part = divmod(check, config.checks)
        every = examples.batches(config.batch, torch.Generator().manual_seed(config.seed * 10_000 + epoch))
        start, end = (round(len(every) * each / config.checks) for each in (part, part + 1))
        done = epoch * len(every) + start
        batches = every[start:end][: steps - done]
        numbers = iter(range(done, done + len(batches)))

        def compute_losses(rows: Tensor) -> list[Tensor]:
            with _autocast(config.bfloat16):
                value = compute_example_loss(
                    model,
                    examples.take(rows),
                    collate,
                    heads,
                    class_weights,
                    config,
                    generator,  # noqa: B023
                )
                extra = extra_loss(model, next(numbers), generator) if extra_loss else None  # noqa: B023
            return [value] if extra is None else [value, extra]

        label = f"{title}, {check + 1} of {checks}"
        with tqdm(total=len(batches), desc=label, unit="step", mininterval=1.0) as bar:
            loss = run_training_steps(
                batches, compute_losses, optimizer, schedule, bar, encoders, config.max_gradient
            )
        figures = validate(model.eval())
        passes = (done + len(batches)) / len(every)
        journal.record(check, passes, loss, figures, model, optimizer, schedule)
    if config.averaged > 1 and first <= checks and journal.recent:
        model.load_state_dict(average_weights(journal.recent))
        journal.record(checks, config.epochs, None, validate(model.eval()), model, optimizer, schedule)
    journal.restore_best(model)
    return model.eval()


@torch.inference_mode()
def predict_examples(
    model: MultimodalModel,
    examples: Examples,
    collate: Mapping[str, Collate],
    bfloat16: bool = False,
    batch: int = 64,
) -> dict[str, Tensor]:
    """Compute the logits of every example, (examples, classes) by head."""
    order = torch.tensor(examples.lengths).argsort(stable=True)
    found: dict[str, list[Tensor]] = {}
    for rows in order.split(batch):
        with _autocast(bfloat16):
            logits = encode_and_predict(model, examples.take(rows), collate)
        for head, values in logits.items():
            found.setdefault(head, []).append(values.float())
    back = order.argsort()
    return {head: torch.cat(values)[back] for head, values in found.items()}


def encode_and_predict(
    model: MultimodalModel,
    examples: Examples,
    collate: Mapping[str, Collate],
    drop: float = 0.0,
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Encode the modalities of each example, and compute logits, (examples, classes) by head.

    Args:
        model: The model.
        examples: The examples.
        collate: Collate functions by modality.
        drop: Probability that an example with several modalities is shown with only one of them.
        generator: Random generator for `drop`.
    """
    shown = examples.present(model.modalities)  # (examples, modalities)
    if drop:
        several = (shown.sum(1) > 1) & (torch.rand(len(examples), generator=generator) < drop)
        kept = (torch.rand(shown.shape, generator=generator) * shown).argmax(1)
        shown = torch.where(several.unsqueeze(1), torch.arange(shown.shape[1]) == kept.unsqueeze(1), shown)
    encoded = {}
    for column, modality in enumerate(model.modalities):
        rows = shown[:, column].nonzero().squeeze(1)
        full = torch.zeros(len(examples), model.fusion.dims[modality])
        if len(rows):
            inputs = collate[modality]([examples.inputs[modality][row] for row in rows.tolist()])
            full = full.index_copy(0, rows, model.encode(modality, **inputs).float())
        encoded[modality] = full
    return model.predict(encoded, shown.float())


def average_weights(models: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Average several states of one model; integer values are taken from the last state."""
    last = models[-1]
    return {
        name: torch.stack([each[name] for each in models]).mean(0) if values.is_floating_point() else values
        for name, values in last.items()
    }


def compute_example_loss(
    model: MultimodalModel,
    examples: Examples,
    collate: Mapping[str, Collate],
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    config: ExamplesConfig,
    generator: torch.Generator,
) -> Tensor:
    """Compute the multitask loss of a batch of examples; see `train_multitask` for the arguments."""
    logits = encode_and_predict(model, examples, collate, config.drop_modality, generator)
    return multitask_loss(
        {head: each.float() for head, each in logits.items()},
        examples.targets,
        examples.weight,
        heads,
        class_weights,
        config.label_smoothing,
        config.squared_error,
    )


def _autocast(bfloat16: bool) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if bfloat16 else nullcontext()


def _scale_learning_rate(step: int, steps: int) -> float:
    rising = max(0.06 * steps, 1.0)
    return min((step + 1) / rising, max(steps - step, 0) / max(steps - rising, 1.0))


def _list_trainable(module: nn.Module, outside: nn.Module | None = None) -> list[nn.Parameter]:
    excluded = {id(parameter) for parameter in outside.parameters()} if outside else set()
    return [each for each in module.parameters() if each.requires_grad and id(each) not in excluded]
