"""Identifies the language of posts with `py3langid`, to flag posts outside the bundle's languages.

py3langid is langid.py retrained (Lui & Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool"):
naive Bayes over byte n-grams, 4 MB, about 2,000 posts a second on one core. A bundle's
configuration lists the languages that it was trained on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from analysis.model.text import plain_text

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
        "el": "Greek", "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French",
        "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
        "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
        "ru": "Russian", "sv": "Swedish", "ta": "Tamil", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
        "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    }
)  # fmt: skip
"""The languages that are distinguished, by ISO 639-1 code. With all 139 that py3langid knows, the probability of a
post in Portuguese spreads over small related languages, and a third of foreign posts get no language."""


def languages_of(texts: Sequence[str], likely: float, also: Iterable[str] = ()) -> list[str | None]:
    """Identify the language of each text.

    Args:
        texts: Posts' texts as written.
        likely: Probability from which a language is named (`Settings.language_from`).
        also: Further codes to distinguish, such as a bundle's own languages; unknown ones are ignored.

    Returns:
        ISO 639-1 codes; None if no language is likely enough, or there is too little text.
    """
    identifier = _identifier(frozenset({*LANGUAGES, *also}))
    found = (identifier.classify(plain_text(text)) for text in texts)
    return [language if probability >= likely else None for language, probability in found]


@cache
def _identifier(languages: frozenset[str]) -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages & set(identifier.labels))
    return identifier
