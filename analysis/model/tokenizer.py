"""Loads a bundle's tokenizer as data only: tokenizer.json and the names of its special tokens.

`AutoTokenizer` would let the files select the class and code to run (`auto_map`), and search for more files on the
hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import BundleError
from analysis.model.bundle_files import COPY_AGAIN, has_bundle_file, read_bundle_json, wrap_bundle_errors
from analysis.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
SPECIAL_TOKENS = ("unk_token", "pad_token", "cls_token", "sep_token", "mask_token", "bos_token", "eos_token")
_MAX_GROWTH = 16
"""Limit on how many times longer replacements may make a text; published tokenizers insert one character."""
_MAX_TEMPLATE_TOKENS = 64
"""Limit on the tokens that a template adds, or the times that it repeats the text; published tokenizers add two."""
_NO_LIMIT = 10**9  # for `model_max_length`; texts are truncated to the encoder's `max_tokens`


def name_tokenizer_file(branch: str, name: str = TOKENIZER) -> str:
    """Return the name of a tokenizer's file in a bundle; "" for a text encoder without branches."""
    return f"{branch}/{name}" if branch else name


def load_tokenizer(folder: Path, settings: Settings, branch: str = "") -> PreTrainedTokenizerBase:
    """Load a bundle's tokenizer.

    Args:
        folder: The bundle's folder.
        settings: Size limits.
        branch: The branch of the text encoder; "" for an encoder without branches.

    Raises:
        BundleError: A file is missing or malformed, or the tokenizer has no padding token.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    file, config_file = (name_tokenizer_file(branch, name) for name in (TOKENIZER, TOKENIZER_CONFIG))
    thing = f"{folder.name}/{file}"
    content = read_bundle_json(folder, file, settings.max_tokenizer_bytes)
    content |= {"truncation": None, "padding": None}  # set by each call
    names = _read_special_tokens(folder, config_file, settings)
    with wrap_bundle_errors(thing):
        _check_sizes(content, settings)
        backend = Tokenizer.from_str(json.dumps(content))
        unknown = sorted(token for token in names.values() if backend.token_to_id(token) is None)
    if unknown:
        fact = f"has no token {unknown[0][:40]!r}, which {config_file} names"
        raise BundleError(thing, fact, COPY_AGAIN)
    if "pad_token" not in names:
        raise BundleError(f"{folder.name}/{config_file}", "does not name a pad_token", COPY_AGAIN)
    with wrap_bundle_errors(thing):
        return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=_NO_LIMIT, **names)


def check_tokens(tokenizer: PreTrainedTokenizerBase, embeddings: int, thing: str) -> None:
    """Check that a text encoder has an embedding for every token.

    Args:
        tokenizer: The bundle's tokenizer.
        embeddings: Number of rows in the embedding table.
        thing: File name for the error message.

    Raises:
        BundleError: Some tokens have no embedding.
    """
    with wrap_bundle_errors(thing):
        largest = max(tokenizer.get_vocab().values())
    if largest >= embeddings:
        raise BundleError(
            thing,
            f"has token numbers up to {largest:,}, but the text encoder has {embeddings:,} embeddings",
            "Use a bundle whose files were written together.",
        )


def _check_sizes(content: dict[str, Any], settings: Settings) -> None:
    """Reject token numbers, replacements and templates that would take gigabytes of memory.

    The library allocates a list up to the largest token number.

    Raises:
        ValueError: A limit is exceeded.
    """
    vocabulary = content["model"]["vocab"]
    numbers = [*vocabulary.values()] if isinstance(vocabulary, dict) else [len(vocabulary)]
    numbers += [token["id"] for token in content.get("added_tokens") or ()]
    if max(numbers, default=0) > settings.max_vocabulary:
        raise ValueError(
            f"it has a token numbered {max(numbers):,}; the limit is {settings.max_vocabulary:,}"
        )
    steps = (content.get("normalizer"), content.get("pre_tokenizer"))
    growth = prod(max(1, len(text)) for step in steps for text in _find_replacements(step))
    if growth > _MAX_GROWTH:
        raise ValueError(f"it makes texts up to {growth:,} times longer; the limit is {_MAX_GROWTH}")
    added = sum(_count_template_tokens(content.get("post_processor")))
    if added > _MAX_TEMPLATE_TOKENS:
        raise ValueError(f"it adds {added:,} tokens to a text; the limit is {_MAX_TEMPLATE_TOKENS:,}")


def _find_replacements(step: Any) -> Iterator[str]:
    """Yield the texts that normalizers and pre-tokenizers insert for each match."""
    if isinstance(step, dict):
        if step.get("type") in ("Replace", "Prepend"):
            yield step.get("content") or step.get("prepend") or ""
        if step.get("type") == "ByteLevel":
            yield "  "  # non-ASCII characters become one character per byte
        for part in (*(step.get("normalizers") or ()), *(step.get("pretokenizers") or ())):
            yield from _find_replacements(part)


def _count_template_tokens(processor: Any) -> Iterator[int]:
    """Yield the maximum number of tokens that each template can add to a text."""
    if isinstance(processor, dict):
        ids = [len(token["ids"]) for token in (processor.get("special_tokens") or {}).values()]
        yield len(processor.get("single") or ()) * max(ids, default=0)
        for part in processor.get("processors") or ():
            yield from _count_template_tokens(part)


def _read_special_tokens(folder: Path, file: str, settings: Settings) -> dict[str, str]:
    if not has_bundle_file(folder, file):
        return {}
    values = read_bundle_json(folder, file, settings.max_model_json_bytes)
    if "auto_map" in values:
        raise BundleError(
            f"{folder.name}/{file}",
            "names program code to run (auto_map); bundles must not contain code",
            "Remove auto_map if tokenizer.json contains the complete tokenizer, or use another bundle.",
        )
    return {
        name: _parse_token(f"{folder.name}/{file}", name, values[name])
        for name in SPECIAL_TOKENS
        if values.get(name) is not None
    }


def _parse_token(thing: str, name: str, value: Any) -> str:
    token = value.get("content") if isinstance(value, dict) else value
    if not isinstance(token, str) or not token:
        raise BundleError(thing, f"has a {name} that is not text", COPY_AGAIN)
    return token
