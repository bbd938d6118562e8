"""Finds names by how they are written: with a capital inside sentences, more often than without.

The form of a word inside sentences says whether it is a name (Mikheev 2002, "Periods, Capitalized Words, etc."; Lita
et al. 2003, "tRuEcasIng"). Words at the start of a sentence, after a hashtag sign, and in posts like headlines, with
more than twice as many capitals as lower-case words, say nothing, nor do posts without any capital. In German, all
nouns have a capital, so that only capitals after the first letter count, as in BMW. Days and months, which have
capitals in English, and numbers with a unit, such as 5K, are left out.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import duckdb

from analysis.query.found_values import fold_sql, without_links_sql

_LEAST_POSTS = 3
"""Posts in which a name has a capital inside a sentence: a word that has one twice is often no name."""
_MAX_WORDS = 3
_MAX_PHRASES = 400
"""Names of several words, the most frequent: a search for 200 of them takes as long as one for a hashtag."""
_AT_ONCE = 200
"""Names in one expression: with 1,000, RE2 needs more states than it keeps, and takes forty times as long."""
_MOSTLY_LONGER = 0.75
"""Share of the posts of a run of words in which it is part of the same longer run, from which it is left out."""
_WORD = r"\pN*\pL[\pL\pM\pN_]*(?:[\x27’][\pL\pM]+)*"
_CAPITALISED = r"\p{Lu}[\pL\pM\pN_]*(?:[\x27’][\pL\pM]+)*"
_BETWEEN = r"(?: & |[ &-])"
_AFTER_WORD = r"[\pL\pM\pN,]"
_BEFORE_NAME = """' ', ', ', ' «', ' „', ' “', ' "'"""
"""What may be between a name inside a sentence and the word before; the name may be in quotation marks."""
_NOUNS_WITH_CAPITALS = "('de', 'lb')"
"""Languages that write all nouns with a capital: German and Luxembourgish."""


_DAYS_AND_MONTHS = [name.lower() for name in (*calendar.day_name, *calendar.month_name) if name]


@dataclass(frozen=True)
class WordSource:
    """The posts whose words are found, as SQL.

    Attributes:
        posts: Selects position and text.
        given: Its parameters.
        languages: Selects position and language of the posts whose language is known.
        step: Names are looked for in 1 of so many posts.
    """

    posts: str
    given: dict[str, str]
    languages: str
    step: int = 1


def make_name_words(cursor: duckdb.DuckDBPyConnection, source: WordSource, left_out: Collection[str]) -> None:
    """Make the table `name_words`: key and title (the most frequent spelling with a capital) of each name.

    Args:
        cursor: The connection.
        source: The posts.
        left_out: Words that are no names, in lower case, such as “i’ll”, with a straight apostrophe.
    """
    capitals, lower = (f"coalesce(sum(posts) FILTER ({each}), 0)" for each in ("is_capital", "is_small"))
    cursor.execute(
        rf"""
        CREATE OR REPLACE TABLE name_words AS
        WITH forms AS (
            SELECT form, has_case, has_capitals, is_german, count(*) AS posts FROM (
                SELECT unnest(list_distinct(regexp_extract_all(text, '(?:[^\pL]*[^\pL\pN])?{_WORD}'))) AS form,
                    has_case, has_capitals, is_german
                FROM ({_cased_sql(source)})) GROUP BY ALL),
        words AS (
            SELECT *, left(form, length(form) - length(word)) AS before, word = lower(word) AS is_lower
            FROM (SELECT *, regexp_extract(form, '\pN*\pL.*') AS word FROM forms)),
        spellings AS (
            SELECT word, is_lower, is_lower AND has_capitals AS is_small, sum(posts) AS posts, has_case AND (
                    regexp_matches(word, '^.+\p{{Lu}}')
                    OR (before IN ({_BEFORE_NAME}) AND NOT is_german AND regexp_matches(word, '^\p{{Lu}}'))
                ) AS is_capital
            FROM words WHERE NOT regexp_matches(before, '[#＃@＠]$') GROUP BY ALL),
        folded AS (
            SELECT {fold_sql("words", "word")} AS key, word, posts, is_lower, is_small, is_capital FROM spellings
            WHERE lower(replace(word, '’', chr(39))) NOT IN (SELECT unnest($left_out))),
        titles AS (
            SELECT key, arg_max(word, (posts, word)) FILTER (NOT is_lower) AS title
            FROM (SELECT key, word, is_lower, sum(posts) AS posts FROM folded GROUP BY ALL) GROUP BY key)
        SELECT key, title FROM folded JOIN titles USING (key)
        WHERE length(key) >= 2 AND NOT regexp_full_match(key, '\pN+\pL{{1,2}}')
            AND key NOT IN (SELECT unnest($left_out)) GROUP BY key, title
        HAVING {capitals} >= {_LEAST_POSTS} AND {capitals} > {lower}""",  # noqa: S608 (constants)
        {**source.given, "left_out": [*left_out, *_DAYS_AND_MONTHS]},
    )


def find_name_phrases(cursor: duckdb.DuckDBPyConnection, source: WordSource) -> list[str]:
    """Find runs of two or three words with capitals; return patterns of RE2 that match them in any case."""
    runs = cursor.execute(
        f"""
        SELECT run, count(*) FROM (
            SELECT unnest(list_distinct(
                regexp_extract_all(text, '{_AFTER_WORD} {_CAPITALISED}(?:{_BETWEEN}{_CAPITALISED})+'))) AS run
            FROM ({_cased_sql(source)}) WHERE has_case) GROUP BY run""",  # noqa: S608 (constants)
        source.given,
    ).fetchall()
    phrases = sorted(_choose_phrases([(run[2:], number) for run, number in runs]))
    by_size = [[each for each in phrases if each.count(" ") == spaces] for spaces in range(1, _MAX_WORDS)]
    return [
        _write_pattern(of_size[start : start + _AT_ONCE])
        for of_size in by_size
        for start in range(0, len(of_size), _AT_ONCE)
    ]


def match_phrases_sql(posts: str) -> str:
    """Write as SQL where the pattern $pattern of `find_name_phrases` matches: position, key, spelled, is_lower.

    Args:
        posts: Selects position and text.
    """
    found = f"SELECT position, unnest(regexp_extract_all(text, $pattern)) AS found FROM ({posts})"  # noqa: S608
    spelled = r"regexp_replace(found, '^[^\pL]+|[^\pL\pM\pN]+$', '', 'g')"
    is_lower = r"regexp_matches(spelled, '(?:^|[ &-])[\p{Ll}\pM\pN_]+(?:$|[ &\x27’-])')"
    return f"""
        SELECT DISTINCT position, {fold_sql("names", "spelled")} AS key, spelled, {is_lower} AS is_lower
        FROM (SELECT position, {spelled} AS spelled FROM ({found}))"""  # noqa: S608 (constants)


def _cased_sql(source: WordSource) -> str:
    """Write as SQL the texts without links, with has_capitals, and has_case: whether these say something."""
    upper, lower = (
        rf"len(regexp_extract_all(text, '{_AFTER_WORD} \p{{{letter}}}'))" for letter in ("Lu", "Ll")
    )
    sample = f"SELECT * FROM ({source.posts}) WHERE hash(position) % {source.step} = 0"  # noqa: S608 (a number)
    is_german = f"coalesce(language IN {_NOUNS_WITH_CAPITALS}, false)"
    return rf"""
        SELECT text, is_german, {lower} > 0 AND 2 * {lower} >= {upper} AS has_case,
            regexp_matches(text, '\p{{Lu}}') AS has_capitals FROM (
            SELECT {without_links_sql(" . ")} AS text, {is_german} AS is_german
            FROM ({sample}) LEFT JOIN ({source.languages}) USING (position))"""  # noqa: S608 (constants)


def _choose_phrases(runs: Sequence[tuple[str, int]]) -> list[str]:
    """Choose the most frequent runs of two or three words, without those that are mostly part of a longer one."""
    counts: Counter[str] = Counter()
    for run, number in runs:
        for phrase in dict.fromkeys(_list_phrases(_fold(run).split(" "))):
            counts[phrase] += number
    longer: Counter[str] = Counter()
    for phrase, number in counts.items():
        words = phrase.split(" ")
        for part in _list_phrases(words) if len(words) == _MAX_WORDS else ():
            if part != phrase:
                longer[part] = max(longer[part], number)
    chosen = [
        (phrase, number)
        for phrase, number in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        if number >= _LEAST_POSTS and longer[phrase] < _MOSTLY_LONGER * number
    ]
    return [phrase for phrase, _ in chosen[:_MAX_PHRASES]]


def _list_phrases(words: Sequence[str]) -> Iterator[str]:
    for size in range(2, _MAX_WORDS + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def _fold(run: str) -> str:
    """Fold a run of words as `fold_sql("names", ...)` does."""
    plain = unicodedata.normalize("NFC", run).lower().replace("’", "'")
    return re.sub(r"'s?$", "", re.sub(r"[ &-]+", " ", plain))


def _write_pattern(phrases: Sequence[str]) -> str:
    """Write an expression for any of some phrases as whole words."""
    return "(?i)(?:" + "|".join(map(_phrase_pattern, phrases)) + ")"


def _phrase_pattern(phrase: str) -> str:
    r"""Write an expression for a phrase; `\b` is fast, but knows ASCII alone."""
    start = r"\b" if phrase[0].isascii() else r"(?:^|[^\pL\pM\pN_])"
    end = r"\b" if phrase[-1].isascii() else r"(?:$|[^\pL\pM\pN_])"
    return start + phrase.replace("'", "['’]").replace(" ", _BETWEEN) + end
