"""How short texts that posts are compared with are read, such as "delivery": queries, and names of custom topics.

They differ from posts in two ways. The language of a word or two cannot be identified with certainty, so a branch's
vocabulary decides too. And the vectors of all short texts have a common part, which is more similar to short posts
than to others, whatever they are about; it is removed, as the mean of all words is in J. Mu, P. Viswanath,
"All-but-the-Top: Simple and Effective Postprocessing for Word Representations", ICLR 2018. `postlens evaluate
--phrases` measures the results.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.model.config import OTHER, EncoderConfig
from analysis.model.text import preprocess_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from analysis.model.bundle import Bundle

T = TypeVar("T")
Vectors = NDArray[np.float32]

_WORDS = 64
"""Words of a vocabulary whose mean vector is the common part: 400 words give the same results. A vocabulary with
fewer has no common part: their mean would be about these words."""
_WORD_STARTS = "▁Ġ"
"""Marks of the first piece of a word in vocabularies of SentencePiece, and of byte-level BPE."""
_SHORTEST_WORD = 4  # letters; shorter ones are mostly parts of words, and initials
_common: dict[tuple[str, str], Vectors] = {}  # by the bundle's hash and the branch
_lock = threading.Lock()


def choose_phrase_branches(
    config: EncoderConfig, tokenizers: Mapping[str, PreTrainedTokenizerBase], texts: Sequence[str]
) -> list[str]:
    """Choose the branch that reads each short text; "" for an encoder without branches.

    A text that `choose_branches` gives to the branch of other languages is read by that of a language if its
    vocabulary has all of the words. Single letters of other scripts do not count as words: most vocabularies have
    them.

    Args:
        config: The text encoder's configuration.
        tokenizers: Its tokenizers by branch.
        texts: Original texts.
    """
    from analysis.model.text_branches import choose_branches

    languages = [name for name in config.branches if name != OTHER]
    branches = choose_branches(config, texts)
    for number, text in enumerate(texts):
        if branches[number] == OTHER:
            found = (name for name in languages if _has_all_words(tokenizers[name], text))
            branches[number] = next(found, OTHER)
    return branches


def _has_all_words(tokenizer: PreTrainedTokenizerBase, text: str) -> bool:
    """Return whether each word of a text is one token."""
    cleaned = preprocess_text(text)
    words = [cleaned.clean[word.clean_start : word.clean_end] for word in cleaned.words]
    tokens = [tokenizer.tokenize(word) for word in words]
    return bool(words) and all(
        len(each) == 1 and each[0] != tokenizer.unk_token and (len(each[0]) > 1 or each[0].isascii())
        for each in tokens
    )


def find_common_part(bundle: Bundle, branch: str) -> Vectors:
    """Return the direction of the common part of short texts that a branch reads: (dim,), of length 1.

    It is 0 if the branch's vocabulary has too few words. It takes about a second, once in a process.

    Raises:
        BundleError: The bundle has no shared space.
    """
    key = bundle.sha256, branch
    with _lock:
        if key not in _common:
            words = _choose_words(bundle.tokenizers[branch])
            mean = embed_by_branch(bundle, words or ["a"], branch).mean(0)
            _common[key] = mean / np.linalg.norm(mean) if words else np.zeros_like(mean)
        return _common[key]


def embed_by_branch(bundle: Bundle, texts: Sequence[str], branch: str) -> Vectors:
    """Embed texts with a branch of the text encoder, as posts are embedded: (texts, dim), each of length 1.

    Raises:
        BundleError: The bundle has no shared space.
    """
    import torch

    from analysis.model.encoding import encode_texts

    with bundle.lock, torch.inference_mode():
        vectors: Vectors = bundle.model.embed("text", encode_texts(bundle, texts, branch=branch)).numpy()
    return vectors


def _choose_words(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Choose words at equal distances in a vocabulary; none if it has too few."""
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    words = [(token.lstrip(_WORD_STARTS), token) for token, _ in tokens]
    words = [each for each in words if len(each[0]) >= _SHORTEST_WORD and each[0].isalpha()]
    some = _take_evenly(words, 8 * _WORDS)  # parts of words are left out next
    whole = [word for word, token in some if tokenizer.tokenize(word) == [token]]
    return _take_evenly(whole, _WORDS) if len(whole) >= _WORDS else []


def _take_evenly(items: Sequence[T], most: int) -> list[T]:
    """Return items at equal distances."""
    places = np.linspace(0, len(items) - 1, min(most, len(items))).astype(int)
    return [items[place] for place in places]
