"""Detects the language of posts with `py3langid`, to flag posts in languages that the bundle was not trained on.

py3langid is langid.py retrained (Lui & Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool"):
naive Bayes over byte n-grams, 4 MB, about 8,000 posts a second on one core. A bundle's
configuration lists the languages that it was trained on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

from analysis.columns.languages import LANGUAGES
from analysis.model.text import extract_language_text

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


def detect_languages(texts: Sequence[str], likely: float, also: Iterable[str] = ()) -> list[str | None]:
    """Detect the language of each text.

    Args:
        texts: Original texts of posts.
        likely: Minimum probability for a language to be returned (`Settings.language_from`).
        also: Additional language codes, such as those of a bundle; unknown ones are ignored.

    Returns:
        ISO 639-1 codes; None if no language is likely enough or the text is too short.
    """
    found = identify_languages([extract_language_text(text) for text in texts], also)
    return [language if probability >= likely else None for language, probability in found]


def identify_languages(texts: Sequence[str], also: Iterable[str] = ()) -> list[tuple[str, float]]:
    """Return the most likely language of each text, and its probability.

    Args:
        texts: Results of `extract_language_text`.
        also: Additional language codes; unknown ones are ignored.
    """
    identifier = _restrict_identifier(frozenset({*LANGUAGES, *also}))
    return [identifier.classify(text) for text in texts]


@cache
def _restrict_identifier(languages: frozenset[str]) -> LanguageIdentifier:
    identifier = copy(_load_identifier())  # shares the model
    identifier.set_languages(languages & set(identifier.labels))
    return identifier


@cache
def _load_identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
