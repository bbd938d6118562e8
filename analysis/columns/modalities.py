"""The columns that each modality of a model adds to the score table.

sentiment and valence from it alone         <modality>_sentiment, <modality>_valence
weight for the sentiment, and its share     phi_<modality>, share_<modality>
weight for the topic                        phi_<modality>_topic

The columns of text and image, which every model has, are entries of `analysis.columns.scores` and
`analysis.columns.reasons`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.columns.column import Column, Order, Preset
from analysis.columns.scored import Scored, Values
from analysis.wording import join_with_and

SHARE_FROM = 0.05
"""Smallest sum of the modalities' absolute values, in logits, for which shares are meaningful."""
TEXT_AND_IMAGE: Mapping[str, str] = {"text": "Text", "image": "Image"}
"""Titles of the modalities that every model has, by name."""
LOGITS = "in logits, the scale on which contributions add up: the same for all posts, mostly -5 to 5"
"""Description of the unit of all values of an explanation."""
_WITHOUT = {"Image": "an image"}


def format_inputs_used(present: Collection[str]) -> str:
    """Format a set of modalities as a value of `inputs_used`: "text", "image", "both", or names joined by "+"."""
    return "both" if set(present) == {"text", "image"} else "+".join(present) or "none"


def input_titles(modalities: Mapping[str, str]) -> dict[str, str]:
    """Return the title of every set of modalities that a post can be scored from.

    Args:
        modalities: Titles of the model's modalities by name, in its order.

    Returns:
        Titles by `format_inputs_used`, such as "Text only" and "Text and image"; the smallest sets first.
    """
    ordered = {**{name: modalities[name] for name in TEXT_AND_IMAGE if name in modalities}, **modalities}
    titles = {}
    for size in range(1, len(ordered) + 1):
        for some in combinations(ordered, size):
            label = format_inputs_used([name for name in modalities if name in some])
            names = join_with_and(ordered[name] for name in some)
            titles[label] = f"{names} only" if size == 1 else names.capitalize()
    return titles


def modality_columns(modality: str, title: str) -> tuple[Column, ...]:
    """Declare every column of a modality.

    Args:
        modality: Its name.
        title: Its display name, such as "Video".
    """
    declare_columns = (
        declare_sentiment,
        declare_valence,
        declare_weight,
        declare_share,
        declare_topic_weight,
    )
    return tuple(declare(modality, title) for declare in declare_columns)


def declare_sentiment(modality: str, title: str) -> Column:
    """Declare the most likely sentiment from one modality alone."""

    def compute(scored: Scored) -> Values:
        names = pd.Series(scored.most_likely("sentiment", modality), dtype=object)
        return names.where(scored.has[modality], None)

    return Column(
        f"{modality}_sentiment",
        "sentiment",
        "scores",
        pa.string(),
        label=f"Sentiment of the {title.lower()}",
        meaning=f"The most likely sentiment from the {title.lower()} alone. Empty for a post without "
        f"{_without(title)}.",
        sort=True,
        export=Preset.BASIC,
        compute=compute,
    )


def declare_valence(modality: str, title: str) -> Column:
    """Declare the valence from one modality alone."""
    return Column(
        f"{modality}_valence",
        "sentiment",
        "scores",
        pa.float64(),
        label=f"Valence of the {title.lower()}",
        meaning=f"Valence from the {title.lower()} alone, -1 to 1. Empty for a post without {_without(title)}.",
        unit="-1 to 1",
        sort=True,
        export=Preset.BASIC,
        compute=lambda scored: np.where(scored.has[modality], scored.valence(modality), np.nan),
    )


def declare_weight(modality: str, title: str) -> Column:
    """Declare what a modality adds to the predicted sentiment."""
    return Column(
        f"phi_{modality}",
        "reasons",
        "scores",
        pa.float64(),
        label=f"Weight of the {title.lower()}",
        meaning=f"What the {title.lower()} adds to the predicted sentiment (Shapley value), {LOGITS}. Above 0 it "
        f"supports that sentiment, below 0 it opposes it. 0 without {_without(title)}.",
        unit="logits",
        sort=True,
        orders=(Order(f"Strongest {title.lower()} support first", descending=True),),
        summary=True,
        export=Preset.BASIC,
        compute=lambda scored: scored.phi["sentiment"][modality],
    )


def declare_share(modality: str, title: str) -> Column:
    """Declare a modality's part of all weights."""

    def compute(scored: Scored) -> Values:
        size = {name: np.abs(values) for name, values in scored.phi["sentiment"].items()}
        total: NDArray[np.float64] = np.sum(list(size.values()), axis=0)
        unknown = np.full_like(total, np.nan)
        return np.divide(size[modality], total, out=unknown, where=total >= SHARE_FROM)

    return Column(
        f"share_{modality}",
        "reasons",
        "scores",
        pa.float64(),
        label=f"Share of the {title.lower()}",
        meaning=f"Part of all weights (without their signs) that is the {title.lower()}'s, 0 to 1. Empty when "
        "all are near 0.",
        unit="0 to 1",
        sort=True,
        summary=True,
        export=Preset.BASIC,
        compute=compute,
    )


def declare_topic_weight(modality: str, title: str) -> Column:
    """Declare what a modality adds to the most likely topic."""
    return Column(
        f"phi_{modality}_topic",
        "reasons",
        "scores",
        pa.float64(),
        label=f"Weight of the {title.lower()} for the topic",
        meaning=f"What the {title.lower()} adds to the most likely topic (Shapley value), {LOGITS}. 0 without "
        f"{_without(title)}.",
        unit="logits",
        sort=True,
        export=Preset.FULL,
        compute=lambda scored: scored.phi["topic"][modality],
    )


def _without(title: str) -> str:
    return _WITHOUT.get(title, title.lower())
