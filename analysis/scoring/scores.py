"""The score table: how encodings become its columns. What each column means is `analysis.columns`.

post_id, inputs_used, sentiment, p_<class> each, valence, confidence, uncertain,
text_sentiment, image_sentiment, text_valence, image_valence, agreement,
the columns of every further head (`analysis.columns.heads`), topic among them,
phi_text, phi_image, interaction, share_text, share_image (of the sentiment named),
phi_text_topic, phi_image_topic, interaction_topic (of the likeliest topic), text_image_match, model
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
from analysis.attribution.modality import Coalitions, modality_values
from analysis.columns import UNCLEAR, class_columns
from analysis.model.bundle import Bundle
from analysis.model.modalities import inputs_label
from analysis.model.outputs import probabilities
from analysis.model.space import match
from analysis.settings import Settings


def score_table(
    bundle: Bundle,
    post_ids: Sequence[str],
    encoded: Mapping[str, Tensor],
    present: Tensor,
    settings: Settings,
) -> pd.DataFrame:
    """Score encoded posts.

    Args:
        bundle: The model, with at least the heads `sentiment` and `topic`; hold its lock.
        post_ids: One a post.
        encoded: (posts, dim) by modality, in the model's order.
        present: 0/1, (posts, modalities); no row all zero.
        settings: Limits of "uncertain" and of named classes.

    Returns:
        The score table, one row a post, in the order given.
    """
    posts = Coalitions(bundle, encoded, present)
    scores = _probabilities(posts, torch.ones(present.shape[1]))
    sentiment = scores["sentiment"]  # (posts, classes)
    modalities = bundle.model.modalities
    inputs = [
        inputs_label([name for name, has in zip(modalities, row, strict=True) if has])
        for row in present.bool().tolist()
    ]
    table = pd.DataFrame({"post_id": list(post_ids), "inputs_used": inputs})
    table["sentiment"] = _names(bundle, "sentiment", sentiment)
    table[[f"p_{name}" for name in bundle.heads["sentiment"].classes]] = sentiment
    table["valence"] = _valence(bundle, sentiment)
    table["confidence"] = sentiment.max(1)
    table["uncertain"] = table["confidence"] < settings.uncertain_below
    alone = {
        modality: _probabilities(posts, kept)["sentiment"]
        for modality, kept in zip(modalities, torch.eye(present.shape[1]), strict=True)
    }
    has = dict(zip(alone, present.bool().numpy().T, strict=True))
    for modality, one in alone.items():
        names = pd.Series(_names(bundle, "sentiment", one), dtype=object)
        table[f"{modality}_sentiment"] = names.where(has[modality], None)
    for modality, one in alone.items():
        table[f"{modality}_valence"] = np.where(has[modality], _valence(bundle, one), np.nan)
    table["agreement"] = 1 - (table["text_valence"] - table["image_valence"]).abs() / 2
    for name in bundle.heads:
        if name != "sentiment":
            table = table.assign(**_head_columns(bundle, name, scores[name], has, settings))
    table = table.assign(**_reasons(posts, "sentiment", sentiment))
    size = table[[f"phi_{modality}" for modality in alone]].abs().sum(axis=1)
    for modality in alone:
        table[f"share_{modality}"] = (table[f"phi_{modality}"].abs() / size).where(size >= SHARE_FROM)
    of_topic = _reasons(posts, "topic", scores["topic"])
    table = table.assign(**{f"{name}_topic": values for name, values in of_topic.items()})
    table["text_image_match"] = np.where(has["text"] & has["image"], _match(bundle, encoded), np.nan)
    table["model"] = bundle.id
    return table


def _head_columns(
    bundle: Bundle, name: str, scores: NDArray[Any], has: Mapping[str, NDArray[Any]], settings: Settings
) -> dict[str, Any]:
    """The columns of a head other than sentiment; null where a post has nothing that the head reads."""
    head, likeliest = bundle.heads[name], scores.max(1)
    answered = np.any([present for modality, present in has.items() if head.answers((modality,))], axis=0)
    columns: dict[str, Any] = {}
    if name == "topic":
        named = np.all(
            [likeliest >= settings.topic_from, *(has[modality] for modality in head.needs)], axis=0
        )
        columns[name] = pd.Series(_names(bundle, name, scores), dtype=object).where(named, UNCLEAR)
    elif not head.mark:
        names = pd.Series(_names(bundle, name, scores), dtype=object)
        columns[name] = names.where(likeliest >= settings.emotion_from, UNCLEAR).where(answered, None)
    if not head.exclusive:
        columns[f"{name}_confidence"] = np.where(answered, likeliest, np.nan)
    for one, column in class_columns(bundle.heads)[name].items():
        columns[column] = np.where(answered, scores[:, head.classes.index(one)], np.nan)
    return columns


def _reasons(posts: Coalitions, head: str, scores: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The modalities' values for the likeliest class of a head, and their interaction."""
    named = torch.eye(scores.shape[1])[torch.from_numpy(scores.argmax(1))]  # (posts, classes)
    values = modality_values(posts, head, named)
    phi = zip(posts.bundle.model.modalities, values.phi.double().numpy().T, strict=True)
    return {
        **{f"phi_{modality}": each for modality, each in phi},
        "interaction": values.interaction.double().numpy(),
    }


def _match(bundle: Bundle, encoded: Mapping[str, Tensor]) -> NDArray[Any]:
    """Compute how well each post's text fits its images, 0..1; NaN without a shared space."""
    if bundle.config.space is None:
        return np.full(len(encoded["text"]), np.nan)
    with torch.inference_mode():
        text, image = (bundle.model.embed(modality, encoded[modality]) for modality in ("text", "image"))
        similarity = (text * image).sum(1).tolist()
    return np.array([match(bundle.config.space, value) for value in similarity])


def _probabilities(posts: Coalitions, kept: Tensor) -> dict[str, NDArray[Any]]:
    found = probabilities(posts.bundle.heads, posts.logits(kept.tolist()), posts.present * kept)
    return {head: values.double().numpy() for head, values in found.items()}


def _names(bundle: Bundle, head: str, scores: NDArray[Any]) -> list[str]:
    return [bundle.heads[head].classes[number] for number in scores.argmax(1)]


def _valence(bundle: Bundle, sentiment: NDArray[Any]) -> NDArray[Any]:
    classes = bundle.heads["sentiment"].classes
    valence: NDArray[Any] = sentiment[:, classes.index("positive")] - sentiment[:, classes.index("negative")]
    return valence
