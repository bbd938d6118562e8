"""How the shared text-image space is learned, kept while the text encoder is fine-tuned, and tested by retrieval.

Texts and pictures that belong together are drawn together against all others of the batch (InfoNCE, symmetric:
van den Oord et al. 2018; Radford et al. 2021). Texts stay near what the sentence encoder said before
fine-tuning, so that texts of like meaning stay near each other too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from analysis.model.network import MultimodalModel
from analysis.model.space import SharedSpace
from analysis.training.core.loop import Collate


@dataclass(frozen=True)
class SpaceTraining:
    """How the space is learned.

    Attributes:
        every: Steps of fine-tuning between two steps on pairs.
        captions: Captions of different pictures in such a step.
        posts: Posts' texts in such a step: of two in three only the meaning is kept, one in three has its picture.
        pairs_weight: Of the contrastive loss.
        keep_weight: Of the loss that keeps texts near what they meant before.
        posts_weight: Of posts' pairs against captions' pairs: a tweet seldom describes its picture.
        epochs: Passes over the captions when the projections are learned anew on the final encodings.
        batch: Pairs a step then.
        learning_rate: Highest rate then.
        seed: Of everything that is left to chance.
    """

    every: int = 20
    captions: int = 80
    posts: int = 40
    pairs_weight: float = 0.3
    keep_weight: float = 0.5
    posts_weight: float = 0.3
    epochs: int = 12
    batch: int = 512
    learning_rate: float = 1e-3
    seed: int = 0


def contrastive_loss(text: Tensor, image: Tensor, scale: Tensor) -> Tensor:
    """Charge each text for pictures nearer than its own, and each picture likewise.

    Args:
        text: Unit vectors, (pairs, dim).
        image: Those of the same pairs.
        scale: Logarithm of what similarities are multiplied by.
    """
    similarity = text @ image.T * scale.exp().clamp(max=100)  # (pairs, pairs)
    own = torch.arange(len(text))
    return (functional.cross_entropy(similarity, own) + functional.cross_entropy(similarity.T, own)) / 2


class Beside:
    """The steps on pairs beside fine-tuning; what `fit_jointly` calls as `beside`.

    Args:
        first: The text encoder before fine-tuning.
        collate: Of texts.
        captions: Tokens of each caption.
        pictures: By picture of the captions: its encoding and the numbers of its captions.
        posts: Tokens of posts that have a picture, and its encoding, (posts, dim).
        texts: Tokens of posts without one.
        config: How.
    """

    def __init__(
        self,
        first: nn.Module,
        collate: Collate,
        captions: Sequence[Sequence[int]],
        pictures: Sequence[tuple[Tensor, Sequence[int]]],
        posts: tuple[Sequence[Sequence[int]], Tensor],
        texts: Sequence[Sequence[int]],
        config: SpaceTraining,
    ) -> None:
        self.first = first.eval().requires_grad_(False)
        self.collate, self.captions, self.pictures = collate, captions, pictures
        self.posts, self.texts, self.config = posts, texts, config

    def __call__(self, model: MultimodalModel, step: int, chance: torch.Generator) -> Tensor | None:
        """Give the loss of a step, None where it has none."""
        config, space = self.config, model.space
        if space is None or step % config.every:
            return None
        chosen = [self.pictures[number] for number in draw(len(self.pictures), config.captions, chance)]
        rows = [own[int(torch.randint(len(own), (1,), generator=chance))] for _, own in chosen]
        text, keep = self._texts(model, [self.captions[row] for row in rows])
        image = model.embed("image", torch.stack([encoded for encoded, _ in chosen]))
        pairs = contrastive_loss(text, image, space.scale)
        paired = step // config.every % 3 == 0
        source = self.posts[0] if paired else self.texts
        numbers = draw(len(source), config.posts, chance)
        text, keep_posts = self._texts(model, [source[number] for number in numbers])
        if paired:
            image = model.embed("image", self.posts[1][numbers])
            pairs = pairs + config.posts_weight * contrastive_loss(text, image, space.scale)
        return config.pairs_weight * pairs + config.keep_weight * (keep + keep_posts)

    def _texts(self, model: MultimodalModel, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Embed texts, and say how far they have moved from what they meant before."""
        inputs = self.collate(tokens)
        with torch.no_grad():
            before = functional.normalize(self.first(**inputs), dim=1)
        text = model.embed("text", model.encode("text", **inputs))
        return text, 1 - (text * before).sum(1).mean()


