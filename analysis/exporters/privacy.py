"""Privacy of exports: posts as given, with pseudonyms, or only their scores.

Every export takes a `Privacy`. `protect_values` and `protect_post` replace names by `Pseudonyms`;
`list_published_columns` leaves out columns that may not be published.

Names of custom topics are the analyst's words and may be names of people. With "scores only" nothing shows a custom
topic; with pseudonyms, names in them are replaced as in other headings (`headings.Headings.hide_topics`).

With pseudonyms, mentions and authors are replaced. Hashtags and domains are published as written, because names in
them cannot be distinguished from other words; only the name of the post's author is replaced in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import pandas as pd

from analysis.columns import (
    ORIGINAL,
    REACTIONS,
    SIMILARITY,
    TEXT_LIST,
    TOP_WORDS,
    TOPIC_COLUMN,
    Column,
    column_of_filter,
)
from analysis.columns.reviews import CORRECTED_SENTIMENT, MODEL_SENTIMENT
from analysis.columns.themes import THEME_COLUMN
from analysis.errors import PostLensError
from analysis.exporters.pseudonyms import Pseudonyms
from analysis.exporters.topic_names import NO_TOPICS, replace_topic, replace_topics
from analysis.model.presets import HEADS

_SCORES = ("scores", "derived")
"""Tables whose columns hold scores."""
_COUNTS = (*REACTIONS, "interactions")
"""Columns of the source that "scores only" leaves out, although one of them is computed like scores."""
_LABELS = ("review", CORRECTED_SENTIMENT, MODEL_SENTIMENT, "corrected_topics", "corrected_tone")
_FACTS = ("post_id", "created_at", "n_images", "copies", "copy_of", *_LABELS)
"""Further columns that are published with "scores only"."""
_CHANGED = {
    "post_id": "Replaced by a pseudonym.",
    "copy_of": "Replaced by a pseudonym.",
    "author": "Replaced by a pseudonym.",
    "images": "Replaced by pseudonyms.",
    "source": "Replaced by a pseudonym.",
    **dict.fromkeys((TOPIC_COLUMN, THEME_COLUMN, "text"), "Names in it are replaced by pseudonyms."),
    "top_words": "Names among them are replaced by pseudonyms.",
    "mentions": "Replaced by pseudonyms.",
    "hashtags": "The author's name among them is replaced by a pseudonym.",
    "domains": "The author's name in them is replaced by a pseudonym.",
}
"""What the dictionary of a report adds to the meaning of a column with pseudonyms."""


_NAMED = (
    *("post_id", "text", "author", "top_words", "image_names", "extra", "source", "copy_of"),
    *("tags", "note", THEME_COLUMN),
)
"""Columns of a post that may hold names of people, or lead to them."""


class PrivacyLevel(Enum):
    """How much of the posts an export shows; the values are those of the command line."""

    EVERYTHING = "everything"
    PSEUDONYMS = "pseudonyms"
    SCORES_ONLY = "scores-only"

    @property
    def title(self) -> str:
        """Display name."""
        return _TITLES[self]

    @property
    def meaning(self) -> str:
        """What it does, in one sentence."""
        return _MEANINGS[self]

    @property
    def file_suffix(self) -> str:
        """What it adds to the names of files: "" or "-pseudonyms" or "-scores-only"."""
        return "" if self is PrivacyLevel.EVERYTHING else f"-{self.value}"


_TITLES = {
    PrivacyLevel.EVERYTHING: "As given",
    PrivacyLevel.PSEUDONYMS: "Pseudonyms",
    PrivacyLevel.SCORES_ONLY: "Scores only",
}
_MEANINGS = {
    PrivacyLevel.EVERYTHING: "Texts, authors, pictures and IDs are as given in the files.",
    PrivacyLevel.PSEUDONYMS: "Authors, @mentions, links to profiles, post ids and file names are replaced by stable "
    "pseudonyms; other names stay in texts, texts can be searched for, and pictures may show people and names.",
    PrivacyLevel.SCORES_ONLY: "Only times, scores and pseudonyms of post ids: no texts, authors, pictures, file "
    "names, custom topics or other columns of the tables.",
}


@dataclass(frozen=True)
class Privacy:
    """The chosen level, and the secret salt of its pseudonyms.

    Attributes:
        level: How much of the posts is shown.
        salt: `analysis.workspace.read_workspace_salt` or `read_salt_file`; not needed for `EVERYTHING`.

    Raises:
        ValueError: A level with pseudonyms has no salt.
    """

    level: PrivacyLevel = PrivacyLevel.EVERYTHING
    salt: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not self.shows_names and not self.salt:
            raise ValueError("pseudonyms need a salt")

    @property
    def shows_names(self) -> bool:
        """Whether posts are shown as given."""
        return self.level is PrivacyLevel.EVERYTHING

    @property
    def shows_posts(self) -> bool:
        """Whether texts and pictures are shown."""
        return self.level is not PrivacyLevel.SCORES_ONLY

    @property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonyms of this salt."""
        return Pseudonyms(self.salt)


