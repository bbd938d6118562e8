"""Terms of posts for themes: words, hashtags and emoji of any language, and names made of the most typical ones."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.stop_words import choose_frequent_languages, is_laughter, read_stop_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LEFT_OUT = re.compile(
    r"\{\{\w+\}\}|\{@[^@]*@\}|<\w+>|\bhttps?\b\S*|www\.\S+|(?<!\S)\S+?\.(?:com|net|org|ly|be|tv)\b\S*"
    r"|@\w+|&\w+;|(?<![#\w])\w*_\w+",
    re.IGNORECASE,
)
"""Links, mentions, names with underscores, escaped characters; also where a data set replaced them, as in {{URL}}."""
_TERM = re.compile(
    r"(?P<unspaced>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+)"  # Japanese, Chinese, Thai
    r"|#?[^\W\d_][\w'’]*"
    r"|[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
)
_MIN_LETTERS = 3
_ENDING_LETTERS = 3
"""Letters by which two forms of a word, such as “train” and “trains”, differ at most."""
_LEAST_SHARE = 0.03
"""Share of a theme's authors that use a term, from which the term can describe the theme; and at least two."""
_LEAST_POSTS_OF_WORD = 3
"""Posts with a word from which posts are compared by it: others hardly say what posts have in common."""
NAME_TERMS = 3
"""Terms of which a theme's name is made."""
NAME_SEPARATOR = " · "
WITHOUT_TERMS = "Posts without common words"
"""The name of a theme of pictures, or of posts of stop words."""
ONE_AUTHOR = " (one author)"
"""The end of the name of a theme of one author."""


def split_terms(text: str, languages: tuple[str, ...] = ()) -> list[str]:
    """Split a text into terms: lower-case words of three letters or more, hashtags and emoji.

    Languages that are written without spaces are split into pairs of characters. Links, mentions, laughter and
    frequent words of chats are left out. A letter and its accent are one character, however they are encoded.

    Args:
        text: The text of a post.
        languages: ISO 639-1 codes of the languages whose stop words are left out, such as “the” and “und”.
    """
    terms: list[str] = []
    stop_words = read_stop_words(languages)
    composed = unicodedata.normalize("NFC", text.lower()).replace("’", "'")
    for match in _TERM.finditer(_LEFT_OUT.sub(" ", composed)):
        term = match[0].rstrip("'")
        if match["unspaced"]:
            terms += [term[start : start + 2] for start in range(len(term) - 1)]
            continue
        if "'" in term and not _is_stop_word(term, stop_words):
            term = max(term.split("'"), key=len)  # of l'espresso and café's
        if len(term) >= _MIN_LETTERS or not term[:1].isalpha():
            terms.append(term)
    return [term for term in terms if not _is_stop_word(term, stop_words)]


def split_posts(posts: pd.DataFrame) -> list[tuple[str, ...]]:
    """Split posts into their different terms, without stop words of the main language and of their own.

    Args:
        posts: text and language of each post, missing if unknown.
    """
    main, others = _find_frequent_languages(posts["language"])
    return [
        tuple(
            dict.fromkeys(split_terms(text, (*main, *((language,) if isinstance(language, str) else others))))
        )
        for text, language in zip(posts["text"], posts["language"], strict=True)
    ]


