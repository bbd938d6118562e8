"""Loads a bundle's tokenizer as data: tokenizer.json, and the names of its special tokens.

`AutoTokenizer` would let the files choose the class and code to run (`auto_map`), and look for further files on the
hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import BundleError
from analysis.model.bundle_files import COPY_AGAIN, has_file, read_json, readable
from analysis.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
SPECIAL = ("unk_token", "pad_token", "cls_token", "sep_token", "mask_token", "bos_token", "eos_token")
_MOST_GROWTH = 16
"""Most that replacements before the model may lengthen a text; published ones insert one character."""
_MOST_TEMPLATE = 64
"""Tokens that a template adds to a text, or times that it repeats the text; published ones add two."""
_LONGEST = 10**9  # for `model_max_length`; texts are cut at the encoder's `max_tokens`


def load_tokenizer(folder: Path, settings: Settings) -> PreTrainedTokenizerBase:
    """Load a bundle's tokenizer.

    Args:
        folder: The bundle's.
        settings: Limits of the files.

    Raises:
        BundleError: A file is missing or malformed, or the tokenizer has no token for padding.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    thing = f"{folder.name}/{TOKENIZER}"
    content = read_json(folder, TOKENIZER, settings.max_tokenizer_bytes)
    content |= {"truncation": None, "padding": None}  # set by each call
    names = _special_tokens(folder, settings)
    with readable(thing):
        _check_sizes(content, settings)
        backend = Tokenizer.from_str(json.dumps(content))
        unknown = sorted(token for token in names.values() if backend.token_to_id(token) is None)
    if unknown:
        fact = f"has no token {unknown[0][:40]!r}, which {TOKENIZER_CONFIG} names"
        raise BundleError(thing, fact, COPY_AGAIN)
    if "pad_token" not in names:
        raise BundleError(f"{folder.name}/{TOKENIZER_CONFIG}", "names no pad_token", COPY_AGAIN)
    with readable(thing):
        return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=_LONGEST, **names)


def check_tokens(tokenizer: PreTrainedTokenizerBase, known: int, thing: str) -> None:
    """Check that a text encoder has an embedding for every token.

    Args:
        tokenizer: The bundle's.
        known: Rows of the embedding table.
        thing: Name of the file for an error.

    Raises:
        BundleError: Some tokens have no embedding.
    """
    with readable(thing):
        largest = max(tokenizer.get_vocab().values())
    if largest >= known:
        raise BundleError(
            thing,
            f"gives tokens up to {largest:,}, but the text encoder knows {known:,}",
            "Use a bundle whose files were written together.",
        )


def _check_sizes(content: dict[str, Any], settings: Settings) -> None:
    """Reject numbers and replacements that take gigabytes: the library allocates a list up to the largest number.

    Raises:
        ValueError: There are such numbers or replacements.
    """
    vocabulary = content["model"]["vocab"]
    numbers = [*vocabulary.values()] if isinstance(vocabulary, dict) else [len(vocabulary)]
    numbers += [token["id"] for token in content.get("added_tokens") or ()]
    if max(numbers, default=0) > settings.max_vocabulary:
        raise ValueError(
            f"it has a token numbered {max(numbers):,}; the limit is {settings.max_vocabulary:,}"
        )
    steps = (content.get("normalizer"), content.get("pre_tokenizer"))
    growth = prod(max(1, len(text)) for step in steps for text in _replacements(step))
    if growth > _MOST_GROWTH:
        raise ValueError(f"it makes texts up to {growth:,} times as long")
    added = sum(_template_sizes(content.get("post_processor")))
    if added > _MOST_TEMPLATE:
        raise ValueError(f"it puts {added:,} tokens around a text; the limit is {_MOST_TEMPLATE:,}")


def _replacements(step: Any) -> Iterator[str]:
    """Yield the texts that normalizers and pre-tokenizers insert for each match."""
    if isinstance(step, dict):
        if step.get("type") in ("Replace", "Prepend"):
            yield step.get("content") or step.get("prepend") or ""
        if step.get("type") == "ByteLevel":
            yield "  "  # a character for each byte of what is not ASCII
        for part in (*(step.get("normalizers") or ()), *(step.get("pretokenizers") or ())):
            yield from _replacements(part)


def _template_sizes(processor: Any) -> Iterator[int]:
    """Give the largest number of tokens that each template can put around a text."""
    if isinstance(processor, dict):
        ids = [len(token["ids"]) for token in (processor.get("special_tokens") or {}).values()]
        yield len(processor.get("single") or ()) * max(ids, default=0)
        for part in processor.get("processors") or ():
            yield from _template_sizes(part)


def _special_tokens(folder: Path, settings: Settings) -> dict[str, str]:
    if not has_file(folder, TOKENIZER_CONFIG):
        return {}
    values = read_json(folder, TOKENIZER_CONFIG, settings.max_model_json_bytes)
    if "auto_map" in values:
        raise BundleError(
            f"{folder.name}/{TOKENIZER_CONFIG}",
            "names program code to run (auto_map); a bundle is data only",
            "Remove auto_map if tokenizer.json holds the whole tokenizer, or use another bundle.",
        )
    return {name: _token(folder, name, values[name]) for name in SPECIAL if values.get(name) is not None}


def _token(folder: Path, name: str, value: Any) -> str:
    token = value.get("content") if isinstance(value, dict) else value
    if not isinstance(token, str) or not token:
        raise BundleError(f"{folder.name}/{TOKENIZER_CONFIG}", f"has a {name} that is no text", COPY_AGAIN)
    return token
