"""Tables of the words of posts, and of the names among them, in the form of `analysis.query.value_tables`.

A text is first split at spaces. Different parts are few, and only these are divided into words, which takes a third
of the time of dividing every text.
"""

from __future__ import annotations

import duckdb

from analysis.query.capitals import WordSource, find_name_phrases, make_name_words, match_phrases_sql
from analysis.query.found_values import fold_sql, list_words_sql
from analysis.stop_words import EVERYWHERE, LAUGHTER, choose_frequent_languages, read_stop_words

_LEAST_LETTERS = 2
_SPACED = (
    r"replace(replace(replace(text, E'\n', ' '), E'\r', ' '), E'\t', ' ')"  # four times as fast as translate
)
_PARTS = f"unnest(string_split({_SPACED}, ' '))"
_PART_CHARS = 2_000
"""Characters of a part of a text without spaces that are read, as the time is quadratic in them."""
_MOSTLY_IN_PHRASE = 0.75
"""Share of a word's posts from which a longer name with the word takes its place: “Los Angeles” that of “Angeles”."""


def make_word_tables(cursor: duckdb.DuckDBPyConnection, source: WordSource) -> None:
    """Make the tables `rows_words` and `values_words`, and `name_words` with key and title of the names among them.

    Stop words of the frequent languages are left out, unless they are mostly written like names, such as Microsoft.
    """
    sql = f"SELECT language, count(*) FROM ({source.languages}) GROUP BY language"  # noqa: S608 (of `WordSource`)
    languages = choose_frequent_languages(dict(cursor.execute(sql).fetchall()))
    stop_words = read_stop_words(tuple(dict.fromkeys((*languages, EVERYWHERE))))
    contractions = {word for word in stop_words if "'" in word}
    make_name_words(cursor, source, contractions | read_stop_words(()))
    parts = f"SELECT position, {_PARTS} AS part FROM ({source.posts}) WHERE text <> ''"  # noqa: S608 (constants)
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE spellings AS
        SELECT part, spelled, {fold_sql("words", "spelled")} AS key, posts FROM (
            SELECT part, posts, ltrim(unnest({list_words_sql()}), '#＃') AS spelled FROM (
                SELECT part, left(part, {_PART_CHARS}) AS text, count(*) AS posts FROM ({parts})
                WHERE part <> '' AND NOT (starts_with(part, 'http') AND contains(part, '://')) GROUP BY part))
        WHERE length(key) >= {_LEAST_LETTERS} AND NOT regexp_full_match(key, '{LAUGHTER.pattern}')
            AND lower(replace(spelled, '’', chr(39))) NOT IN (SELECT unnest($contractions))
            AND (key NOT IN (SELECT unnest($stop_words)) OR key IN (SELECT key FROM name_words))""",  # noqa: S608
        {**source.given, "stop_words": list(stop_words), "contractions": list(contractions)},
    )
    cursor.execute("""
        CREATE OR REPLACE TABLE values_words AS
        SELECT CAST(row_number() OVER () AS UINTEGER) AS id, key, title FROM (
            SELECT key, arg_max(spelled, (posts, spelled)) AS title
            FROM (SELECT key, spelled, sum(posts) AS posts FROM spellings GROUP BY key, spelled)
            GROUP BY key ORDER BY key)""")
    cursor.execute(
        f"""
        CREATE OR REPLACE TABLE rows_words AS
        SELECT DISTINCT CAST(position AS UINTEGER) AS position, id
        FROM ({parts}) JOIN (SELECT DISTINCT part, id FROM spellings JOIN values_words USING (key)) USING (part)""",  # noqa: S608
        source.given,
    )
    cursor.execute("DROP TABLE spellings")


def make_name_tables(cursor: duckdb.DuckDBPyConnection, source: WordSource) -> None:
    """Make the tables `rows_names` and `values_names`; those of the words must be there.

    A word that consists of the words of a name, such as #NordicBean, counts for the name.
    """
    patterns = find_name_phrases(cursor, source)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE phrases (position UINTEGER, key VARCHAR, spelled VARCHAR, is_lower BOOLEAN)"
    )
    for pattern in patterns:
        sql = match_phrases_sql(source.posts)
        cursor.execute(f"INSERT INTO phrases {sql}", {**source.given, "pattern": pattern})
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE kept_phrases AS
        SELECT key, replace(key, ' ', '') AS joined FROM phrases
        GROUP BY key HAVING count(*) FILTER (NOT is_lower) * 2 > count(*)""")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE phrase_rows AS
        SELECT position, key FROM phrases SEMI JOIN kept_phrases USING (key)
        UNION
        SELECT position, kept_phrases.key
        FROM kept_phrases JOIN values_words ON values_words.key = joined JOIN rows_words USING (id)""")
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE word_rows AS
        WITH named AS (
            SELECT position, key FROM rows_words JOIN values_words USING (id) SEMI JOIN name_words USING (key)),
        sizes AS (SELECT key, count(*) AS posts FROM named GROUP BY key),
        within AS (
            SELECT named.key, phrase, count(*) AS posts
            FROM (
                SELECT position, key AS phrase, unnest(list_append(string_split(key, ' '), joined)) AS key
                FROM phrase_rows JOIN kept_phrases USING (key))
            JOIN named USING (position, key) GROUP BY ALL)
        SELECT position, key FROM named WHERE key NOT IN (
            SELECT key FROM within JOIN sizes USING (key) WHERE within.posts >= {_MOSTLY_IN_PHRASE} * sizes.posts)""")  # noqa: S608
    cursor.execute("""
        CREATE OR REPLACE TABLE values_names AS
        SELECT CAST(row_number() OVER () AS UINTEGER) AS id, key, title FROM (
            SELECT key, title FROM name_words SEMI JOIN word_rows USING (key)
            UNION ALL
            SELECT key, arg_max(spelled, (posts, spelled)) FROM (
                SELECT key, spelled, count(*) AS posts FROM phrases SEMI JOIN phrase_rows USING (key)
                WHERE NOT is_lower GROUP BY ALL)
            GROUP BY key ORDER BY key)""")
    cursor.execute("""
        CREATE OR REPLACE TABLE rows_names AS
        SELECT position, id FROM (SELECT * FROM word_rows UNION ALL SELECT * FROM phrase_rows)
        JOIN values_names USING (key)""")
    for name in ("phrases", "kept_phrases", "phrase_rows", "word_rows"):
        cursor.execute(f"DROP TABLE {name}")