def weigh_words(terms: Sequence[tuple[str, ...]]) -> csr_matrix:
    """Weigh the terms of posts by TF-IDF: (posts, vocabulary), rows of length 1; zeros for posts without words."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    posts = np.repeat(np.arange(len(terms)), [len(each) for each in terms])
    codes, vocabulary = pd.factorize(np.array([term for each in terms for term in each], object))
    shape = (len(terms), max(len(vocabulary), 1))
    counts = csr_matrix((np.ones(len(codes), np.float32), (posts, codes)), shape=shape)
    is_frequent = np.bincount(codes, minlength=shape[1]) >= _LEAST_POSTS_OF_WORD
    return TfidfTransformer().fit_transform(counts[:, is_frequent]) if is_frequent.any() else counts * 0


def find_typical_terms(
    terms: Sequence[tuple[str, ...]],
    authors: pd.Series,
    themes: NDArray[np.int64],
    n_themes: int,
    most: int,
) -> list[list[str]]:
    """Find the most typical terms of each theme by class-based TF-IDF (Grootendorst 2022).

    A term counts once for each author, and posts with the same terms count once, so that nobody can name a theme by
    repeating a post. If no term of a theme is used by several authors, all of its terms count, once for each post.

    Args:
        terms: The terms of each post (`split_posts`).
        authors: The author of each post, missing if unknown.
        themes: The theme of each post, -1 for none.
        n_themes: Number of themes.
        most: Number of terms of each theme.

    Returns:
        The terms of each theme, the most typical first, without other forms of earlier ones; none if its posts have
        no words.
    """
    from scipy.sparse import csr_matrix

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about packages that are not needed
        from bertopic.vectorizers import ClassTfidfTransformer

    author = authors.where(authors.notna(), np.arange(len(authors)).astype(str)).astype(str)
    table = pd.DataFrame({"theme": themes, "author": author.to_numpy(), "term": terms})
    by_post = table.explode("term").dropna()
    authors_of = by_post.drop_duplicates().groupby(["theme", "term"]).size()
    different = table.drop_duplicates(["theme", "term"]).explode("term").dropna()
    of_posts = different.groupby(["theme", "term"]).size()
    counts = different.drop_duplicates().groupby(["theme", "term"]).size()
    if counts.empty:
        return [[] for _ in range(n_themes)]
    codes, vocabulary = pd.factorize(counts.index.get_level_values("term"))
    rows = counts.index.get_level_values("theme").to_numpy() + 1  # posts without a theme come first
    shape = (n_themes + 1, len(vocabulary))
    matrix = csr_matrix((counts.to_numpy(np.float64), (rows, codes)), shape=shape)
    weights = ClassTfidfTransformer(bm25_weighting=True).fit_transform(matrix)
    found = pd.DataFrame(
        {"theme": rows - 1, "term": vocabulary[codes], "authors": authors_of[counts.index].to_numpy()}
    )
    found["weight"] = np.asarray(weights[rows, codes]).ravel()
    least = np.maximum(2, _LEAST_SHARE * found["theme"].map(by_post.groupby("theme")["author"].nunique()))
    is_shared = (found["authors"] >= least) & (found["weight"] > 0)
    is_any_shared = is_shared.groupby(found["theme"]).transform("any")
    found["weight"] *= np.where(is_any_shared, 1, of_posts[counts.index])
    found = found[is_shared | ~is_any_shared]
    found = found.sort_values(["theme", "weight", "term"], ascending=[True, False, True])
    by_theme = dict(list(found.groupby("theme")["term"]))
    return [choose_different(by_theme.get(number, ()), most) for number in range(n_themes)]


def choose_names(terms: Sequence[Sequence[str]], is_of_one_author: Sequence[bool]) -> list[str]:
    """Name themes by their most typical terms, such as "coffee · latte · barista"; equal names are numbered.

    Themes of one author are marked, without the author's name, as reports may not show it.
    """
    names: list[str] = []
    for each, is_of_one in zip(terms, is_of_one_author, strict=True):
        name = NAME_SEPARATOR.join(each[:NAME_TERMS]) or WITHOUT_TERMS
        name += ONE_AUTHOR if is_of_one else ""
        repeated = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({repeated + 1})" if repeated else name)
    return names


def find_themes_of_one_author(authors: pd.Series, themes: NDArray[np.int64], n_themes: int) -> list[bool]:
    """Return for each theme whether all of its posts are by the same author, who is known."""
    different = pd.Series(authors.fillna("").to_numpy()).groupby(themes).unique().to_dict()
    found = [list(different.get(number, ())) for number in range(n_themes)]
    return [len(each) == 1 and each != [""] for each in found]


def choose_different(terms: Iterable[str], most: int) -> list[str]:
    """Choose the first terms of which none is another form of an earlier one, such as “#music” after “music”."""
    chosen: list[str] = []
    for term in terms:
        if not any(_is_form_of(term, other) for other in chosen):
            chosen.append(term)
        if len(chosen) == most:
            break
    return chosen


def _is_form_of(term: str, other: str) -> bool:
    short, long = sorted((term.lstrip("#"), other.lstrip("#")), key=len)
    return long.startswith(short) and len(long) - len(short) <= _ENDING_LETTERS


def _is_stop_word(term: str, stop_words: Set[str]) -> bool:
    bare = term.lstrip("#")
    return bare in stop_words or is_laughter(bare)


def _find_frequent_languages(languages: pd.Series) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the main language, whose words are in posts of others too, and the others that posts may be in."""
    frequent = choose_frequent_languages(
        {str(name): posts for name, posts in languages.value_counts().items()}
    )
    return frequent[:1], frequent[1:]
