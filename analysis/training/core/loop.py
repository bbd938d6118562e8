"""The training loop. Every stage of every training runs `run_steps`, through `fit` or `fit_one_cycle`.

`fit` trains encoders, fusion and heads together on `Examples`, with validation, checkpoints and a log.
`fit_one_cycle` is the short form for small parts trained on encodings computed earlier: no validation, no checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.model.config import Head
from analysis.model.network import MultimodalModel
from analysis.training.core.examples import Collate, Examples
from analysis.training.core.journal import Journal
from analysis.training.core.losses import multitask_loss

ExtraLoss = Callable[[MultimodalModel, int, torch.Generator], Tensor | None]
"""A second loss at some steps, from the model, the step's number and a source of randomness; None at other steps."""


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one training.

    Attributes:
        epochs: Maximum passes over the examples; may be fractional.
        batch: Examples per step.
        learning_rate: Peak rate of the encoders, or of everything in `fit_one_cycle`. In `fit` the rate rises over
            6 % of the steps, then falls linearly to 0.
        head_rate: Peak rate of everything but the encoders, in `fit`.
        weight_decay: Of AdamW (Loshchilov & Hutter 2019); 0 is Adam.
        label_smoothing: Share of each exclusive head's target that is spread over all classes.
        squared_error: Weight of the squared error of heads with values (the valence).
        drop_modality: Probability that an example with several modalities is shown with only one of them.
        max_gradient: Encoder gradients of a larger norm are clipped to it.
        checks: Validations per epoch; each writes a log line and a checkpoint.
        patience: Checks without improvement after which training stops.
        averaged: Number of last checks whose weights are averaged at the end; the average is validated as one more
            check (Izmailov et al. 2018). 1 turns averaging off.
        bfloat16: Compute in bfloat16 where that is safe; three times as fast on processors that support it.
        seed: Seed of all random numbers.
    """

    epochs: float = 2.0
    batch: int = 32
    learning_rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    squared_error: float = 0.0
    drop_modality: float = 0.0
    max_gradient: float = 1.0
    checks: int = 1
    patience: int = 2
    averaged: int = 1
    bfloat16: bool = False
    seed: int = 0


def run_steps(
    batches: Iterable[Tensor],
    compute_losses: Callable[[Tensor], Sequence[Tensor]],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    bar: tqdm[Any],
    clipped: Sequence[nn.Parameter] = (),
    max_gradient: float = 1.0,
) -> float:
    """Take one optimizer step per batch: forward, backward, update.

    Args:
        batches: Row numbers, (batch,) each.
        compute_losses: Returns the losses of a batch. Their sum is minimised; the first is logged.
        optimizer: Updates the parameters.
        schedule: Sets the learning rate of the next step.
        bar: Progress bar, one unit per step.
        clipped: Parameters whose gradients are clipped.
        max_gradient: Largest norm of their gradients.

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
    config: TrainingConfig,
    title: str,
) -> None:
    """Train parameters with AdamW and a one-cycle schedule (Smith & Topin 2019), for whole epochs.

    Args:
        parameters: Trained in place; those that require no gradient stay as they are.
        rows: Number of rows that an epoch goes through.
        compute_loss: Returns the loss of a batch of row numbers.
        generator: Shuffles the rows.
        config: epochs, batch, learning_rate and weight_decay are used.
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
            run_steps(batches, lambda batch: [compute_loss(batch)], optimizer, schedule, bar)


def fit(
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
    """Train a whole model, with validation, a log line and a checkpoint after each epoch or more often.

    Args:
        model: Trained in place; encoders whose weights do not require gradients stay as they are.
        examples: The training examples.
        collate: Collate functions by modality.
        heads: The heads by name.
        class_weights: Weight of each class in the loss, (classes,) by head.
        config: Settings.
        folder: Where the checkpoint and the log are written; see `Journal`.
        validate: Measures a model. The first figure decides which check is best; higher is better.
        extra_loss: A second loss at some steps.
        resume: Continue from the folder's checkpoint, if it has one.
        title: Names checkpoint and log, and labels the progress bar.

    Returns:
        The model with the weights of the best check (the average counts as one), in evaluation mode.

    Raises:
        TrainingError: The checkpoint belongs to another training.
    """
    encoders, others = _trainable(model.encoders), _trainable(model, outside=model.encoders)
    optimizer = torch.optim.AdamW(
        [
            {"params": encoders, "lr": config.learning_rate},
            {"params": others, "lr": config.head_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,  # one pass over 23 million weights: a third less time per step on a CPU
    )
    steps = round(config.epochs * -(-len(examples) // config.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _learning_rate(step, steps))
    journal = Journal(folder, title, asdict(config))
    first = journal.resume(model, optimizer, schedule) if resume else 0
    checks = math.ceil(config.epochs * config.checks)
    for check in range(first, checks):
        if journal.since_best >= config.patience:
            break
        torch.manual_seed(config.seed * 10_000 + check)  # a resumed run continues like an uninterrupted one
        generator = torch.Generator().manual_seed(config.seed * 10_000 + check)
        model.train()
        epoch, part = divmod(check, config.checks)
        every = examples.batches(config.batch, torch.Generator().manual_seed(config.seed * 10_000 + epoch))
        start, end = (round(len(every) * each / config.checks) for each in (part, part + 1))
        done = epoch * len(every) + start
        batches = every[start:end][: steps - done]
        numbers = iter(range(done, done + len(batches)))

        def compute_losses(rows: Tensor) -> list[Tensor]:
            with _precision(config.bfloat16):
                value = example_loss(
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
            loss = run_steps(batches, compute_losses, optimizer, schedule, bar, encoders, config.max_gradient)
        figures = validate(model.eval())
        passes = (done + len(batches)) / len(every)
        journal.record(check, passes, loss, figures, model, optimizer, schedule)
    if config.averaged > 1 and first <= checks and journal.recent:
        model.load_state_dict(mean_weights(journal.recent))
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
        with _precision(bfloat16):
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
    """Encode what each example has, and predict: logits, (examples, classes) by head.

    Args:
        model: The model.
        examples: The examples.
        collate: Collate functions by modality.
        drop: Probability that an example with several modalities is shown with only one of them.
        generator: Source of randomness for `drop`.
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


def mean_weights(models: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Average the weights of several states of one model; integer values come from the last state."""
    last = models[-1]
    return {
        name: torch.stack([each[name] for each in models]).mean(0) if values.is_floating_point() else values
        for name, values in last.items()
    }


def example_loss(
    model: MultimodalModel,
    examples: Examples,
    collate: Mapping[str, Collate],
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    config: TrainingConfig,
    generator: torch.Generator,
) -> Tensor:
    """Compute the heads' loss on a batch of examples; see `fit` for the arguments."""
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


def _precision(bfloat16: bool) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if bfloat16 else nullcontext()


def _learning_rate(step: int, steps: int) -> float:
    rising = max(0.06 * steps, 1.0)
    return min((step + 1) / rising, max(steps - step, 0) / max(steps - rising, 1.0))


def _trainable(module: nn.Module, outside: nn.Module | None = None) -> list[nn.Parameter]:
    excluded = {id(parameter) for parameter in outside.parameters()} if outside else set()
    return [each for each in module.parameters() if each.requires_grad and id(each) not in excluded]
