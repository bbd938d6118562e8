"""What posts can be broken down by: columns of their texts, of the source, of the model, and of the analyst."""

from __future__ import annotations

from collections.abc import Mapping

from analysis import query
from analysis.columns import TOPIC_COLUMN, VALUE_COLUMNS, Column, HasAny
from analysis.columns.themes import THEME_COLUMN
from analysis.query import EVERY_POST
from analysis.wording import NO_TITLES, title_from_name
from analysis.workspace import Batch
from pages.shared import catalogue, places

_PLURALS = {
    "author": "Authors",
    "platform": "Platforms",
    "language": "Languages",
    "inputs_used": "Content types",
    TOPIC_COLUMN: "Custom topics",
    THEME_COLUMN: "Themes",
}
_UNUSUAL = "“Unusual” says how many times as frequent each is as in general texts."
_FINDING = {
    "hashtags": "Hashtags are words after #, without those in links and plain numbers; case makes no difference.",
    "mentions": "Mentions are accounts after @; e-mail addresses and links to profiles do not count.",
    "names": "Names are words, and runs of two or three words, that are written with a capital inside sentences more "
    "often than without, in at least three posts: brands, people, places, but also some other words. Case makes no "
    "difference to the posts of a name; #acme counts for Acme, and #NordicBean for Nordic Bean. In German, where all "
    "nouns have a capital, only names such as BMW and iPhone are found. A name that people mostly write without a "
    "capital is among the words, like those of languages without capitals. Days and months are left out. "
    + _UNUSUAL,
    "words": "Words of two letters or more, once per post. Case makes no difference, nor endings such as ’s; #acme "
    "counts for acme. Left out are mentions, links, numbers, and stop words such as “the” of English and of the "
    "languages that are frequent in this batch. In Chinese, each two neighbouring characters count as a word, in "
    "Japanese also words in katakana; Thai, Lao, Khmer and Burmese are not divided into words. " + _UNUSUAL,
    "emoji": "Emoji with skin tones and joined ones, such as families and flags, count as one each.",
    "domains": "Sites of links. Short links such as t.co hide the site that they lead to.",
    "author": "Names that differ in case or a leading @ are one author.",
    "platform": "From the column of your table that names the platform, or from the address of the post.",
    "language": "As detected in the text; posts with little text have none.",
    TOPIC_COLUMN: "A post has every topic that is similar enough in meaning to its text or its images.",
    THEME_COLUMN: "Groups of similar posts that the Themes page found; a post has one or none.",
}


def list_breakdown_columns(batch: Batch) -> Mapping[str, Column]:
    """List the columns that posts of a batch can be broken down by, by name."""
    sortable = query.list_sortable_columns(batch)
    of_model = [column for column in catalogue.class_columns() if column.name in sortable]
    named = [catalogue.column_of(name) for name in (*VALUE_COLUMNS, "language")]
    if batch.custom_topics:
        of_model.append(catalogue.column_of(TOPIC_COLUMN))
    if batch.themes:
        of_model.append(catalogue.column_of(THEME_COLUMN))
    columns = [*named, *of_model, catalogue.column_of("inputs_used"), *catalogue.own_columns()]
    return {column.name: column for column in columns}


def current_breakdown_column(batch: Batch, columns: Mapping[str, Column]) -> str:
    """Return the column in the URL; without one, the first that the batch has values of."""
    if places.broken_down_by() in columns:
        return places.broken_down_by()
    return next(name for name, column in columns.items() if has_values(batch, column))


def has_values(batch: Batch, column: Column) -> bool:
    """Return whether any scored post of a batch has a value of a column."""
    if column.name in VALUE_COLUMNS:
        return bool(query.list_frequent_values(batch, column.name))
    return (
        column.name in ("inputs_used", TOPIC_COLUMN, THEME_COLUMN)
        or not query.count_by(batch, EVERY_POST, column.name).empty
    )


def title_of(column: Column) -> str:
    """Return the title of a column in the plural, such as "Hashtags"."""
    return _PLURALS.get(column.name) or column.chart_title or column.label


def singular_of(column: Column) -> str:
    """Return what one value is, such as "Hashtag"."""
    return catalogue.kind_of([column]).label


def noun_of(column: Column) -> str:
    """Return what one value is, in a sentence: "hashtag"; names of the analyst's own columns stay as they are."""
    name = singular_of(column)
    return name if column.group == "original" else name.lower()


def a_noun(column: Column) -> str:
    """Return what one value is with its article: "a hashtag", "an emoji"."""
    if column.group == "original":
        return "a value in this column"
    noun = noun_of(column)
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def titles_of(batch: Batch, column: Column) -> Mapping[str, str]:
    """Return the display names of the values of a column; none for those that are shown as they are."""
    if column.name in (*VALUE_COLUMNS, TOPIC_COLUMN, THEME_COLUMN) or column.group == "original":
        return NO_TITLES
    if column.name == column.group:  # a head: another model may have scored the batch, with other classes
        classes = query.count_by(batch, EVERY_POST, column.name)[column.name]
        return {name: title_from_name(name, column.titles) for name in classes}
    return column.titles


def sign_of(column: Column) -> str:
    """Return the sign before the values of a column, such as "#"; "" for most columns."""
    kind = catalogue.kind_of([column])
    return kind.sign if isinstance(kind, HasAny) else ""


def describe_finding(column: Column) -> str:
    """Say how the values of a column are found; "" if its name says it."""
    return _FINDING.get(column.name, "")
