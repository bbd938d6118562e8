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
MIN_SHARE = 0.02
"""The same for shares, of which every word of a text has one."""


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

    Only each post's strongest words (`top_words`) count, so words that are weak in every post are not listed. If the
    values are shares of a sum (`Manifest.shares`), which words such as "the" have too, a word must be more frequent
    with this sentiment than others are.

    Args:
        batch: The batch.
        filters: Which posts match.
        sentiment: Only posts with this sentiment count.
        least: Minimum number of posts in whose top words a word must be.
        most: Maximum number of words.

    Returns:
        word, posts, value (mean over these posts, logits), the largest sum over posts first. Sums of shares are
        weighted by how much more frequent the word is with this sentiment.
    """
    if batch.manifest.shares is not None:
        return _aggregate_shares(batch, filters, sentiment, least, most)
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


def _aggregate_shares(batch: Batch, filters: Filters, sentiment: str, least: int, most: int) -> pd.DataFrame:
    """Find words as `aggregate_top_words` does, if values are shares: leave out those of every sentiment."""
    sql = """
        SELECT word, posts, value
        FROM (
            SELECT *, CASE WHEN frequency = 1 THEN 1 ELSE posts / all_posts - frequency END AS excess
            FROM (
                SELECT word, count(*) FILTER (is_own) AS posts, count(*) AS all_posts,
                    avg(value) FILTER (is_own) AS value, sum(value) FILTER (is_own) AS total,
                    sum(count(*) FILTER (is_own)) OVER () / sum(count(*)) OVER () AS frequency
                FROM (
                    SELECT sentiment = $sentiment AS is_own, unnested.word AS word, unnested.value AS value
                    FROM (SELECT sentiment, unnest(top_words) AS unnested FROM selected)
                )
                WHERE word <> '' GROUP BY word
            )
        )
        WHERE posts >= $least AND value >= $weakest AND excess > 0
        ORDER BY total * excess DESC, word LIMIT $most"""
    rows = fetch_query_rows(
        batch, filters, sql, ["top_words"], sentiment=sentiment, least=least, most=most, weakest=MIN_SHARE
    )
    return pd.DataFrame(rows, columns=["word", "posts", "value"])
