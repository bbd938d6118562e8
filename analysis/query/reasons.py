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


def aggregate_top_words(batch: Batch, filters: Filters, least: int = 2, most: int = 15) -> pd.DataFrame:
    """Find the words with the most influence on the sentiment of posts, for each sentiment.

    Only each post's strongest words (`top_words`) count, so words that are weak in every post are not listed. If the
    values are shares of a sum (`Manifest.shares`), which words such as "the" have too, a word must be more frequent
    with this sentiment than others are.

    Args:
        batch: The batch.
        filters: Which posts match.
        least: Minimum number of posts of the sentiment in whose top words a word must be.
        most: Maximum number of words of each sentiment.

    Returns:
        sentiment, word, posts, value (mean over these posts, logits); of each sentiment, the largest sum over posts
        first. Sums of shares are weighted by how much more frequent the word is with this sentiment.
    """
    are_shares = batch.manifest.shares is not None
    excess = "CASE WHEN frequency = 1 THEN 1 ELSE posts / all_posts - frequency END" if are_shares else "1"
    sql = f"""
        SELECT sentiment, word, posts, value
        FROM (
            SELECT *, {excess} AS excess
            FROM (
                SELECT *, sum(posts) OVER (PARTITION BY word) AS all_posts,
                    sum(posts) OVER (PARTITION BY sentiment) / sum(posts) OVER () AS frequency
                FROM (
                    SELECT sentiment, unnested.word AS word, count(*) AS posts, avg(unnested.value) AS value,
                        sum(unnested.value) AS total
                    FROM (
                        SELECT sentiment, unnest(top_words) AS unnested FROM selected WHERE sentiment IS NOT NULL
                    )
                    WHERE unnested.word <> '' GROUP BY ALL
                )
            )
        )
        WHERE posts >= $least AND value >= $weakest AND excess > 0
        QUALIFY row_number() OVER (PARTITION BY sentiment ORDER BY total * excess DESC, word) <= $most
        ORDER BY sentiment, total * excess DESC, word"""  # noqa: S608 (one of two expressions)
    weakest = MIN_SHARE if are_shares else MIN_VALUE
    rows = fetch_query_rows(batch, filters, sql, ["top_words"], least=least, most=most, weakest=weakest)
    return pd.DataFrame(rows, columns=["sentiment", "word", "posts", "value"])
