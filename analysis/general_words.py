"""How frequent words are in general texts: Wikipedia, subtitles, news, books, the web, Twitter and Reddit.

The lists are those of the package wordfreq (Speer 2022, doi:10.5281/zenodo.7199437), for 40 languages.
"""

from __future__ import annotations

from itertools import chain
from typing import Literal

import numpy as np
import pyarrow as pa

ListSize = Literal["large", "small"]
"""Lists have words that occur at least once in a hundred million words, or once in a million."""


def read_general_words(language: str, size: ListSize = "large") -> pa.Table | None:
    """Read how frequent words of a language are.

    Args:
        language: ISO 639-1 code.
        size: A small list is read ten times as fast. A language without a large list has only a small one.

    Returns:
        word (in lower case, ß as ss, digits of longer numbers as 0) and frequency (share of all words); None for a
        language without lists.
    """
    import wordfreq  # late, as most commands need none

    lists = wordfreq.available_languages("best" if size == "large" else "small")
    if language not in lists:
        return None
    by_centibel = wordfreq.read_cBpack(lists[language])
    frequencies = 10 ** (np.arange(len(by_centibel)) / -100)
    return pa.table(
        {
            "word": list(chain.from_iterable(by_centibel)),
            "frequency": np.repeat(frequencies, [len(words) for words in by_centibel]),
        }
    )
