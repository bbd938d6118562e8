"""What each word contributes: integrated gradients over word embeddings, word pieces merged to words.

The baseline keeps [CLS] and [SEP] and puts [MASK] in place of every other token. The function explained is
the mean of the score with and without the picture, since the text's Shapley value is the mean of its two
gains; integrated gradients are linear in the function, so that one run gives what two would (and the text is
encoded once). Source: Sundararajan et al. 2017, by Captum's `LayerIntegratedGradients`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import torch
from captum.attr import LayerGradientXActivation, LayerIntegratedGradients
from numpy.typing import NDArray
from torch import Tensor

from analysis.attribution.faithfulness import Score
from analysis.attribution.ledger import INTEGRATED_GRADIENTS, WordValue
from analysis.attribution.target import Target, mean_score
from analysis.model.bundle import Bundle
from analysis.model.text import Word, clean_text

LONGEST_NAME = 40  # characters of a word that a list of words shows
ROWS = 16  # texts at once


def word_values(
    bundle: Bundle,
    text: str,
    image: Tensor | None,
    target: Target,
    steps: int,
    method: str = INTEGRATED_GRADIENTS,
) -> tuple[tuple[WordValue, ...], float]:
    """Attribute one number to the words of one post.

    Args:
        bundle: The model; hold its lock.
        text: The post as written, not empty.
        image: Encoding of the post's pictures, (dim,); None without pictures.
        target: What is explained.
        steps: Gauss-Legendre steps of integrated gradients.
        method: `INTEGRATED_GRADIENTS` or `GRADIENT_X_INPUT`.

    Returns:
        The words that the encoder read, with their values in logits, and F(text) - F(baseline), which their sum
        should equal. Words past the encoder's longest text are left out.
    """
    ids, mask, blank = _tokens(bundle, text)

    def score(ids: Tensor, mask: Tensor) -> Tensor:
        return mean_score(bundle, target, "text", _encode(bundle, ids, mask), image)

    embeddings = bundle.model.encoders["text"].word_embeddings
    if method == INTEGRATED_GRADIENTS:
        values = LayerIntegratedGradients(score, embeddings).attribute(
            ids,
            baselines=blank,
            additional_forward_args=(mask,),
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=ROWS,
        )
    else:
        values = LayerGradientXActivation(score, embeddings).attribute(ids, additional_forward_args=(mask,))
    with torch.inference_mode():
        difference = float(score(ids, mask) - score(blank, mask))
    return _merge(bundle, text, values.detach().sum(-1).squeeze(0).double()), difference


def top_words(words: Sequence[WordValue], count: int) -> list[tuple[str, float]]:
    """Find the words with the largest values, such as ("awful", 0.61), the largest first. Equal words are added up.

    Words are what holds a letter or an emoji; digits and punctuation by themselves are left out.
    """
    totals: dict[str, float] = {}
    for word in words:
        kinds = {unicodedata.category(sign) for sign in word.text}
        if "So" in kinds or any(kind.startswith("L") for kind in kinds):
            name = word.text.casefold()[:LONGEST_NAME]
            totals[name] = totals.get(name, 0.0) + word.value
    return sorted(totals.items(), key=lambda pair: -abs(pair[1]))[:count]


def blank_tokens(bundle: Bundle, ids: Tensor) -> Tensor:
    """Put [MASK] in place of every token but [CLS], [SEP] and [PAD]; [UNK] is a word: (texts, tokens).

    A tokenizer without [MASK] gives its unknown token instead, or else its padding.
    """
    tokenizer = bundle.tokenizer
    kept = [tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id]
    blanks = [tokenizer.mask_token_id, tokenizer.unk_token_id, tokenizer.pad_token_id]
    blank = next(token for token in blanks if token is not None)
    special = torch.isin(ids, torch.tensor([token for token in kept if token is not None]))
    return torch.where(special, ids, torch.full_like(ids, blank))


def word_mask_score(bundle: Bundle, text: str, image: Tensor | None, target: Target) -> Score:
    """Give the score of the text with only some of its words: what the checks ask.

    Args:
        bundle: The model; hold its lock.
        text: The post as written, not empty.
        image: Encoding of the post's pictures, (dim,); None without pictures.
        target: What is scored.

    Returns:
        Scores which words stay, in the order of `word_values`; [MASK] stands in place of the others.
    """
    ids, mask, blank = _tokens(bundle, text)
    _, place = _words_of_tokens(bundle, text)

    def score(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        shown = torch.from_numpy(np.pad(kept, ((0, 0), (0, 1)), constant_values=True))  # specials stay
        chosen = torch.where(shown[:, place], ids, blank)  # (rows, tokens)
        with torch.inference_mode():
            parts = [
                mean_score(bundle, target, "text", _encode(bundle, part, mask), image)
                for part in chosen.split(ROWS)
            ]
        return torch.cat(parts).double().numpy()

    return score


def masked_encoding(bundle: Bundle, text: str) -> Tensor:
    """Encode a text with [MASK] in place of every word, the baseline of the words: (1, dim)."""
    _, mask, blank = _tokens(bundle, text)
    with torch.inference_mode():
        return _encode(bundle, blank, mask)


def _tokens(bundle: Bundle, text: str) -> tuple[Tensor, Tensor, Tensor]:
    """Give a text's token ids, their mask, and the ids of the baseline: (1, tokens) each."""
    tokens = bundle.tokenize(clean_text(text).clean, return_tensors="pt")
    return tokens["input_ids"], tokens["attention_mask"], blank_tokens(bundle, tokens["input_ids"])


def _encode(bundle: Bundle, ids: Tensor, mask: Tensor) -> Tensor:
    return bundle.model.encode("text", input_ids=ids, attention_mask=mask.expand(len(ids), -1))


def _words_of_tokens(bundle: Bundle, text: str) -> tuple[list[Word], NDArray[np.int64]]:
    """Give the words that the encoder reads, and which of them each token belongs to.

    Returns:
        The words in text order, and for each token its word's place among them, (tokens,); one place past the last
        for special tokens, which belong to none. Tokens are matched by character offsets in the cleaned text.
    """
    cleaned = clean_text(text)
    offsets = bundle.tokenize(cleaned.clean, return_offsets_mapping=True)["offset_mapping"]
    owners = [cleaned.word_of_piece(start, end) for start, end in offsets]
    read = sorted({owner for owner in owners if owner is not None})
    places = {owner: place for place, owner in enumerate(read)}
    place = np.array([len(read) if owner is None else places[owner] for owner in owners])
    return [cleaned.words[owner] for owner in read], place


def _merge(bundle: Bundle, text: str, values: Tensor) -> tuple[WordValue, ...]:
    """Add token values, (tokens,), up to words."""
    words, place = _words_of_tokens(bundle, text)
    totals = np.bincount(place, weights=values.numpy(), minlength=len(words))
    return tuple(
        WordValue(text[word.start : word.end], word.start, word.end, float(total))
        for word, total in zip(words, totals, strict=False)  # the last total is of special tokens
    )
