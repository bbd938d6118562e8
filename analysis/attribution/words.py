"""What each word contributes: integrated gradients over word embeddings, word pieces merged to words.

The baseline keeps [CLS] and [SEP] and puts [MASK] in place of every other token. The function explained is
the mean of the score with and without the picture, since the text's Shapley value is the mean of its two
gains; integrated gradients are linear in the function, so that one run gives what two would (and the text is
encoded once). Source: Sundararajan et al. 2017, by Captum's `LayerIntegratedGradients`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import torch
from captum.attr import LayerIntegratedGradients
from torch import Tensor

from analysis.attribution.ledger import WordValue
from analysis.model.bundle import Bundle
from analysis.model.encoding import tokenize
from analysis.model.outputs import explained_logits
from analysis.model.text import CleanText, clean_text

LONGEST_NAME = 40  # characters of a word that a list of words shows


def word_values(
    bundle: Bundle, text: str, image: Tensor | None, head: str, index: int, steps: int
) -> tuple[tuple[WordValue, ...], float]:
    """Attribute one class's logit to the words of one post.

    Args:
        bundle: The model; hold its lock.
        text: The post as written, not empty.
        image: Encoding of the post's pictures, (dim,); None without pictures.
        head: Which head.
        index: Class number in that head.
        steps: Gauss-Legendre steps.

    Returns:
        The words that the encoder read, with their values in logits, and F(text) - F(baseline), which their sum
        should equal. Words past the encoder's longest text are left out.
    """
    cleaned = clean_text(text)
    tokens = tokenize(bundle, [cleaned.clean])
    ids, mask = tokens["input_ids"], tokens["attention_mask"]  # (1, tokens)
    blank = blank_tokens(bundle, ids)
    score = _score_of_tokens(bundle, image, head, index)
    values = LayerIntegratedGradients(score, bundle.model.encoders["text"].word_embeddings).attribute(
        ids,
        baselines=blank,
        additional_forward_args=(mask,),
        n_steps=steps,
        method="gausslegendre",
        internal_batch_size=16,
    )
    with torch.inference_mode():
        difference = float(score(ids, mask) - score(blank, mask))
    return _merge(bundle, text, cleaned, values.sum(-1).squeeze(0).double()), difference


def top_words(words: Sequence[WordValue], count: int) -> str:
    """Name the words with the largest values: "awful +0.61; but -0.20". Equal words are added up.

    Words are what holds a letter or an emoji; digits and punctuation by themselves are left out.
    """
    totals: dict[str, float] = {}
    for word in words:
        kinds = {unicodedata.category(sign) for sign in word.text}
        if "So" in kinds or any(kind.startswith("L") for kind in kinds):
            name = word.text.casefold()[:LONGEST_NAME]
            totals[name] = totals.get(name, 0.0) + word.value
    ranked = sorted(totals.items(), key=lambda pair: -abs(pair[1]))
    return "; ".join(f"{word} {value:+.2f}" for word, value in ranked[:count])


def blank_tokens(bundle: Bundle, ids: Tensor) -> Tensor:
    """Put [MASK] in place of every token but [CLS], [SEP] and [PAD]; [UNK] is a word: (texts, tokens)."""
    tokenizer = bundle.tokenizer
    kept = torch.tensor([tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id])
    return torch.where(torch.isin(ids, kept), ids, torch.full_like(ids, tokenizer.mask_token_id))


def _score_of_tokens(
    bundle: Bundle, image: Tensor | None, head: str, index: int
) -> Callable[[Tensor, Tensor], Tensor]:
    """Give the function that is explained: token ids and mask, (rows, tokens), to (rows,) logits."""
    model = bundle.model
    picture = torch.zeros(bundle.config.encoders["image"].dim) if image is None else image
    contexts = [0.0] if image is None else [0.0, 1.0]
    has = torch.tensor([[1.0, contexts[-1]]])

    def score(ids: Tensor, mask: Tensor) -> Tensor:
        text = model.encode("text", input_ids=ids, attention_mask=mask)
        encoded = {"text": text, "image": picture.expand(len(text), -1)}
        total = torch.zeros(len(text))
        for shown in contexts:
            present = torch.tensor([[1.0, shown]]).expand(len(text), -1)
            logits = explained_logits(bundle.heads, model.predict(encoded, present), has)
            total = total + logits[head][:, index]
        return total / len(contexts)

    return score


def _merge(bundle: Bundle, text: str, cleaned: CleanText, values: Tensor) -> tuple[WordValue, ...]:
    """Add token values up to words, by the character offsets of the tokens in the cleaned text."""
    offsets = bundle.tokenizer(
        cleaned.clean,
        truncation=True,
        max_length=bundle.config.encoders["text"].max_tokens,
        return_offsets_mapping=True,
    )["offset_mapping"]
    totals: dict[int, float] = {}
    for (start, end), value in zip(offsets, values.tolist(), strict=True):
        number = cleaned.word_of_piece(start, end)
        if number is not None:
            totals[number] = totals.get(number, 0.0) + value
    places = {number: cleaned.words[number] for number in sorted(totals)}
    return tuple(
        WordValue(text[word.start : word.end], word.start, word.end, totals[number])
        for number, word in places.items()
    )
