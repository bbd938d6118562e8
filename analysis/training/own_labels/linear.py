"""Linear heads over a frozen fusion: a convex problem, solved to its optimum, its penalty chosen by cross-validation.

Each head starts where the base's head stands, and the squared distance from there is penalised (L2-SP, Li et al.
2018): few labels move it little, many move it far, and classes that the base does not know start from zero.
What the labels are is `heads`; what becomes of the trained heads is `train`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.evaluation.extra import evaluate_extra
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.outputs import temperatures
from analysis.training.core.losses import multitask_loss

with evaluate_extra():
    from sklearn.model_selection import StratifiedKFold

FOLDS = 5
"""Of the cross-validation that figures and temperature come from."""
INNER_FOLDS = 3
"""Of the one within, that chooses the penalty."""
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01)
"""Of the squared distance from the start, where fused vectors have a mean squared length of 1."""
STEPS = 200
"""Most iterations of L-BFGS."""


@dataclass(frozen=True)
class Views:
    """Labelled posts as one head sees them: each whole, and each of its modalities alone where it has several.

    Attributes:
        fused: Fused vectors, (views, fused dim), float64.
        post: Number of the post that a view shows, (views,).
        whole: Whether it shows all that the post has, (views,); one view a post.
        target: 0/1, (views, classes).
        weight: In the loss, (views,); every post weighs the same.
    """

    fused: Tensor
    post: Tensor
    whole: Tensor
    target: Tensor
    weight: Tensor

    def of(self, posts: Sequence[int]) -> Views:
        """Choose the views of some posts."""
        rows = torch.isin(self.post, torch.as_tensor(posts))
        return Views(
            self.fused[rows], self.post[rows], self.whole[rows], self.target[rows], self.weight[rows]
        )


def make_views(
    bundle: Bundle, head: Head, encoded: Mapping[str, Tensor], present: Tensor, target: Tensor
) -> Views:
    """Show each post whole, and each of its modalities alone: modality dropout, every case of it.

    Args:
        bundle: Its fusion fuses.
        head: Says which modalities are read; each post has at least one of them.
        encoded: (posts, dim) by modality.
        present: 0/1, (posts, modalities).
        target: 0/1, (posts, classes).

    Returns:
        The views: whole posts first, in the order given.
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
    # Rare classes do not weigh more: on 50 to 600 tweets that cost accuracy, macro F1 and calibration alike.
    weight = 1 / (torch.bincount(post) * target.sum(1))  # `loss` counts a post once for each of its classes
    whole = torch.arange(len(post)) < len(seen)
    return Views(fused.double(), post, whole, target[post].double(), weight[post].double())


def start_of(head: Head, bundle: Bundle, present: Tensor) -> nn.Linear:
    """Begin a head: classes that the base's head of this name has as they are there, others at zero.

    Args:
        head: The new head.
        bundle: The base.
        present: What the labelled posts have, (posts, modalities).

    Returns:
        The layer, its temperature (the mean of what it is for these posts) divided out.
    """
    start = nn.Linear(bundle.model.fusion.dim, len(head.classes))
    known = bundle.heads.get(head.name)
    with torch.no_grad():
        start.weight.zero_()
        start.bias.zero_()
        if known is not None and known.exclusive == head.exclusive:
            layer = bundle.model.heads[head.name].state_dict()
            temperature = temperatures(known, present).mean()
            for number, name in enumerate(head.classes):
                if name in known.classes:
                    row = known.classes.index(name)
                    start.weight[number] = layer["weight"][row] / temperature
                    start.bias[number] = layer["bias"][row] / temperature
    return start


def fit_linear(views: Views, head: Head, start: nn.Linear, penalty: float) -> nn.Linear:
    """Find the layer with the least weighted loss and penalised distance from the start, by L-BFGS.

    Args:
        views: What to learn from.
        head: Exclusive heads learn by cross-entropy, others by binary cross-entropy.
        start: Where the layer starts.
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
        value = _loss(inputs @ (origin + change).T, views, head) + penalty / 2 * change.square().sum()
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
    """Choose the penalty whose layers predict held-out posts with the least loss."""
    losses = dict.fromkeys(PENALTIES, 0.0)
    for train, test in _folds(views, INNER_FOLDS, seed):
        for penalty in PENALTIES:
            logits = fit_linear(train, head, start, penalty)(test.fused.float())
            losses[penalty] += float(_loss(logits, test, head))
    return min(losses, key=losses.__getitem__)


def held_out_logits(views: Views, head: Head, start: nn.Linear, seed: int) -> Tensor:
    """Predict every whole post by a layer that has not seen it; the penalty is chosen anew in each fold.

    Returns:
        (posts, classes), in the order of the posts.
    """
    logits = torch.zeros(int(views.whole.sum()), len(head.classes))
    folds = _folds(views, FOLDS, seed)
    for train, test in tqdm(folds, total=FOLDS, desc=f"validating {head.name}", unit="fold", leave=False):
        layer = fit_linear(train, head, start, choose_penalty(train, head, start, seed))
        logits[test.post[test.whole]] = layer(test.fused[test.whole].float())
    return logits


def _folds(views: Views, folds: int, seed: int) -> Iterator[tuple[Views, Views]]:
    """Split by posts, so that no post is in both parts; each class, or rarest class of a post, spread evenly."""
    posts, target = views.post[views.whole].numpy(), views.target[views.whole]
    rarest = torch.where(target > 0, target.sum(0), torch.inf).argmin(1).numpy()
    with warnings.catch_warnings():  # a class that mostly stands beside a rarer one may be rarest too seldom
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        rows = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(posts, rarest))
    for train, test in rows:
        yield views.of(posts[train]), views.of(posts[test])


def _loss(logits: Tensor, views: Views, head: Head) -> Tensor:
    """Add up the views' weighted losses."""
    equal = {head.name: torch.ones(len(head.classes), dtype=torch.float64)}
    one = {head.name: logits.double()}
    mean = multitask_loss(
        one, {head.name: views.target}, views.weight, {head.name: head}, equal, smoothing=0.0
    )
    return mean * views.weight.sum()
