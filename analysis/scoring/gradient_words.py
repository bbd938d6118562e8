"""Finds the top words of scored posts with integrated gradients, for models that do not compute them with the scores.

Scoring imports this module only for such models, because its libraries take long to import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.attribution.explain import attribute_parts
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import Output
from analysis.attribution.target import get_attribution_target
from analysis.attribution.words import attribute_words, select_top_words
from analysis.model.bundle import Bundle
from analysis.scoring.encodings import Encoded, parse_encodings_part
from analysis.scoring.pace import Progress
from analysis.scoring.scorer import PartStore, count_posts_to_score
from analysis.settings import Settings


def find_top_words(
    store: PartStore,
    bundle: Bundle,
    missing: Sequence[int],
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> bool:
    """Find the top words of posts.

    The model is locked for one post at a time, so that pages can use it too.

    Args:
        store: Scored posts.
        bundle: The model that scored them.
        missing: The parts of `words` to write.
        settings: Limits.
        progress: Called at the start and after each post, in the phase "words".
        cancelled: Checked between parts.

    Returns:
        True if done, False if cancelled.
    """
    total = count_posts_to_score(store)
    done = total - count_posts_to_score(store, missing)
    progress("words", done, total)
    for index in missing:
        if cancelled():
            return False
        posts = store.part_of_posts(index)
        encoded = parse_encodings_part(store.read_part("encodings", index), bundle)
        found: list[list[tuple[str, float]] | None] = []
        for row, sentiment in enumerate(store.read_part("scores", index)["sentiment"]):
            progress("words", done + row, total)
            found.append(_top_words(bundle, posts["text"].iloc[row], encoded, row, sentiment, settings))
        words = pd.DataFrame({"post_id": posts["post_id"].tolist()})
        words["top_words"] = pd.Series(found, dtype=object)
        words["image_map"] = pd.Series([None] * len(posts), dtype=object)
        store.write_part("words", index, words)
        done += len(posts)
        progress("words", done, total)
    return True


def _top_words(
    bundle: Bundle, text: str, encoded: Encoded, row: int, sentiment: str, settings: Settings
) -> list[tuple[str, float]] | None:
    """Find a post's top words for its predicted sentiment; None without text, or if they do not add up."""
    post = encoded.post(bundle, row, text)
    if not post.has["text"]:
        return None
    target = get_attribution_target(bundle, Output("sentiment", sentiment))
    values, _, check = attribute_parts(
        bundle, post, "text", target, IntegratedGradients, settings.word_steps, settings
    )
    if check and check.refused:
        return None
    return select_top_words(attribute_words(post.decoded["text"], values), settings.top_words)
