"""How hashtags, mentions, emoji, words, domains, authors and platforms are found in posts, as SQL.

The expressions are those of RE2, which DuckDB uses: time is linear in the text, whatever the text. They have no
groups, so that RE2 needs no submatches, which makes them three times as fast: a match may begin with the character
before a sign, and is dropped if it does. So "c#sharp" and "ann@host.org" are found and dropped.

Mentions are names that `analysis.exporters.found_names` replaces by pseudonyms; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import emoji

from analysis.columns import WORD_COLUMNS
from analysis.importers.own_columns import (
    PLATFORM_HOSTS,
    find_address_columns,
    find_link_columns,
    find_platform_columns,
)
from analysis.wording import INVISIBLE

_WORD = r"\pL\pM\pN_\x{200c}\x{200d}"
_TAG = rf"[{_WORD}&]?[#＃][\pL\pN_][{_WORD}]*"
_MENTION = (
    r"(?i)[\pL\pM\pN_%+/]?[@＠][\pL\pN_][\pL\pM\pN_]*(?:[.-][\pL\pN_][\pL\pM\pN_]*)*"
    r"(?:@[a-z0-9-]+(?:\.[a-z0-9-]+)+)?"
)
_LINK = r"(?i)(?:https?://|www\.)\S+"
_HOST = r"(?i)(?:https?://(?:[^\s/?#]*@)?|www\.)[\pL\pN][\pL\pM\pN-]*(?:\.[\pL\pM\pN-]+)+"
_BEFORE_HOST = r"^(?:https?://)?(?:[^/]*@)?(?:www\.)?"
_WORDS = (
    r"[\pL\pM\pN_%+.-]*[@＠]\S*|&[a-z]+;|\p{Han}+|[\p{Katakana}ー]+|\p{Hiragana}+"
    r"|\pN+(?:[.,:/]\pN+)+\pL*|[#＃]?\pN*\pL[\pL\pM\pN_]*(?:[\x27’][\pL\pM]+)*"
)
_HAN_OR_KANA = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_FIRST_TEXT_EMOJI = 0x2600
"""From here on, a character that is text by default, such as ❤, is an emoji without a variation selector too."""


def without_links_sql(replacement: str = " ") -> str:
    """Write as SQL the column `text` without links."""
    return (
        "CASE WHEN contains(text, '://') OR contains(lower(text), 'www.') "
        f"THEN regexp_replace(text, '{_LINK}', '{replacement}', 'g') ELSE text END"
    )


@dataclass(frozen=True)
class ValueQuery:
    """A query for the values of posts.

    Attributes:
        sql: Selects `position` and `spelled` from `posts`, one row per value; the same value may occur repeatedly.
        columns: The columns of posts that it reads.
        values: Its parameters.
    """

    sql: str
    columns: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)


def fold_sql(column: str, value: str) -> str:
    """Write as SQL the form in which equal values are equal.

    Args:
        column: One of `analysis.columns.VALUE_COLUMNS`.
        value: An SQL expression, which may be written repeatedly.
    """
    if column == "emoji":
        return f"replace({value}, '\ufe0f', '')"
    if column == "hashtags":
        return f"lower(nfc_normalize(ltrim(trim({value}), '#＃')))"
    if column in ("author", "mentions"):
        plain = f"CASE WHEN strlen({value}) > length({value}) THEN {_make_plain_sql(value)} ELSE {value} END"
        return f"lower(nfc_normalize(trim(ltrim(trim({plain}), '@'))))"
    if column in WORD_COLUMNS:
        return _fold_word_sql(column, value)
    return f"lower(nfc_normalize(trim({value})))"


def find_values_sql(column: str, own: Sequence[str] = ()) -> ValueQuery:
    """Write as SQL where the values of a column are found.

    Args:
        column: One of `analysis.columns.VALUE_COLUMNS`, without words and names (`analysis.query.word_tables`).
        own: Columns of the analyst's own tables.
    """
    if column == "hashtags":
        found = _extract_sql(_TAG, without_links_sql(), "contains(text, '#') OR contains(text, '＃')")
        kept = r"spelled[1] IN ('#', '＃') AND regexp_matches(spelled, '\pL')"
        return ValueQuery(f"SELECT position, spelled[2:] AS spelled FROM ({found}) WHERE {kept}", ("text",))  # noqa: S608
    if column == "mentions":
        found = _extract_sql(_MENTION, without_links_sql(), "contains(text, '@') OR contains(text, '＠')")
        kept = "spelled[1] IN ('@', '＠')"
        return ValueQuery(f"SELECT position, spelled[2:] AS spelled FROM ({found}) WHERE {kept}", ("text",))  # noqa: S608
    if column == "emoji":
        return ValueQuery(_extract_sql(_emoji_pattern(), "text", "strlen(text) <> length(text)"), ("text",))
    if column == "domains":
        return _domains_query(own)
    if column == "platform":
        return _platform_query(own)
    return ValueQuery("SELECT position, author AS spelled FROM posts WHERE trim(author) <> ''", ("author",))


def list_words_sql() -> str:
    """Write as SQL the list of the different words of the column `text`, as written; hashtags keep their sign.

    Mentions, links and numbers, also with a unit as in 12:30pm and 21st, are left out. Chinese has no spaces between
    words: each two neighbouring characters count as a word. In Japanese, runs of katakana are words too, and
    hiragana, which is mostly grammar, is left out. Thai, Lao, Khmer and Burmese are not divided, so that a phrase is
    one word.
    """
    plain = without_links_sql()
    # A space around each run of one script, so that the expression does not join it to its neighbours
    parted = rf"regexp_replace({plain}, '\p{{Han}}+|[\p{{Katakana}}ー]+|\p{{Hiragana}}+', ' \0 ', 'g')"
    pairs = "list_transform(range(1, length(word)), lambda place: word[place : place + 1])"
    han = r"regexp_full_match(word, '\p{Han}{2,}')"
    divided = f"lambda word: CASE WHEN {han} THEN {pairs} ELSE [word] END"
    words = f"""CASE WHEN regexp_matches(text, '{_HAN_OR_KANA}')
        THEN flatten(list_transform(regexp_extract_all({parted}, '{_WORDS}'), {divided}))
        ELSE regexp_extract_all({plain}, '{_WORDS}') END"""
    left_out = r"regexp_matches(word, '[@＠&]|^\p{Hiragana}|^\pN+(?:[.,:/]|\pL{1,2}$)')"
    return f"list_distinct(list_filter({words}, lambda word: NOT {left_out}))"


def _fold_word_sql(column: str, value: str) -> str:
    """Write as SQL the form of a word without hashtag sign, and without endings such as ’s and articles such as l’.

    Of a name of several words, only the ending is removed, and they are separated by spaces.
    """
    plain = f"lower(nfc_normalize(replace(ltrim(trim({value}), '#＃'), '’', chr(39))))"
    longest = "lambda part, other: CASE WHEN length(other) > length(part) THEN other ELSE part END"
    word = rf"""
        CASE WHEN regexp_matches({value}, '[\x27’]') THEN list_reduce(string_split({plain}, chr(39)), {longest})
            ELSE {plain} END"""
    if column == "words":
        return word
    phrase = rf"regexp_replace(regexp_replace({plain}, '[ &-]+', ' ', 'g'), '\x27s?$', '')"
    return f"CASE WHEN regexp_matches(trim({value}), '[ &-]') THEN {phrase} ELSE {word} END"


def _extract_sql(pattern: str, text: str, condition: str, table: str = "posts") -> str:
    return f"""
        SELECT position, unnest(regexp_extract_all({text}, '{pattern}')) AS spelled
        FROM {table} WHERE {condition}"""  # noqa: S608 (constants of this module)


def _domains_query(own: Sequence[str]) -> ValueQuery:
    """Find the hosts of links in texts, and in columns of links."""
    links, values = _read_own("link", find_link_columns(own))
    text = ", ".join(["' '", "text", *links])
    condition = "contains(text, '://') OR contains(lower(text), 'www.')"
    table = f"(SELECT position, concat_ws({text}) AS text FROM posts)" if links else "posts"  # noqa: S608
    found = _extract_sql(_HOST, "text", condition, table)
    host = f"rtrim(regexp_replace(lower(spelled), '{_BEFORE_HOST}', ''), '.-')"
    sql = f"SELECT position, {host} AS spelled FROM ({found})"  # noqa: S608
    return ValueQuery(sql, ("text", *(["extra"] if links else [])), values)


def _platform_query(own: Sequence[str]) -> ValueQuery:
    """Find the platform in the first column that names one, otherwise by the host of the post's address."""
    named, values = _read_own("platform", find_platform_columns(own))
    addresses, more = _read_own("address", find_address_columns(own))
    hosts = " ".join(f"WHEN '{host}' THEN '{platform}'" for host, platform in PLATFORM_HOSTS.items())
    host = r"regexp_extract(lower({}), '^https?://(?:[^/?#]*[.])?([^./?#:]+[.][^./?#:]+)(?:[/?#:]|$)', 1)"
    by_address = [
        f"CASE WHEN starts_with({each}, 'http') THEN CASE {host.format(each)} {hosts} END END"
        for each in [*addresses, "post_id"]
    ]
    platform = ", ".join([*(f"nullif(trim({each}), '')" for each in named), *by_address])
    sql = f"""
        SELECT * FROM (SELECT position, coalesce({platform}) AS spelled FROM posts)
        WHERE spelled IS NOT NULL"""  # noqa: S608
    return ValueQuery(sql, ("post_id", *(["extra"] if values | more else [])), values | more)


