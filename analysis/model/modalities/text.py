"""The text modality: cleans, tokenizes and encodes a post's text, and prepares it for attribution to words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.model.builders import TEXT_BUILDERS
from analysis.model.bundle_files import wrap_bundle_errors
from analysis.model.config import EncoderConfig
from analysis.model.encoding import encode_clean_texts
from analysis.model.modalities.base import ExplainableInput, Modality
from analysis.model.text import CleanText, Word, preprocess_text
from analysis.model.text_branches import choose_branches
from analysis.model.tokenizer import check_tokens, name_tokenizer_file
from analysis.model.trial import REMEDY, check_encoding
from analysis.posts import has_text
from analysis.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from analysis.model.bundle import Bundle

ROWS = 16
"""Batch size for attribution, in texts."""
_SAMPLES = ("a", "The day, #so 12.5 @user http!", "\u4f60\u0905\U0001f600\U00013000\u200d\ufffd", "\x00 \x1b")


@dataclass(frozen=True)
class DecodedText:
    """A text in the form that the encoder reads.

    Attributes:
        clean: The cleaned text and its words.
        input_ids: (1, tokens).
        attention_mask: (1, tokens).
        words: The words that the encoder reads; long texts are truncated.
        word_of_token: Index in `words` of each token's word, (tokens,); `len(words)` for special tokens.
        branch: The branch of the encoder that reads it; "" for an encoder without branches.
    """

    clean: CleanText
    input_ids: Tensor
    attention_mask: Tensor
    words: Sequence[Word]
    word_of_token: Tensor
    branch: str = ""


class TextInput(ExplainableInput):
    """A text for attribution to words; in the baseline, every token except special ones is replaced by [MASK]."""

    rows = gradient_rows = ROWS

    def __init__(self, bundle: Bundle, text: DecodedText) -> None:
        self._encoder, self._branch = bundle.text_encoder(text.branch), text.branch
        self._mask = text.attention_mask
        self.inputs = text.input_ids
        self.baseline = mask_all_tokens(bundle.tokenizers[text.branch], text.input_ids)
        self.part_of = text.word_of_token
        self.parts = len(text.words)

    def encode(self, inputs: Tensor) -> Tensor:
        """Encode token ids: (rows, tokens) to (rows, dim)."""
        mask = self._mask.expand(len(inputs), -1)
        encoded: Tensor = self._encoder(input_ids=inputs, attention_mask=mask)
        return encoded

    def encode_elements(self, encoders: Mapping[str, nn.Module]) -> Tensor:
        """Run the encoder that outputs numbers for each token: (tokens, numbers)."""
        numbers: Tensor = encoders[self._branch](input_ids=self.inputs, attention_mask=self._mask)[1]
        return numbers[0]

    def sum_elements_by_part(self, values: Tensor) -> NDArray[np.float64]:
        """Sum the values of tokens by word: (words,)."""
        return self.sum_by_part(values.reshape(1, -1, 1))

    def get_layer(self) -> nn.Module:
        """Return the layer of word embeddings."""
        embeddings: nn.Module = self._encoder.word_embeddings  # type: ignore[assignment]
        return embeddings

    def sum_by_part(self, values: Tensor) -> NDArray[np.float64]:
        """Sum values on embeddings, (1, tokens, hidden), by word: (words,)."""
        by_token = values.sum(-1).squeeze(0).double().numpy()
        totals: NDArray[np.float64] = np.bincount(
            self.part_of.numpy(), weights=by_token, minlength=self.parts
        ).astype(np.float64)
        return totals[: self.parts]  # the last element is the total of the special tokens


class TextModality(Modality):
    """A post's text."""

    name = "text"

    def build(self, config: EncoderConfig, pretrained: bool) -> nn.Module:
        """See `Modality.build`."""
        return TEXT_BUILDERS[config.kind](config, pretrained)

    def read(self, posts: pd.DataFrame) -> Sequence[str]:
        """Return the original texts."""
        texts: list[str] = posts["text"].tolist()
        return texts

    def is_present(self, content: str | None) -> bool:
        """Return whether the text has a visible character."""
        return content is not None and has_text(content)

    def decode(self, bundle: Bundle, content: str) -> DecodedText:
        """Clean and tokenize a text; tokens are assigned to words by their character offsets."""
        clean = preprocess_text(content)
        branch = choose_branches(bundle.config.encoders["text"], [content])[0]
        tokens = bundle.tokenize(clean.clean, branch, return_offsets_mapping=True)
        owners = [clean.word_of_piece(start, end) for start, end in tokens["offset_mapping"]]
        read = sorted({owner for owner in owners if owner is not None})
        places = {owner: place for place, owner in enumerate(read)}
        return DecodedText(
            clean,
            torch.tensor([tokens["input_ids"]]),
            torch.tensor([tokens["attention_mask"]]),
            [clean.words[owner] for owner in read],
            torch.tensor([len(read) if owner is None else places[owner] for owner in owners]),
            branch,
        )

    def encode(self, bundle: Bundle, decoded: DecodedText) -> Tensor:
        """Encode a text: (1, dim)."""
        return encode_clean_texts(bundle, [decoded.clean])[0].vector.unsqueeze(0)

    def explain(self, bundle: Bundle, decoded: DecodedText, settings: Settings) -> TextInput:
        """Prepare a text for attribution to words."""
        return TextInput(bundle, decoded)

    def example(self, config: EncoderConfig) -> Mapping[str, Tensor]:
        """Return two rows of 16 tokens."""
        tokens = torch.ones(2, 16, dtype=torch.long)
        return {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}

    def check(self, bundle: Bundle) -> Tensor:
        """Encode a text of the maximum length with every branch of the encoder; return the last, (1, dim)."""
        return [_check_branch(bundle, branch) for branch in bundle.tokenizers][-1]


