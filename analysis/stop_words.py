"""Words that say nothing about a post: stop words such as “the” and “und”, frequent words of chats, and laughter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

LAUGHTER = re.compile(r"a*(?:ha)+h?a*|(?:he){2,}h?|(?:ja)+j?|(?:rs)+|k{2,}|lo+l\w?|x+d+")
"""An expression for a whole word in lower case, which RE2 reads alike."""
_CHAT_WORDS = frozenset(
    {
        "rt", "repost", "regram", "amp", "via", "http", "https", "www", "com", "user", "username", "url", "omg",
        "lmao", "lmfao", "rofl",
        "wtf", "btw", "idk", "imo", "tbh", "smh", "pls", "plz", "thx", "dont", "cant", "wont", "didnt", "doesnt",
        "isnt", "ive", "youre", "thats", "gonna", "wanna", "gotta", "yeah", "yep", "nope", "hey",
    }
)  # fmt: skip
"""Frequent words of posts and of their technology, which lists of stop words lack."""
EVERYWHERE = "en"
"""The language whose words are in posts of all languages."""
_FREQUENT_SHARE = 0.02
"""Of the posts whose language is known: a language with more is one that the others may be in."""


def is_laughter(word: str) -> bool:
    """Return whether a word in lower case is laughter, such as “hahaha” and “lol”."""
    return bool(LAUGHTER.fullmatch(word))


@cache
def read_stop_words(languages: tuple[str, ...]) -> frozenset[str]:
    """Read the stop words of some languages in lower case, also without apostrophes, and frequent words of chats.

    Args:
        languages: ISO 639-1 codes; those without a list of stop words are ignored.
    """
    import stopwordsiso  # late, as most commands need none

    known: Iterable[str] = (language for language in languages if stopwordsiso.has_lang(language))
    words = [word for language in known for word in stopwordsiso.stopwords(language)]
    return _CHAT_WORDS.union(words, (word.replace("'", "") for word in words))


def choose_frequent_languages(
    posts: Mapping[str, int], least_share: float = _FREQUENT_SHARE
) -> tuple[str, ...]:
    """Choose the languages that many posts are in, the most frequent first.

    Args:
        posts: Number of posts by language, without those whose language is unknown.
        least_share: Of these posts.
    """
    least = least_share * sum(posts.values())
    frequent = [language for language, number in posts.items() if number >= least]
    return tuple(sorted(frequent, key=lambda language: -posts[language]))