def fit_space(
    space: SharedSpace,
    text: Tensor,
    image: Tensor,
    owner: Tensor,
    posts: Mapping[str, Tensor],
    meaning: tuple[Tensor, Tensor],
    config: SpaceTraining,
) -> SharedSpace:
    """Learn the projections anew on encodings, in large batches.

    Args:
        space: Is trained in place.
        text: Encodings of captions, (captions, dim).
        image: Encodings of their pictures, (pictures, dim).
        owner: Number of each caption's picture, (captions,).
        posts: Encodings of posts that have both, (posts, dim) by modality.
        meaning: Encodings of texts and what they meant before fine-tuning, unit vectors, (texts, dim) each.
        config: How.

    Returns:
        The space, in evaluation mode.
    """
    torch.manual_seed(config.seed)
    chance = torch.Generator().manual_seed(config.seed)
    steps = config.epochs * -(-len(text) // config.batch)
    optimizer = torch.optim.AdamW(space.parameters(), lr=config.learning_rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=max(steps, 2))
    space.train()
    with tqdm(total=steps, desc="shared space", unit="step", leave=False) as bar:
        for _ in range(config.epochs):
            for rows in torch.randperm(len(text), generator=chance).split(config.batch):
                rows = _one_a_picture(rows, owner)
                pairs = contrastive_loss(
                    space("text", text[rows]), space("image", image[owner[rows]]), space.scale
                )
                few = draw(len(posts["text"]), config.batch // 2, chance)
                post_pairs = contrastive_loss(
                    space("text", posts["text"][few]), space("image", posts["image"][few]), space.scale
                )
                some = draw(len(meaning[0]), config.batch, chance)
                keep = 1 - (space("text", meaning[0][some]) * meaning[1][some]).sum(1).mean()
                optimizer.zero_grad()
                (pairs + config.posts_weight * post_pairs + config.keep_weight * keep).backward()
                optimizer.step()
                schedule.step()
                bar.update()
    return space.eval()


@torch.inference_mode()
def retrieval(text: Tensor, image: Tensor, owner: Tensor) -> dict[str, float]:
    """Measure text-to-image retrieval: the share of texts whose picture is among the nearest 1, 5, 10.

    Args:
        text: Unit vectors, (texts, dim).
        image: Unit vectors, (pictures, dim).
        owner: Number of each text's picture, (texts,).
    """
    similarity = text @ image.T
    own = similarity.gather(1, owner.unsqueeze(1))
    rank = (similarity > own).sum(1)
    return {f"r{nearest}": round(float((rank < nearest).float().mean()), 4) for nearest in (1, 5, 10)}


@torch.inference_mode()
def unrelated(text: Tensor, image: Tensor, quantiles: int = 101) -> tuple[float, ...]:
    """Give quantiles of the similarity of texts with other posts' pictures, unit vectors (posts, dim) each."""
    similarity = (text @ image.T).masked_select(~torch.eye(len(text), dtype=torch.bool)).sort().values
    at = torch.linspace(0, len(similarity) - 1, quantiles).long()
    return tuple(round(float(value), 4) for value in similarity[at])


def draw(count: int, wanted: int, chance: torch.Generator) -> list[int]:
    """Draw numbers below `count`, each once, as many as are wanted or there are."""
    return torch.randperm(count, generator=chance)[:wanted].tolist()


def _one_a_picture(rows: Tensor, owner: Tensor) -> Tensor:
    """Keep one caption a picture: a second would be charged for fitting its own picture."""
    first = {int(owner[row]): int(row) for row in rows.tolist()}
    return torch.tensor(list(first.values()))
