"""Linear heads on a frozen fusion: a convex problem, solved exactly, with a penalty chosen by cross-validation.

Each head starts from the base's head, and the squared distance from it is penalised (L2-SP, Li et al. 2018). So a
head changes little with few labels and more with many. Classes that are new to the base start from zero.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn

from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.outputs import select_temperatures
from analysis.training.core.losses import multitask_loss

FOLDS = 5
"""Folds of the cross-validation for metrics and temperature."""
INNER_FOLDS = 3
"""Folds of the inner cross-validation, which chooses the penalty."""
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01)
"""Weights of the squared distance from the initial head, for fused vectors with a mean squared length of 1."""
STEPS = 200
"""Maximum iterations of L-BFGS."""


@dataclass(frozen=True)
class Views:
    """Labelled posts as inputs of one head: each post complete, and each of its modalities alone if it has several.

    Attributes:
        fused: Fused vectors, (views, fused dim), float64.
        post: Index of each view's post, (views,).
        complete: Whether the view has all modalities of the post, (views,); there is one such view per post.
        target: 0/1, (views, classes).
        weight: Weight in the loss, (views,); every post has the same total weight.
    """

    fused: Tensor
    post: Tensor
    complete: Tensor
    target: Tensor
    weight: Tensor

    def select(self, posts: Sequence[int]) -> Views:
        """Select the views of some posts."""
        rows = torch.isin(self.post, torch.as_tensor(posts))
        return Views(
            self.fused[rows], self.post[rows], self.complete[rows], self.target[rows], self.weight[rows]
        )


def make_views(
    bundle: Bundle, head: Head, encoded: Mapping[str, Tensor], present: Tensor, target: Tensor
) -> Views:
    """Create the views of each post: complete, and each of its modalities alone (exhaustive modality dropout).

    Args:
        bundle: The bundle with the fusion.
        head: Determines which modalities are read; each post must have at least one of them.
        encoded: (posts, dim) by modality.
        present: 0/1, (posts, modalities).
        target: 0/1, (posts, classes).

    Returns:
        The views, complete posts first, in the order of the posts.
    """
    modalities = bundle.model.modalities
    reads = torch.tensor([float(not head.reads or modality in head.reads) for modality in modalities])
    seen = present * reads  # (posts, modalities)
    several = torch.nonzero(seen.sum(1) > 1).squeeze(1)
    posts, shown = [torch.arange(len(seen))], [seen]
    for column, alone in enumerate(torch.eye(len(modalities))):
        having = several[seen[several, column] > 0]
        posts.append(having)
        shown.append(alone.repeat(len(having), 1))
    post, mask = torch.cat(posts), torch.cat(shown)
    with torch.no_grad():
        fused = bundle.model.fusion({name: values[post] for name, values in encoded.items()}, mask)
    # Rare classes get no extra weight: on 50 to 600 tweets it made accuracy, macro F1 and calibration worse.
    weight = 1 / (torch.bincount(post) * target.sum(1))  # the loss counts a post once per class
    complete = torch.arange(len(post)) < len(seen)
    return Views(fused.double(), post, complete, target[post].double(), weight[post].double())


def init_head(head: Head, bundle: Bundle, present: Tensor) -> nn.Linear:
    """Initialise a head with the weights of the base's head; classes that the base does not have get zeros.

    Args:
        head: The new head.
        bundle: The base bundle.
        present: Presence mask of the labelled posts, 0/1, (posts, modalities).

    Returns:
        The layer, divided by the mean temperature for these posts.
    """
    start = nn.Linear(bundle.model.fusion.dim, len(head.classes))
    known = bundle.heads.get(head.name)
    with torch.no_grad():
        start.weight.zero_()
        start.bias.zero_()
        if known is not None and known.exclusive == head.exclusive:
            layer = bundle.model.heads[head.name].state_dict()
            temperature = select_temperatures(known, present).mean()
            for number, name in enumerate(head.classes):
                if name in known.classes:
                    row = known.classes.index(name)
                    start.weight[number] = layer["weight"][row] / temperature
                    start.bias[number] = layer["bias"][row] / temperature
    return start


def fit_linear(views: Views, head: Head, start: nn.Linear, penalty: float) -> nn.Linear:
    """Minimise the weighted loss plus the penalty with L-BFGS.

    Args:
        views: Training data.
        head: Exclusive heads use cross-entropy, others binary cross-entropy.
        start: Initial layer.
        penalty: See `PENALTIES`.

    Returns:
        A new layer, float32.
    """
    centre = views.fused.mean(0)
    scale = (views.fused - centre).square().sum(1).mean().sqrt().clamp(min=1e-6)
    inputs = torch.cat(
        [(views.fused - centre) / scale, torch.ones(len(views.fused), 1)], dim=1
    )  # (views, dim + 1)
    weight, bias = start.weight.detach().double(), start.bias.detach().double()
    origin = torch.cat([weight * scale, (bias + weight @ centre).unsqueeze(1)], dim=1)  # (classes, dim + 1)
    change = torch.zeros_like(origin, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [change], max_iter=STEPS, tolerance_change=1e-6, line_search_fn="strong_wolfe"
    )

    def objective() -> Tensor:
        optimizer.zero_grad()
        value = _sum_losses(inputs @ (origin + change).T, views, head) + penalty / 2 * change.square().sum()
        value.backward()
        return value

    optimizer.step(objective)
    found = (origin + change).detach()
    layer = nn.Linear(len(centre), len(origin))
    with torch.no_grad():
        layer.weight.copy_(found[:, :-1] / scale)
        layer.bias.copy_(found[:, -1] - found[:, :-1] @ centre / scale)
    return layer.requires_grad_(False)


def choose_penalty(views: Views, head: Head, start: nn.Linear, seed: int) -> float:
    """Choose the penalty with the lowest loss on held-out posts."""
    losses = dict.fromkeys(PENALTIES, 0.0)
    for train, test in _split_folds(views, INNER_FOLDS, seed):
        for penalty in PENALTIES:
            logits = fit_linear(train, head, start, penalty)(test.fused.float())
            losses[penalty] += float(_sum_losses(logits, test, head))
    return min(losses, key=losses.__getitem__)


def predict_held_out(
    views: Views, head: Head, start: nn.Linear, seed: int, progress: Callable[[int, int], None]
) -> Tensor:
    """Predict all complete posts by cross-validation; the penalty is chosen separately in each fold.

    Args:
        views: The labelled posts.
        head: The head.
        start: Initial layer.
        seed: Seed of the folds.
        progress: Called with the number of posts done and in total.

    Returns:
        Logits, (posts, classes), in the order of the posts.
    """
    logits = torch.zeros(int(views.complete.sum()), len(head.classes))
    done = 0
    for train, test in _split_folds(views, FOLDS, seed):
        progress(done, len(logits))
        layer = fit_linear(train, head, start, choose_penalty(train, head, start, seed))
        logits[test.post[test.complete]] = layer(test.fused[test.complete].float())
        done += int(test.complete.sum())
    return logits


def _split_folds(views: Views, folds: int, seed: int) -> Iterator[tuple[Views, Views]]:
    """Split by post, so that no post is in both parts, stratified by the rarest class of each post."""
    posts, target = views.post[views.complete].numpy(), views.target[views.complete]
    rarest = torch.where(target > 0, target.sum(0), torch.inf).argmin(1).numpy()
    with warnings.catch_warnings():  # a class is rarely the rarest if it mostly occurs with a rarer one
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        rows = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(posts, rarest))
    for train, test in rows:
        yield views.select(posts[train]), views.select(posts[test])


def _sum_losses(logits: Tensor, views: Views, head: Head) -> Tensor:
    """Sum the weighted losses of the views."""
    equal = {head.name: torch.ones(len(head.classes), dtype=torch.float64)}
    one = {head.name: logits.double()}
    mean = multitask_loss(
        one, {head.name: views.target}, views.weight, {head.name: head}, equal, smoothing=0.0
    )
    return mean * views.weight.sum()
