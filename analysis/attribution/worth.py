"""The worth of each modality for a batch: how predictions change if it is swapped, or if interactions are removed.

All pairs of texts and images are scored, so no labels and no sampling are needed. Sources: EMAP, Hessel & Lee 2020;
the perceptual score, Gat et al. 2021, which swaps a modality at random and is averaged here over all swaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.outputs import compute_explained_logits


@dataclass(frozen=True)
class Worth:
    """Shares of posts whose predicted class would change, 0..1.

    Attributes:
        posts: Number of posts, all with text and images.
        image: With the images of another post, averaged over all other posts.
        text: With the text of another post, averaged over all other posts.
        interaction: Without interactions (empirical multimodally-additive projection).
    """

    posts: int
    image: float
    text: float
    interaction: float


def measure_modality_worth(bundle: Bundle, encoded: Mapping[str, Tensor], head: str = "sentiment") -> Worth:
    """Measure the worth of each modality by swapping texts and images between posts.

    Args:
        bundle: The model; hold its lock. Modalities other than text and image count as absent.
        encoded: (posts, dim) by modality, for posts with text and images; time is quadratic in the number of posts.
        head: The head whose predicted classes are compared.

    Raises:
        AttributionError: There are fewer than two posts.
    """
    text, image = encoded["text"], encoded["image"]
    posts = len(text)
    if posts < 2:
        raise AttributionError(
            "The posts", "are fewer than two with both text and images", "Choose more posts."
        )
    names = bundle.model.modalities
    blank = {name: torch.zeros_like(encoded[name]) for name in names}
    present = torch.tensor([[float(name in ("text", "image")) for name in names]]).expand(posts, -1)
    with torch.inference_mode():
        pairs = torch.stack(
            [
                compute_explained_logits(
                    bundle.heads,
                    bundle.model.predict({**blank, "text": one.expand(posts, -1), "image": image}, present),
                )[head]
                for one in text
            ]
        )  # (texts, images, classes)
    named = pairs.argmax(2)  # (texts, images)
    own = named.diagonal()
    others = posts * (posts - 1)
    additive = (pairs.mean(1) + pairs.mean(0) - pairs.mean((0, 1))).argmax(1)
    return Worth(
        posts,
        image=float((named != own.unsqueeze(1)).sum() / others),
        text=float((named != own.unsqueeze(0)).sum() / others),
        interaction=float((additive != own).float().mean()),
    )
