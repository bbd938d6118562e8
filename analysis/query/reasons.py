"""Why the posts that are meant got their scores, summed up: shares of text and picture, and the words that pushed.

The values of a single post are `analysis.attribution`; they are kept with its scores and words.
"""

from __future__ import annotations

import pandas as pd

from analysis.query.filters import EVERY_POST, Filters
from analysis.query.relation import fetched
from analysis.workspace import Batch

_GROUPS = ("sentiment", "topic")
WEAKEST = 0.1
"""Mean value, in logits, below which a word hardly pushed."""


def shares_by(batch: Batch, filters: Filters, column: str) -> pd.DataFrame:
    """Average the shares of text and picture over posts that have both.

    Args:
        batch: The batch.
        filters: Which posts are meant.
        column: "sentiment" or "topic".

    Returns:
        The column, posts, share_text, share_image (0..1, together 1), the largest share of the picture first; posts
        whose values are near zero have no shares and are left out.

    Raises:
        ValueError: If posts are not grouped by that.
    """
    if column not in _GROUPS:
        raise ValueError(f"shares are grouped by {_GROUPS}, not by {column}")
    sql = f"""
        SELECT {column}, count(*) AS posts, avg(share_text) AS share_text, avg(share_image) AS share_image
        FROM selected WHERE inputs_used = 'both' AND share_text IS NOT NULL
        GROUP BY {column} ORDER BY share_image DESC, {column}"""  # noqa: S608 (a name of _GROUPS)
    return pd.DataFrame(fetched(batch, filters, sql), columns=[column, "posts", "share_text", "share_image"])


def count_decided(batch: Batch, filters: Filters = EVERY_POST) -> dict[str, int]:
    """Count the posts with both whose sentiment is that of one modality alone, against the other: by modality."""
    sql = """
        SELECT count(*) FILTER (decided_by = 'text') AS text, count(*) FILTER (decided_by = 'image') AS image
        FROM selected"""
    return dict(fetched(batch, filters, sql)[0])


def pushing_words(
    batch: Batch, filters: Filters, sentiment: str, least: int = 2, most: int = 15
) -> pd.DataFrame:
    """Find the words that pushed posts most towards the sentiment that they were given.

    It rests on each post's strongest words (`top_words`), so that a word which is weak everywhere does not show.

    Args:
        batch: The batch.
        filters: Which posts are meant.
        sentiment: Posts that were given this one.
        least: Posts that a word must be among the strongest of.
        most: Words listed.

    Returns:
        word, posts, value (mean over these posts, logits), the largest sum over posts first.
    """
    sql = """
        SELECT word, CAST(sum(times) AS BIGINT) AS posts, sum(times * each) / sum(times) AS value
        FROM (
            SELECT times, regexp_extract(pair, '^(.*) [+-][0-9.]+$', 1) AS word,
                TRY_CAST(regexp_extract(pair, ' ([+-][0-9.]+)$', 1) AS DOUBLE) AS each
            FROM (
                SELECT pair, count(*) AS times FROM (
                    SELECT unnest(string_split(top_words, '; ')) AS pair FROM selected WHERE sentiment = $sentiment
                ) GROUP BY pair
            )
        )
        WHERE each IS NOT NULL AND word <> ''
        GROUP BY word HAVING posts >= $least AND value >= $weakest
        ORDER BY sum(times * each) DESC, word LIMIT $most"""
    rows = fetched(
        batch, filters, sql, ["top_words"], sentiment=sentiment, least=least, most=most, weakest=WEAKEST
    )
    return pd.DataFrame(rows, columns=["word", "posts", "value"])
