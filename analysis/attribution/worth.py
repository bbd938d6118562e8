"""The worth of each modality to a batch: how scores change when it is exchanged, or can no longer interact.

It compares all pairs of the posts' texts and images, without labels and without sampling. Sources: EMAP, Hessel &
Lee 2020; the perceptual score, Gat et al. 2021, which exchanges a modality at random, averaged here over every
exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.outputs import explained_logits


@dataclass(frozen=True)
class Worth:
    """Shares of the posts, 0..1, whose predicted class would change.

    Attributes:
        posts: How many posts, all with text and images.
        image: With the images of another of these posts, averaged over the others.
        text: With the text of another of these posts.
        interaction: If text and images only added up (empirical multimodally-additive projection).
    """

    posts: int
    image: float
    text: float
    interaction: float


def worth(bundle: Bundle, encoded: Mapping[str, Tensor], head: str = "sentiment") -> Worth:
    """Exchange texts and images between posts.

    Args:
        bundle: The model; hold its lock. Modalities other than text and image count as absent.
        encoded: (posts, dim) by modality, of posts that have both; the work grows with the square of their number.
        head: Whose predicted classes are compared.

    Returns:
        The worth of each modality.

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
                explained_logits(
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