def _check_branch(bundle: Bundle, branch: str) -> Tensor:
    """Check that the tokenizer of a branch fits its encoder: (1, dim)."""
    config, tokenizer = bundle.text_config(branch), bundle.tokenizers[branch]
    file = f"{bundle.folder.name}/{name_tokenizer_file(branch)}"
    thing = f"Text encoder of {bundle.folder.name}"
    with wrap_bundle_errors(thing, REMEDY):
        encoder = bundle.text_encoder(branch)
        embeddings: nn.Module = encoder.word_embeddings  # type: ignore[assignment]
        known = int(embeddings.num_embeddings)  # type: ignore[arg-type]
    check_tokens(tokenizer, known, file)
    longest = " ".join(_SAMPLES) + " a" * config.max_tokens
    with wrap_bundle_errors(file):
        rows = tokenizer([*_SAMPLES, longest], truncation=True, max_length=config.max_tokens)["input_ids"]
        if not all(0 <= token < known for row in rows for token in row):
            raise ValueError("it produces tokens that the text encoder has no embedding for")
        if not rows[-1] or max(map(len, rows)) > config.max_tokens:
            raise ValueError(f"it does not truncate texts to {config.max_tokens} tokens")
    with wrap_bundle_errors(thing, REMEDY), torch.inference_mode():
        padding = [tokenizer.pad_token_id] * (config.max_tokens - len(rows[-1]))
        ids = torch.tensor([[*rows[-1], *padding]])  # (1, tokens)
        mask = (torch.arange(config.max_tokens) < len(rows[-1])).long().unsqueeze(0)
        encoded = encoder(input_ids=ids, attention_mask=mask)
        return check_encoding(bundle, encoded, bundle.config.encoders["text"].dim, "text encoder")


def mask_all_tokens(tokenizer: PreTrainedTokenizerBase, ids: Tensor) -> Tensor:
    """Replace every token except [CLS], [SEP] and [PAD] by [MASK]; [UNK] counts as a word.

    Args:
        tokenizer: If it has no [MASK], the unknown token is used, or else the padding token.
        ids: (texts, tokens).

    Returns:
        (texts, tokens).
    """
    kept = [tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id]
    blanks = [tokenizer.mask_token_id, tokenizer.unk_token_id, tokenizer.pad_token_id]
    blank = next(token for token in blanks if token is not None)
    special = torch.isin(ids, torch.tensor([token for token in kept if token is not None]))
    return torch.where(special, ids, torch.full_like(ids, blank))


TEXT = TextModality()
