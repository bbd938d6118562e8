"""Joint training: encoders, fusion and heads learn together, by backpropagation, from posts as they are.

Training of fusion and heads alone, over encodings computed once, is `analysis.training.core.encoded_loop`; use it
where encoders stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.model.config import Head
from analysis.model.network import MultimodalModel
from analysis.training.core.journal import Journal
from analysis.training.core.losses import loss

Collate = Callable[[Sequence[Any]], dict[str, Tensor]]
"""Brings inputs of one modality to what its encoder's `forward` takes."""
BUCKET = 50
"""Batches that are sorted by length together: enough to save padding, few enough to keep them mixed."""


@dataclass(frozen=True)
class JointConfig:
    """How encoders, fusion and heads are trained together.

    Attributes:
        epochs: Passes over the posts, at most; the last may be a part of one.
        batch: Posts a step.
        learning_rate: Highest rate of the encoders; it rises for 6 % of the steps, then falls to 0 in a line.
        head_rate: The same for everything else.
        weight_decay: Of AdamW (Loshchilov & Hutter 2019); 0 is Adam.
        label_smoothing: Part of each exclusive head's target spread over all classes.
        squared_error: Weight of the squared error of heads with values, the valence.
        drop_modality: Chance that a post which has several modalities is shown with one of them only.
        max_gradient: Gradients of a larger norm are scaled down to it.
        checks: How often in an epoch the model is validated, logged and kept.
        patience: Checks without a better validation figure after which training stops.
        averaged: The weights of this many last checks are averaged at the end, and validated as one check more
            (Izmailov et al. 2018); 1 leaves them as they are.
        bfloat16: Compute in bfloat16 where that is safe; three times as fast on processors that have it.
        seed: Of everything that is left to chance.
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


@dataclass(frozen=True)
class LabelledPosts:
    """Posts with labels.

    Attributes:
        inputs: By modality one entry a post, None where the post lacks it.
        targets: Class probabilities by head, (posts, classes); a row of NaN has no label for that head.
        weight: Weight in the loss, (posts,).
        length: Cost of a post, such as its tokens; posts of like length share a batch. Empty: in any order.
    """

    inputs: Mapping[str, Sequence[Any]]
    targets: Mapping[str, Tensor]
    weight: Tensor
    length: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.weight)


def join_posts(*sets: LabelledPosts) -> LabelledPosts:
    """Put sets of posts one after another; all have the same modalities and heads."""
    first = sets[0]
    return LabelledPosts(
        {modality: [each for part in sets for each in part.inputs[modality]] for modality in first.inputs},
        {name: torch.cat([part.targets[name] for part in sets]) for name in first.targets},
        torch.cat([part.weight for part in sets]),
        [length for part in sets for length in part.length],
    )


def fit_jointly(
    model: MultimodalModel,
    posts: LabelledPosts,
    collate: Mapping[str, Collate],
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    config: JointConfig,
    folder: Path,
    validate: Callable[[MultimodalModel], dict[str, float]],
    beside: Callable[[MultimodalModel, int, torch.Generator], Tensor | None] | None = None,
    resume: bool = False,
    title: str = "joint",
) -> MultimodalModel:
    """Train a whole model; it is validated, logged and kept after each epoch, or more often.

    Args:
        model: Is trained in place; encoders whose weights do not require gradients stay as they are.
        posts: What to learn from.
        collate: By modality.
        heads: The heads by name.
        class_weights: Weight of each class in the loss, (classes,) by head.
        config: How.
        folder: Gets the checkpoint and the log; see `Journal`.
        validate: Gives figures of a model; the first is watched, higher is better.
        beside: Gives one more loss at some steps, from the model, the step's number and a source of chance.
        resume: Carry on from the folder's checkpoint, if it has one.
        title: Names checkpoint and log, and stands before the progress bar.

    Returns:
        The model with the weights of the best check, the average among them, in evaluation mode.

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
        fused=True,  # in one pass over 23 million weights: a third less time a step on a CPU
    )
    steps = round(config.epochs * -(-len(posts) // config.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    journal = Journal(folder, title, asdict(config))
    first = journal.resume(model, optimizer, schedule) if resume else 0
    rounds = math.ceil(config.epochs * config.checks)
    for number in range(first, rounds):
        if journal.since_best >= config.patience:
            break
        torch.manual_seed(config.seed * 10_000 + number)  # so that a resumed run goes on as an unbroken one
        chance = torch.Generator().manual_seed(config.seed * 10_000 + number)
        model.train()
        epoch, check = divmod(number, config.checks)
        every = batches_of(posts, config.batch, torch.Generator().manual_seed(config.seed * 10_000 + epoch))
        start, end = (round(len(every) * part / config.checks) for part in (check, check + 1))
        before = epoch * len(every) + start
        batches = every[start:end][: steps - before]
        total = 0.0
        done = f"{title}, {number + 1} of {rounds}"
        with tqdm(batches, desc=done, unit="step", mininterval=1.0) as bar:
            for step, rows in enumerate(bar):
                with _precision(config.bfloat16):
                    logits = _predict(model, posts, rows, collate, config.drop_modality, chance)
                    targets = {head: values[rows] for head, values in posts.targets.items()}
                    value = loss(
                        {head: each.float() for head, each in logits.items()},
                        targets,
                        posts.weight[rows],
                        heads,
                        class_weights,
                        config.label_smoothing,
                        config.squared_error,
                    )
                    more = beside(model, before + step, chance) if beside else None
                (value if more is None else value + more).backward()
                nn.utils.clip_grad_norm_(encoders, config.max_gradient)
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
                total += float(value.detach())
                bar.set_postfix(loss=f"{total / (step + 1):.3f}", refresh=False)
        figures = validate(model.eval())
        passes = (before + len(batches)) / len(every)
        journal.checked(number, passes, total / len(batches), figures, model, optimizer, schedule)
    if config.averaged > 1 and first <= rounds and journal.recent:
        model.load_state_dict(mean_weights(journal.recent))
        journal.checked(rounds, config.epochs, None, validate(model.eval()), model, optimizer, schedule)
    journal.best_into(model)
    return model.eval()


@torch.inference_mode()
def predict_posts(
    model: MultimodalModel,
    posts: LabelledPosts,
    collate: Mapping[str, Collate],
    bfloat16: bool = False,
    batch: int = 64,
) -> dict[str, Tensor]:
    """Give the logits of every post, (posts, classes) by head."""
    order = sorted(range(len(posts)), key=lambda row: posts.length[row] if posts.length else row)
    found: dict[str, list[Tensor]] = {}
    for start in range(0, len(order), batch):
        rows = torch.tensor(order[start : start + batch])
        with _precision(bfloat16):
            logits = _predict(model, posts, rows, collate)
        for head, values in logits.items():
            found.setdefault(head, []).append(values.float())
    back = torch.tensor(order).argsort()
    return {head: torch.cat(values)[back] for head, values in found.items()}


def mean_weights(models: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Average the weights of several states of one model; what is not a number with a fraction is the last one's."""
    last = models[-1]
    return {
        name: torch.stack([each[name] for each in models]).mean(0) if values.is_floating_point() else values
        for name, values in last.items()
    }


def batches_of(posts: LabelledPosts, batch: int, chance: torch.Generator) -> list[Tensor]:
    """Deal posts into batches of like length, in an order left to chance: row numbers, (batch,) each."""
    shuffled = torch.randperm(len(posts), generator=chance)
    batches: list[Tensor] = []
    for bucket in shuffled.split(batch * BUCKET):
        if posts.length:
            bucket = bucket[torch.tensor([posts.length[row] for row in bucket.tolist()]).argsort(stable=True)]
        batches.extend(bucket.split(batch))
    return [batches[number] for number in torch.randperm(len(batches), generator=chance).tolist()]


def _predict(
    model: MultimodalModel,
    posts: LabelledPosts,
    rows: Tensor,
    collate: Mapping[str, Collate],
    drop: float = 0.0,
    chance: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Encode what each post has, and predict: (posts, classes) by head."""
    shown = torch.tensor(
        [[posts.inputs[modality][row] is not None for modality in model.modalities] for row in rows.tolist()]
    )  # (posts, modalities)
    if drop:
        several = (shown.sum(1) > 1) & (torch.rand(len(rows), generator=chance) < drop)
        kept = (torch.rand(shown.shape, generator=chance) * shown).argmax(1)
        shown = torch.where(several.unsqueeze(1), torch.arange(shown.shape[1]) == kept.unsqueeze(1), shown)
    encoded = {}
    for column, modality in enumerate(model.modalities):
        have = shown[:, column].nonzero().squeeze(1)
        full = torch.zeros(len(rows), model.fusion.dims[modality])
        if len(have):
            inputs = collate[modality]([posts.inputs[modality][row] for row in rows[have].tolist()])
            full = full.index_copy(0, have, model.encode(modality, **inputs).float())
        encoded[modality] = full
    return model.predict(encoded, shown.float())


def _precision(bfloat16: bool) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if bfloat16 else nullcontext()


def _rate(step: int, steps: int) -> float:
    rising = max(0.06 * steps, 1.0)
    return min((step + 1) / rising, max(steps - step, 0) / max(steps - rising, 1.0))


def _trainable(module: nn.Module, outside: nn.Module | None = None) -> list[nn.Parameter]:
    taken = {id(parameter) for parameter in outside.parameters()} if outside else set()
    return [each for each in module.parameters() if each.requires_grad and id(each) not in taken]
