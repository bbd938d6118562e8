"""The score table: how encodings become its columns. What each column means to people is `analysis.report.columns`.

post_id, inputs_used, sentiment, p_<class> each, valence, confidence, uncertain,
text_sentiment, image_sentiment, text_valence, image_valence, agreement,
topic, topic_confidence, topic_<class> each,
phi_text, phi_image, interaction, share_text, share_image, model
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.attribution.ledger import SHARE_FROM
from analysis.attribution.modality import modality_values
from analysis.model.bundle import Bundle
from analysis.model.outputs import probabilities
from analysis.settings import Settings

UNCLEAR = "unclear"
"""What the topic column says where no topic is likely enough to be named, or there is no text."""
INPUTS = {(1.0, 1.0): "both", (1.0, 0.0): "text", (0.0, 1.0): "image"}
"""`inputs_used` by presence of (text, image)."""


def score_table(
    bundle: Bundle,
    post_ids: Sequence[str],
    encoded: Mapping[str, Tensor],
    present: Tensor,
    settings: Settings,
) -> pd.DataFrame:
    """Score encoded posts.

    Args:
        bundle: The model, with the heads `sentiment` and `topic`; hold its lock.
        post_ids: One a post.
        encoded: (posts, dim) by modality, `text` and `image`.
        present: 0/1, (posts, 2); no row all zero.
        settings: Limits of "uncertain" and of a named topic.

    Returns:
        The score table, one row a post, in the order given.
    """
    scores = _probabilities(bundle, encoded, present)
    sentiment, topic = scores["sentiment"], scores["topic"]  # (posts, classes)
    table = pd.DataFrame(
        {"post_id": list(post_ids), "inputs_used": [INPUTS[row[0], row[1]] for row in present.tolist()]}
    )
    table["sentiment"] = _names(bundle, "sentiment", sentiment)
    table[[f"p_{name}" for name in bundle.heads["sentiment"].classes]] = sentiment
    table["valence"] = _valence(bundle, sentiment)
    table["confidence"] = sentiment.max(1)
    table["uncertain"] = table["confidence"] < settings.uncertain_below
    alone = {
        modality: _probabilities(bundle, encoded, present * column)["sentiment"]
        for modality, column in zip(bundle.model.modalities, torch.eye(present.shape[1]), strict=True)
    }
    has = dict(zip(alone, present.bool().numpy().T, strict=True))
    for modality, one in alone.items():
        named = pd.Series(_names(bundle, "sentiment", one), dtype=object)
        table[f"{modality}_sentiment"] = named.where(has[modality], None)
    for modality, one in alone.items():
        table[f"{modality}_valence"] = np.where(has[modality], _valence(bundle, one), np.nan)
    table["agreement"] = 1 - (table["text_valence"] - table["image_valence"]).abs() / 2
    named = pd.Series(_names(bundle, "topic", topic), dtype=object)
    # A picture alone names no topic: on MVSA dev it was right no more often than the commonest topic.
    table["topic"] = named.where((topic.max(1) >= settings.topic_from) & has["text"], UNCLEAR)
    table["topic_confidence"] = topic.max(1)
    table[[f"topic_{name}" for name in bundle.heads["topic"].classes]] = topic
    values = modality_values(bundle, encoded, present, "sentiment", torch.from_numpy(sentiment.argmax(1)))
    phi = dict(zip(bundle.model.modalities, values.phi.double().numpy().T, strict=True))  # (posts,) each
    size = sum(np.abs(each) for each in phi.values())
    for modality, each in phi.items():
        table[f"phi_{modality}"] = each
    table["interaction"] = values.interaction.double().numpy()
    for modality, each in phi.items():
        table[f"share_{modality}"] = np.where(
            size >= SHARE_FROM, np.abs(each) / np.maximum(size, SHARE_FROM), np.nan
        )
    table["model"] = bundle.id
    return table


def _probabilities(bundle: Bundle, encoded: Mapping[str, Tensor], present: Tensor) -> dict[str, NDArray[Any]]:
    with torch.inference_mode():
        found = probabilities(bundle.heads, bundle.model.predict(encoded, present))
    return {head: values.double().numpy() for head, values in found.items()}


def _names(bundle: Bundle, head: str, scores: NDArray[Any]) -> list[str]:
    return [bundle.heads[head].classes[number] for number in scores.argmax(1)]


def _valence(bundle: Bundle, sentiment: NDArray[Any]) -> NDArray[Any]:
    classes = bundle.heads["sentiment"].classes
    valence: NDArray[Any] = sentiment[:, classes.index("positive")] - sentiment[:, classes.index("negative")]
    return valence
