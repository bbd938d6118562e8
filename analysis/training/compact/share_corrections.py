"""Stage 3 of the `compact` recipe: fit how the shares of words are corrected (`ShareCorrection`).

Random tokens of texts are masked. The correction is fitted by ridge regression, so that the shares of the masked
tokens add up to the change of the encoding. As all heads are linear in the encoding, one correction serves all of
them. Predictions do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.model.bundle import Bundle
from analysis.model.modalities.text import mask_all_tokens
from analysis.model.share_correction import ShareCorrection
from analysis.training.compact.text import (
    get_branch_encoder,
    make_token_collator,
    tokenize_training_texts,
)

RANK = 64
TEXTS = 4_000
"""Number of texts of each branch."""
DRAWS = 2
"""Random sets of masked tokens per text."""
PENALTY = 0.1
"""Weight of the squared map, relative to the mean square of the states."""
_BATCH = 64

Corrections = Mapping[str, Mapping[str, Tensor]]
"""State of each `ShareCorrection` by branch."""
Masked = tuple[Mapping[str, Tensor], Mapping[str, Tensor], Tensor, Tensor]
"""Input with and without the masked tokens; which tokens are masked, and the weight of each token in the encoding,
(texts, tokens) each."""


def fit_share_corrections(bundle: Bundle, texts: Mapping[str, Sequence[str]], seed: int) -> Corrections:
    """Fit the correction of each branch of the text encoder whose encodings are means over tokens.

    Args:
        bundle: A bundle with the final encoders.
        texts: Original texts by branch; "" for an encoder without branches.
        seed: Seed of the masks.
    """
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for branch, some in texts.items():
        dim = bundle.text_config(branch).dim
        divided = get_branch_encoder(bundle, branch).with_parts(torch.eye(dim), torch.zeros(dim))
        if divided is not None:
            found[branch] = fit_correction(divided, _mask_texts(bundle, branch, some, generator)).state_dict()
    return found


def apply_share_corrections(bundle: Bundle, corrections: Corrections) -> Bundle:
    """Set the corrections of a bundle's encoders in place, and return the bundle with the ranks in its config."""
    text = bundle.config.encoders["text"]
    for branch, state in corrections.items():
        config = replace(bundle.text_config(branch), share_rank=len(state["down.weight"]))
        correction = ShareCorrection(config.dim, config.share_rank).requires_grad_(False)
        correction.load_state_dict(dict(state))
        get_branch_encoder(bundle, branch).correction = correction
        text = replace(text, branches={**text.branches, branch: config}) if branch else config
    return replace(bundle, config=replace(bundle.config, encoders={**bundle.config.encoders, "text": text}))


@torch.no_grad()
def fit_correction(divided: nn.Module, batches: Iterable[Masked], rank: int = RANK) -> ShareCorrection:
    """Fit a correction by reduced-rank ridge regression (Izenman 1975).

    Args:
        divided: An encoder that outputs the encoding, (texts, dim), and the states of the tokens divided by their
            number, (texts, tokens, dim).
        batches: Masked texts.
        rank: Rank of the correction; at most `dim`.
    """
    features, changes = [], []
    for inputs, reduced, masked, weight in batches:
        encoding, states = divided(**inputs)
        shares = (states * masked.unsqueeze(-1)).sum(1)
        part = (masked * weight).sum(1, keepdim=True)  # (texts, 1)
        features.append(torch.cat([shares - part * encoding, part], dim=1))
        changes.append(encoding - divided(**reduced)[0] - shares)
    x, y = torch.cat(features).double(), torch.cat(changes).double()
    gram = x.T @ x
    penalty = torch.full((len(gram),), PENALTY * float(gram.diag()[:-1].mean()), dtype=x.dtype)
    penalty[-1] = 0  # its coefficients are the state of a masked token, which is not shrunk
    solution = torch.linalg.solve(gram + penalty.diag(), x.T @ y)[:-1]
    directions = torch.linalg.svd(x[:, :-1] @ solution, full_matrices=False).Vh[:rank]  # (rank, dim)
    correction = ShareCorrection(y.shape[1], len(directions))
    correction.down.weight.copy_(directions @ solution.T)
    correction.up.weight.copy_(directions.T)
    return correction


def _mask_texts(
    bundle: Bundle, branch: str, texts: Sequence[str], generator: torch.Generator
) -> Iterable[Masked]:
    """Yield batches of texts of similar length, with random tokens masked at a random rate."""
    tokenizer = bundle.tokenizers[branch]
    collate = make_token_collator(tokenizer)
    tokens = sorted(tokenize_training_texts(tokenizer, texts), key=len)
    for start in tqdm(range(0, len(tokens), _BATCH), desc="masked texts", leave=False):
        inputs = collate(tokens[start : start + _BATCH])
        ids, attention = inputs["input_ids"], inputs["attention_mask"]
        blank = mask_all_tokens(tokenizer, ids)
        for _ in range(DRAWS):
            rate = torch.rand(len(ids), 1, generator=generator)
            masked = (torch.rand(ids.shape, generator=generator) < rate) & (blank != ids)
            reduced = {**inputs, "input_ids": torch.where(masked, blank, ids)}
            yield inputs, reduced, masked, attention / attention.sum(1, keepdim=True)
