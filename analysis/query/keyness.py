"""How many times as frequent words and names are in posts as in general texts.

This is the score “simple maths” of Kilgarriff (2009), "Simple maths for keywords": (posts with the word, per million
words of the posts + 1) / (frequency per million words of general texts + 1). Stop words are no words here. Adding one
keeps rare words, such as misspellings, from coming first. The frequency in general texts is the highest of those in
English and the languages of the batch; that of a name of several words is that of its rarest word.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from analysis.general_words import ListSize, read_general_words
from analysis.query.snapshot import Snapshot
from analysis.stop_words import EVERYWHERE, choose_frequent_languages, read_stop_words

_RARE_SHARE = 0.002
"""Of the posts whose language is known: the words of a language with more are looked up in its small list."""
_ADDED = 1
"""Per million words: what is added to both frequencies."""
_DECIMALS = 6
"""Of frequencies per million: the last digits of sums depend on the order in which threads add."""
_OF_HAN = r"language IN ('zh', 'ja') AND regexp_matches(word, '^\p{Han}+$')"


def prepare_general_frequencies(snapshot: Snapshot, column: str) -> None:
    """Make the table `general_<column>` of `make_general_frequencies`, unless it is there.

    Args:
        snapshot: The batch at one moment, with the tables of values of the column.
        column: One of `analysis.columns.WORD_COLUMNS`.
    """
    with snapshot.lock, snapshot.database.cursor() as cursor:
        sql = "SELECT 1 FROM duckdb_tables() WHERE table_name = ?"
        if not cursor.execute(sql, [f"general_{column}"]).fetchone():
            sql = "SELECT language, count(*) FROM summary WHERE language IS NOT NULL GROUP BY language"
            make_general_frequencies(cursor, column, dict(cursor.execute(sql).fetchall()))


def make_general_frequencies(
    cursor: duckdb.DuckDBPyConnection, column: str, posts: Mapping[str, int]
) -> None:
    """Make the table `general_<column>`: id and per_million, the frequency in general texts.

    Args:
        cursor: The connection, with the table `values_<column>`.
        column: One of `analysis.columns.WORD_COLUMNS`.
        posts: Number of posts by language, without those whose language is unknown.
    """
    sizes: dict[str, ListSize] = dict.fromkeys(choose_frequent_languages(posts, _RARE_SHARE), "small")
    sizes |= dict.fromkeys((*choose_frequent_languages(posts), EVERYWHERE), "large")
    _list_general_words(cursor, sizes)
    # Numbers as in the lists; two neighbouring Chinese characters may also be the end and the start of words
    word = r"""CASE WHEN regexp_matches(part, '\d[\d.,]') THEN regexp_replace(part, '\d', '0', 'g')
        ELSE replace(replace(part, 'ß', 'ss'), 'ς', 'σ') END"""
    cursor.execute(rf"""
        CREATE OR REPLACE TABLE general_{column} AS
        WITH parts AS (SELECT id, unnest(string_split(key, ' ')) AS part FROM values_{column}),
        words AS (SELECT DISTINCT part, {word} AS word, regexp_full_match(part, '\p{{Han}}{{2}}') AS is_pair
            FROM parts),
        frequencies AS (
            SELECT part, coalesce(max(per_million), 0) AS per_million FROM (
                SELECT part, per_million FROM words JOIN listed USING (word)
                UNION ALL
                SELECT part, coalesce(within.per_million, 0) + coalesce(ends.last * starts.first / 1e6, 0)
                FROM words LEFT JOIN within USING (word)
                LEFT JOIN edges AS ends ON ends.letter = part[1]
                LEFT JOIN edges AS starts ON starts.letter = part[2] WHERE is_pair
            ) GROUP BY part)
        SELECT id, round(min(coalesce(per_million, 0)), {_DECIMALS}) AS per_million
        FROM parts LEFT JOIN frequencies USING (part) GROUP BY id""")  # noqa: S608 (of `WORD_COLUMNS`)
    for name in ("listed", "within", "edges"):
        cursor.execute(f"DROP TABLE {name}")


def add_times_sql(column: str, grouped: str, is_counted: str) -> str:
    """Add to a query, as SQL, the column times: how many times as frequent words are as in general texts.

    Args:
        column: One of `analysis.columns.WORD_COLUMNS`.
        grouped: Selects id and posts (number of posts) of all words or names in the selected posts.
        is_counted: The condition for posts, among the selected ones.
    """
    n_words = "SELECT sum(posts) FROM grouped"
    if column != "words":
        n_words = f"SELECT count(*) FROM selected JOIN rows_words USING (position) WHERE {is_counted}"  # noqa: S608
    return f"""
        WITH grouped AS MATERIALIZED ({grouped})
        SELECT grouped.*, (1e6 * posts / ({n_words}) + {_ADDED}) / (per_million + {_ADDED}) AS times
        FROM grouped JOIN general_{column} USING (id)"""  # noqa: S608 (constants)


def _list_general_words(cursor: duckdb.DuckDBPyConnection, sizes: dict[str, ListSize]) -> None:
    """Make the tables `listed` of words, `within` of pairs of characters in Chinese words, and `edges` of their ends.

    Frequencies are per million words that are no stop words.
    """
    cursor.execute("CREATE OR REPLACE TEMP TABLE listed (language VARCHAR, word VARCHAR, per_million DOUBLE)")
    for language, size in sizes.items():
        words = read_general_words(language, size)
        if words is None:
            continue
        cursor.register("read_words", words)
        cursor.execute(
            """
            INSERT INTO listed SELECT $language, word, 1e6 * frequency / (
                SELECT sum(frequency) FROM read_words WHERE word NOT IN (SELECT unnest($stop_words)))
            FROM read_words""",
            {"language": language, "stop_words": list(read_stop_words((language,)))},
        )
        cursor.unregister("read_words")
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE within AS
        SELECT word, max(per_million) AS per_million FROM (
            SELECT language, word, sum(per_million) AS per_million FROM (
                SELECT language, per_million, unnest(list_transform(
                    range(1, length(word)), lambda place: word[place : place + 1])) AS word
                FROM listed WHERE {_OF_HAN}) GROUP BY ALL) GROUP BY word""")  # noqa: S608
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE edges AS
        SELECT letter, max(first) AS first, max(last) AS last FROM (
            SELECT letter, language, sum(per_million) FILTER (is_first) AS first,
                sum(per_million) FILTER (NOT is_first) AS last
            FROM (
                SELECT language, word[1] AS letter, true AS is_first, per_million FROM listed WHERE {_OF_HAN}
                UNION ALL
                SELECT language, word[-1], false, per_million FROM listed WHERE {_OF_HAN})
            GROUP BY ALL) GROUP BY letter""")  # noqa: S608