def _read_own(kind: str, columns: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Write as SQL the values of columns of the analyst's own tables, with their names as parameters."""
    values = {f"{kind}_{number}": json_pointer(name) for number, name in enumerate(columns)}
    return [
        f"CASE WHEN json_valid(extra) THEN json_extract_string(extra, ${key}) END" for key in values
    ], values


def _make_plain_sql(value: str) -> str:
    """Write as SQL a name without invisible characters, and with full-width letters and signs as plain ones."""
    wide = "".join(chr(point) for point in range(0xFF01, 0xFF5F))
    narrow = "".join(chr(point) for point in range(0x21, 0x7F)).replace("'", "''")
    return f"translate(regexp_replace({value}, '{INVISIBLE.pattern}', '', 'g'), '{wide}', '{narrow}')"


def list_own_sql(table: str, row: str) -> str:
    """Write as SQL the columns of the analyst's own tables, in order of appearance: name, and where it is first.

    Args:
        table: The posts, with extra. Rows that DuckDB does not accept as JSON are left out.
        row: The column with the number of a row.
    """
    keys = "json_keys(extra)"
    return f"""
        SELECT name, min(row) AS row, arg_min(place, row) AS place
        FROM (
            SELECT unnest({keys}) AS name, generate_subscripts({keys}, 1) AS place, {row} AS row
            FROM {table} WHERE extra <> '{{}}' AND json_valid(extra)
        ) GROUP BY name ORDER BY row, place"""  # noqa: S608 (constants)


def json_pointer(key: str) -> str:
    """Write the key of a JSON object as a path to its value (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


@cache
def _emoji_pattern() -> str:
    """Write an expression for one emoji: a flag, a keycap, or characters with skin tones that are joined.

    The characters are those of the `emoji` package. One that is text by default, such as the sign ©, counts only with
    a variation selector, unless it is among the pictures from U+2600 on.
    """
    status = emoji.STATUS["fully_qualified"]
    points = sorted(ord(each) for each in emoji.EMOJI_DATA if len(each) == 1)
    pictures = [
        point
        for point in points
        if point >= _FIRST_TEXT_EMOJI or emoji.EMOJI_DATA[chr(point)]["status"] == status
    ]
    signs = sorted(set(points) - set(pictures))
    one = rf"(?:[{_ranges(pictures)}]\x{{fe0f}}?[\x{{1f3fb}}-\x{{1f3ff}}]?|[{_ranges(signs)}]\x{{fe0f}})"
    return (
        r"[\x{1f1e6}-\x{1f1ff}]{2}|[0-9#*]\x{fe0f}?\x{20e3}"
        r"|\x{1f3f4}[\x{e0020}-\x{e007e}]+\x{e007f}"
        rf"|{one}(?:\x{{200d}}{one})*"
    )


def _ranges(points: Sequence[int]) -> str:
    """Write characters as ranges of a set."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)
