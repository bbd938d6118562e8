"""Why the matching posts got their scores: shares of text and image, and the most influential words.

`analysis.attribution` computes the values of single posts, which are stored with their scores and words.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from analysis.query.aggregates import average_shares
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.sql import fetch_query_rows
from analysis.workspace import Batch

_GROUPS = ("sentiment", "topic")
MIN_VALUE = 0.1
"""Mean value, in logits, below which a word has hardly any influence."""


def average_shares_by(batch: Batch, filters: Filters, column: str) -> pd.DataFrame:
    """Average the shares of text and image over posts that have both.

    Args:
        batch: The batch.
        filters: Which posts match.
        column: "sentiment" or "topic".

    Returns:
        The column, posts, share_text, share_image (0..1, together 1), the largest share of the image first; posts
        whose values are near zero have no shares and are left out.

    Raises:
        ValueError: Posts cannot be grouped by this column.
    """
    if column not in _GROUPS:
        raise ValueError(f"shares are grouped by {_GROUPS}, not by {column}")
    return average_shares(partial(fetch_query_rows, batch, filters), column)


def count_by_deciding_modality(batch: Batch, filters: Filters = EVERY_POST) -> dict[str, int]:
    """Count, by modality, the posts whose sentiment is that of this modality alone and not that of the other one."""
    sql = """
        SELECT count(*) FILTER (decided_by = 'text') AS text, count(*) FILTER (decided_by = 'image') AS image
        FROM selected"""
    return dict(fetch_query_rows(batch, filters, sql)[0])


def aggregate_top_words(
    batch: Batch, filters: Filters, sentiment: str, least: int = 2, most: int = 15
) -> pd.DataFrame:
    """Find the words with the most influence on the sentiment of posts.

    Only each post's strongest words (`top_words`) count, so words that are weak in every post are not listed.

    Args:
        batch: The batch.
        filters: Which posts match.
        sentiment: Only posts with this sentiment count.
        least: Minimum number of posts in whose top words a word must be.
        most: Maximum number of words.

    Returns:
        word, posts, value (mean over these posts, logits), the largest sum over posts first.
    """
    sql = """
        SELECT word, count(*) AS posts, avg(value) AS value
        FROM (
            SELECT unnested.word, unnested.value
            FROM (SELECT unnest(top_words) AS unnested FROM selected WHERE sentiment = $sentiment)
        )
        WHERE word <> ''
        GROUP BY word HAVING posts >= $least AND value >= $weakest
        ORDER BY sum(value) DESC, word LIMIT $most"""
    rows = fetch_query_rows(
        batch, filters, sql, ["top_words"], sentiment=sentiment, least=least, most=most, weakest=MIN_VALUE
    )
    return pd.DataFrame(rows, columns=["word", "posts", "value"])