AS_GIVEN = Privacy()
"""Shows posts as given: the default of every export."""


def keep_published_columns(columns: Sequence[Column], privacy: Privacy) -> list[Column]:
    """Keep the columns that an export may contain, unchanged and in their order."""
    return list(columns) if privacy.shows_posts else [column for column in columns if _is_score(column)]


def list_published_columns(
    columns: Sequence[Column], privacy: Privacy, topics: Mapping[str, str] = NO_TOPICS
) -> list[Column]:
    """List the columns of an export as they are named in it.

    Args:
        columns: The chosen columns.
        privacy: The chosen privacy.
        topics: What is shown instead of the names of custom topics (`Headings.hide_topics`); in others, only marked
            names are replaced.

    Returns:
        Those of `keep_published_columns`; with pseudonyms, headers of the analyst's own columns and custom topics
        have no names of people either.

    Raises:
        PostLensError: None of the columns may be published.
    """
    kept = keep_published_columns(columns, privacy)
    if columns and not kept:
        raise PostLensError(
            "The report", "would have no columns", "Choose columns of scores, or another level of privacy."
        )
    if privacy.shows_names:
        return kept
    return [_describe_change(column, privacy.pseudonyms, topics) for column in kept]


def protect_values(
    values: pd.Series,
    column: Column,
    posts: pd.DataFrame,
    privacy: Privacy,
    topics: Mapping[str, str] = NO_TOPICS,
) -> pd.Series:
    """Replace names in the values of a column.

    Args:
        values: One value per post.
        column: Their column, one of `keep_published_columns`.
        posts: The posts, with post_id, text and author.
        privacy: The chosen privacy.
        topics: See `list_published_columns`.

    Returns:
        The values of the same type; with `PrivacyLevel.EVERYTHING` the same object.
    """
    if privacy.shows_names or _is_unnamed(column):
        return values
    facts = zip(*(_list_or_nones(posts, name) for name in ("text", "author", "post_id")), strict=True)
    protect = _choose_protection(column, privacy.pseudonyms, topics)
    protected = [
        None if _is_missing(value) else protect(value, *fact)
        for value, fact in zip(values.tolist(), facts, strict=True)
    ]
    return pd.Series(protected, index=values.index, dtype=values.dtype)


def protect_post(post: Mapping[str, Any], privacy: Privacy) -> dict[str, Any]:
    """Return the columns of one post without names of people; scores only are without text, words, likes and topics.

    Args:
        post: The columns of `analysis.query.read_post`, or some of them.
        privacy: The chosen privacy.

    Returns:
        The columns; names of files, the analyst's own columns and copy_of are left out.
    """
    if privacy.shows_names:
        return dict(post)
    names = privacy.pseudonyms
    text = post.get("text") or ""
    author = None if _is_missing(post.get("author")) else post.get("author")
    hidden: dict[str, Any] = {
        "post_id": names.post(str(post["post_id"])),
        "text": "",
        "author": None,
        "top_words": None,
    }
    if privacy.shows_posts:
        words = post.get("top_words")
        hidden["text"] = names.text(text, author)
        hidden["author"] = names.user(author) if author else None
        hidden["top_words"] = None if words is None else names.top_words(words, text, author)
    left_out = _NAMED if privacy.shows_posts else (*_NAMED, *_COUNTS)
    scores: dict[str, Any] = {}
    for name, value in post.items():
        if name == TOPIC_COLUMN or name.startswith(SIMILARITY):
            scores |= _protect_topic(name, value, privacy)
        elif name not in left_out:
            scores[name] = value
    return scores | hidden


