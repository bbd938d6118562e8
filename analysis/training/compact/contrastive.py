"""The shared text-image space: training, preservation during fine-tuning of the text encoder, and retrieval metrics.

The loss is symmetric InfoNCE: matching texts and images are pulled together, against all others in the batch
(van den Oord et al. 2018; Radford et al. 2021). Texts are also kept close to their encodings before fine-tuning, so
that texts with similar meaning stay close to each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.model.network import MultimodalModel
from analysis.model.space import SharedSpace
from analysis.training.core.config import OneCycleConfig
from analysis.training.core.examples import Collate
from analysis.training.core.loop import fit_one_cycle

PROJECTIONS = OneCycleConfig(epochs=12, batch=512, learning_rate=1e-3, weight_decay=0.05)


@dataclass(frozen=True)
class SpaceTraining:
    """Settings for training the shared space.

    Attributes:
        every: The loss is added at every n-th fine-tuning step.
        captions: Captions per such step, each of a different image.
        posts: Post texts per such step; every third such step uses posts with an image, the others use texts alone.
        pairs_weight: Weight of the contrastive loss.
        keep_weight: Weight of the loss that keeps texts close to their encodings before fine-tuning.
        posts_weight: Weight of pairs from posts relative to captions: tweets seldom describe their image.
        projections: Settings for retraining the projections on the final encodings, one caption per pair.
    """

    every: int = 20
    captions: int = 80
    posts: int = 40
    pairs_weight: float = 0.3
    keep_weight: float = 0.5
    posts_weight: float = 0.3
    projections: OneCycleConfig = PROJECTIONS


def contrastive_loss(text: Tensor, image: Tensor, scale: Tensor) -> Tensor:
    """Compute the symmetric InfoNCE loss of text-image pairs.

    Args:
        text: Unit vectors, (pairs, dim).
        image: Unit vectors of the same pairs, (pairs, dim).
        scale: Logarithm of the factor that similarities are multiplied by.
    """
    similarity = text @ image.T * scale.exp().clamp(max=100)  # (pairs, pairs)
    own = torch.arange(len(text))
    return (functional.cross_entropy(similarity, own) + functional.cross_entropy(similarity.T, own)) / 2


class SpaceLoss:
    """The loss of the shared space during fine-tuning; pass it to `train_multitask` as `extra_loss`.

    Args:
        published: The text encoder before fine-tuning.
        collate: Collate function of texts.
        captions: Tokens of each caption.
        images: Encoding of each image with captions, and the indices of its captions.
        posts: Tokens of posts with an image, and the encodings of the images, (posts, dim).
        texts: Tokens of posts without an image.
        config: Settings.
    """

    def __init__(
        self,
        published: nn.Module,
        collate: Collate,
        captions: Sequence[Sequence[int]],
        images: Sequence[tuple[Tensor, Sequence[int]]],
        posts: tuple[Sequence[Sequence[int]], Tensor],
        texts: Sequence[Sequence[int]],
        config: SpaceTraining,
    ) -> None:
        self.published = published.eval().requires_grad_(False)
        self.collate, self.captions, self.images = collate, captions, images
        self.posts, self.texts, self.config = posts, texts, config

    def __call__(self, model: MultimodalModel, step: int, generator: torch.Generator) -> Tensor | None:
        """Compute the loss of a step; None if the step has none."""
        config, space = self.config, model.space
        if space is None or step % config.every:
            return None
        chosen = [
            self.images[row] for row in sample_training_rows(len(self.images), config.captions, generator)
        ]
        rows = [own[int(torch.randint(len(own), (1,), generator=generator))] for _, own in chosen]
        text, drift = self._embed(model, [self.captions[row] for row in rows])
        image = model.embed("image", torch.stack([encoded for encoded, _ in chosen]))
        pairs = contrastive_loss(text, image, space.scale)
        paired = step // config.every % 3 == 0
        source = self.posts[0] if paired else self.texts
        numbers = sample_training_rows(len(source), config.posts, generator)
        text, posts_drift = self._embed(model, [source[number] for number in numbers])
        if paired:
            image = model.embed("image", self.posts[1][numbers])
            pairs = pairs + config.posts_weight * contrastive_loss(text, image, space.scale)
        return config.pairs_weight * pairs + config.keep_weight * (drift + posts_drift)

    def _embed(self, model: MultimodalModel, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Embed texts, and measure their mean cosine distance from the encodings before fine-tuning."""
        inputs = self.collate(tokens)
        with torch.no_grad():
            before = functional.normalize(self.published(**inputs), dim=1)
        text = model.embed("text", model.encode("text", **inputs))
        return text, 1 - (text * before).sum(1).mean()


