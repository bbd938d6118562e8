"""The table of words and image maps: what each word and each cell of an image adds to the predicted sentiment.

For models whose scores are sums over the parts of a post; the values come with the encodings.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from analysis.attribution.class_activation import compute_part_shares
from analysis.attribution.ledger import WordValue
from analysis.attribution.words import select_top_words
from analysis.model.bundle import Bundle
from analysis.model.parts import SCORED_HEAD
from analysis.model.text import preprocess_text
from analysis.scoring.encodings import Encoded
from analysis.settings import Settings


def build_word_table(
    bundle: Bundle, posts: pd.DataFrame, encoded: Encoded, sentiments: Sequence[str], settings: Settings
) -> pd.DataFrame:
    """Build a `words` part.

    Args:
        bundle: The model that encoded the posts; hold its lock.
        posts: The posts.
        encoded: Their encodings, with `numbers`.
        sentiments: The predicted sentiment of each post.
        settings: Number of top words.

    Returns:
        post_id; top_words, None without text; image_map, the values of the cells of each image in logits, row by row
        and one image after the other, None without images.
    """
    classes = bundle.heads[SCORED_HEAD].classes
    named = torch.tensor([classes.index(sentiment) for sentiment in sentiments])
    shares = {name: _divide(bundle, name, encoded, named) for name in encoded.numbers}
    none = [None] * len(posts)
    top_words = [
        None if values is None else _select_words(text, values, settings.top_words)
        for text, values in zip(posts["text"], shares.get("text", none), strict=True)
    ]
    maps = [None if values is None else values.tolist() for values in shares.get("image", none)]
    table = pd.DataFrame({"post_id": posts["post_id"].tolist()})
    table["top_words"] = pd.Series(top_words, dtype=object)
    table["image_map"] = pd.Series(maps, dtype=object)
    return table


def _divide(bundle: Bundle, modality: str, encoded: Encoded, named: Tensor) -> list[Tensor | None]:
    """Divide each post's score for its class among the parts of a modality: (parts,) each, None without parts."""
    numbers = encoded.numbers[modality]
    sizes = [0 if each is None else len(each) for each in numbers]
    owners = torch.repeat_interleave(torch.arange(len(numbers)), torch.tensor(sizes))
    given = [each for each in numbers if each is not None]
    if not given:
        return [None] * len(numbers)
    shares = compute_part_shares(
        bundle, SCORED_HEAD, modality, torch.cat(given), owners, encoded.vectors, encoded.present
    )
    values = shares[torch.arange(len(owners)), named[owners]].split(sizes)
    return [None if each is None else value for each, value in zip(numbers, values, strict=True)]


def _select_words(text: str, values: Tensor, count: int) -> list[tuple[str, float]]:
    words = preprocess_text(text).words
    return select_top_words(
        [
            WordValue(text[word.start : word.end], word.start, word.end, value)
            for word, value in zip(words, values.tolist(), strict=False)  # long texts are truncated
        ],
        count,
    )