def _protect_topic(name: str, value: Any, privacy: Privacy) -> dict[str, Any]:
    """Return a post's column of custom topics as it is published; nothing with "scores only"."""
    if not privacy.shows_posts:
        return {}
    names = privacy.pseudonyms
    if name == TOPIC_COLUMN:
        return {name: None if _is_missing(value) else replace_topics(value, names, NO_TOPICS)}
    return {SIMILARITY + replace_topic(name.removeprefix(SIMILARITY), names, NO_TOPICS): value}


Protect = Callable[[Any, str, str | None, str | None], Any]
"""Replaces names in a value, given the text, the author and the id of its post."""


def _choose_protection(column: Column, names: Pseudonyms, topics: Mapping[str, str]) -> Protect:
    name = column.name
    if name.startswith(ORIGINAL):
        own = name.removeprefix(ORIGINAL)
        return lambda value, text, author, post_id: names.own_value(value, own, author, post_id)
    if column.type == TOP_WORDS:
        return lambda value, text, author, post_id: names.top_words(value, text or "", author)
    simple: Mapping[str, Callable[[Any], Any]] = {
        "post_id": names.post,
        "copy_of": names.post,
        "author": lambda value: names.user(value) if value.strip() else value,
        "source": lambda value: names.file(value) if value else value,
        "images": lambda value: [names.file(each) for each in value],
        "mentions": lambda value: [names.user(each) for each in value],
        TOPIC_COLUMN: lambda value: replace_topics(value, names, topics),
        THEME_COLUMN: names.text,  # the same for all posts, whoever wrote them
    }
    if name in simple:
        return lambda value, text, author, post_id: simple[name](value)
    if column.type == TEXT_LIST:  # hashtags, domains and emoji stay, as in the text
        return lambda value, text, author, post_id: [names.text(each, author) for each in value]
    return lambda value, text, author, post_id: names.text(value, author)


def _is_unnamed(column: Column) -> bool:
    """Return whether a column can hold no names: its values are numbers, times or the model's."""
    return (
        column.table in (*_SCORES, "report")
        or column.kind != "text"
        or (column.table == "words" and column.type != TOP_WORDS)
    )


def _is_score(column: Column) -> bool:
    return (column.table in _SCORES and column.name not in _COUNTS) or column.name in _FACTS


def may_name_people(filter_name: str) -> bool:
    """Return whether the values of a filter can be names of people: of authors, texts, topics or own columns."""
    column = column_of_filter(filter_name, HEADS)
    return column is not None and column.kind == "text" and column.table not in _SCORES


def _describe_change(column: Column, names: Pseudonyms, topics: Mapping[str, str]) -> Column:
    """Add to a column's meaning what pseudonyms change in it."""
    if column.name.startswith(ORIGINAL):
        own = names.text(column.name.removeprefix(ORIGINAL))
        meaning = "A column of your own table; names in it are replaced by pseudonyms."
        return replace(column, name=ORIGINAL + own, label=own, meaning=meaning)
    if column.name.startswith(SIMILARITY):
        topic = replace_topic(column.name.removeprefix(SIMILARITY), names, topics)
        return replace(column, name=SIMILARITY + topic, label=f"Similarity: {topic}")
    change = _CHANGED.get(column.name)
    return replace(column, meaning=f"{column.meaning} {change}") if change else column


def _list_or_nones(posts: pd.DataFrame, name: str) -> list[Any]:
    if name not in posts:
        return [None] * len(posts)
    return [None if _is_missing(value) else value for value in posts[name].tolist()]


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
