"""Runs a bundle once on a text and a picture, so that what is wrong with it comes out when it is loaded.

Whatever a configuration gets wrong that no check of its values finds (positions that run out, a size that the encoder
does not give, a layer that is not there), a run does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.bundle_files import readable
from analysis.model.outputs import probabilities
from analysis.model.tokenizer import TOKENIZER, check_tokens

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

_TEXTS = ("a", "The day, #so 12.5 @user http!", "\u4f60\u0905\U0001f600\U00013000\u200d\ufffd", "\x00 \x1b")
_REMEDY = "Use a bundle written by `postlens train`."


def check_bundle(bundle: Bundle) -> None:
    """Encode and score a text and a picture.

    Args:
        bundle: Just loaded.

    Raises:
        BundleError: That fails, or gives something else than finite numbers of the sizes in config.json.
    """
    with readable(f"Text encoder of {bundle.folder.name}", _REMEDY):
        embeddings: nn.Module = bundle.model.encoders["text"].word_embeddings  # type: ignore[assignment]
        known = int(embeddings.num_embeddings)  # type: ignore[arg-type]
    check_tokens(bundle.tokenizer, known, f"{bundle.folder.name}/{TOKENIZER}")
    with torch.inference_mode():
        encoded = {"text": _text(bundle, known), "image": _image(bundle)}
        with readable(f"Model {bundle.folder.name}", _REMEDY):
            for row in ([1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]):
                present = torch.tensor([row])
                probabilities(bundle.heads, bundle.model.predict(encoded, present), present)
            if bundle.config.space:
                for modality, values in encoded.items():
                    _check(bundle, bundle.model.embed(modality, values), bundle.config.space.dim, "space")


def _text(bundle: Bundle, known: int) -> Tensor:
    """Encode the longest text that the encoder may read: (1, dim)."""
    config, thing = bundle.config.encoders["text"], f"{bundle.folder.name}/{TOKENIZER}"
    longest = " ".join(_TEXTS) + " a" * config.max_tokens
    with readable(thing):
        rows = bundle.tokenizer([*_TEXTS, longest], truncation=True, max_length=config.max_tokens)[
            "input_ids"
        ]
        if not all(0 <= token < known for row in rows for token in row):
            raise ValueError("it gives tokens that the text encoder does not know")
        if not rows[-1] or max(map(len, rows)) > config.max_tokens:
            raise ValueError(f"it does not cut texts to {config.max_tokens} tokens")
    with readable(f"Text encoder of {bundle.folder.name}", _REMEDY):
        padded = [*rows[-1], *[bundle.tokenizer.pad_token_id] * (config.max_tokens - len(rows[-1]))]
        ids = torch.tensor([padded])  # (1, tokens)
        mask = (torch.arange(config.max_tokens) < len(rows[-1])).long().unsqueeze(0)
        encoded = bundle.model.encode("text", input_ids=ids, attention_mask=mask)
        return _check(bundle, encoded, config.dim, "text encoder")


def _image(bundle: Bundle) -> Tensor:
    """Encode a picture: (1, dim)."""
    config, encoder = bundle.config.encoders["image"], bundle.model.encoders["image"]
    shapes: list[int] = []
    with readable(f"Image encoder of {bundle.folder.name}", _REMEDY):
        hooks = []
        if config.explained_layer:
            layer = encoder.get_submodule(config.explained_layer)
            hooks.append(
                layer.register_forward_hook(lambda _layer, _given, output: shapes.append(output.ndim))
            )
        try:
            encoded = bundle.model.encode("image", pixels=torch.zeros(1, 3, config.side, config.side))
        finally:
            for hook in hooks:
                hook.remove()
        if hooks and shapes != [4]:
            raise ValueError(f"explained_layer {config.explained_layer!r} gives no map of the picture")
        return _check(bundle, encoded, config.dim, "image encoder")


def _check(bundle: Bundle, values: Tensor, dim: int, part: str) -> Tensor:
    if values.shape != (1, dim):
        raise ValueError(f"it gives {tuple(values.shape)} numbers, not {dim} as config.json says")
    if not torch.isfinite(values).all():
        raise BundleError(f"Model {bundle.folder.name}", f"gives no finite numbers (its {part})", _REMEDY)
    return values