def fit_space(
    space: SharedSpace,
    text: Tensor,
    image: Tensor,
    owner: Tensor,
    posts: Mapping[str, Tensor],
    published: tuple[Tensor, Tensor],
    config: SpaceTraining,
) -> SharedSpace:
    """Train the projections on precomputed encodings, in large batches.

    Args:
        space: Trained in place.
        text: Encodings of captions, (captions, dim).
        image: Encodings of their images, (images, dim).
        owner: Index of each caption's image, (captions,).
        posts: Encodings of posts with text and image, (posts, dim) by modality.
        published: Encodings of texts after and before fine-tuning (unit vectors), (texts, dim) each.
        config: Settings.

    Returns:
        The space, in evaluation mode.
    """
    training = config.projections
    torch.manual_seed(training.seed)
    generator = torch.Generator().manual_seed(training.seed)
    encoded, before = published

    def compute_loss(rows: Tensor) -> Tensor:
        rows = _keep_one_per_image(rows, owner)
        pairs = contrastive_loss(space("text", text[rows]), space("image", image[owner[rows]]), space.scale)
        few = sample_training_rows(len(posts["text"]), training.batch // 2, generator)
        post_pairs = contrastive_loss(
            space("text", posts["text"][few]), space("image", posts["image"][few]), space.scale
        )
        some = sample_training_rows(len(encoded), training.batch, generator)
        drift = 1 - (space("text", encoded[some]) * before[some]).sum(1).mean()
        return pairs + config.posts_weight * post_pairs + config.keep_weight * drift

    space.train()
    fit_one_cycle(space.parameters(), len(text), compute_loss, generator, training, "shared space")
    return space.eval()


@torch.inference_mode()
def measure_retrieval(text: Tensor, image: Tensor, owner: Tensor) -> dict[str, float]:
    """Measure text-to-image retrieval: recall at 1, 5 and 10.

    Args:
        text: Unit vectors, (texts, dim).
        image: Unit vectors, (images, dim).
        owner: Index of each text's image, (texts,).
    """
    similarity = text @ image.T
    own = similarity.gather(1, owner.unsqueeze(1))
    rank = (similarity > own).sum(1)
    return {f"r{nearest}": round(float((rank < nearest).float().mean()), 4) for nearest in (1, 5, 10)}


@torch.inference_mode()
def compute_unrelated_quantiles(text: Tensor, image: Tensor, quantiles: int = 101) -> tuple[float, ...]:
    """Compute quantiles of the similarity between texts and images of other posts, unit vectors (posts, dim) each."""
    similarity = (text @ image.T).masked_select(~torch.eye(len(text), dtype=torch.bool)).sort().values
    at = torch.linspace(0, len(similarity) - 1, quantiles).long()
    return tuple(round(float(value), 4) for value in similarity[at])


def sample_training_rows(count: int, wanted: int, generator: torch.Generator) -> list[int]:
    """Sample row indices below `count` without replacement: `wanted`, or all if there are fewer."""
    return torch.randperm(count, generator=generator)[:wanted].tolist()


def _keep_one_per_image(rows: Tensor, owner: Tensor) -> Tensor:
    """Keep one caption per image: a second would be penalised for matching its own image."""
    first = {int(owner[row]): int(row) for row in rows.tolist()}
    return torch.tensor(list(first.values()))
