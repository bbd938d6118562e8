from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from analysis.errors import BundleError
from analysis.model.builders import build_encoder
from analysis.model.config import EncoderConfig
from analysis.model.encoders import TextEncoder


@pytest.fixture
def checkpoint(tmp_path: Path) -> EncoderConfig:
    """Give a tiny checkpoint in the hub's layout, as a folder."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(tmp_path / "tiny")
    return EncoderConfig("transformers", str(tmp_path / "tiny"), dim=8, architecture=config.to_dict())


def test_published_weights_are_loaded_from_a_folder(checkpoint: EncoderConfig) -> None:
    ids = torch.tensor([[1, 2, 3]])
    first, second = (build_encoder(checkpoint, pretrained=True) for _ in range(2))
    assert torch.equal(first(ids, torch.ones_like(ids)), second(ids, torch.ones_like(ids)))


def test_padding_does_not_change_an_encoding(checkpoint: EncoderConfig) -> None:
    encoder = build_encoder(checkpoint, pretrained=True)
    short = encoder(torch.tensor([[1, 2, 3]]), torch.tensor([[1, 1, 1]]))
    padded = encoder(torch.tensor([[1, 2, 3, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]]))
    torch.testing.assert_close(short, padded, atol=1e-5, rtol=0)


def test_cls_pooling_takes_the_first_token(checkpoint: EncoderConfig) -> None:
    encoder = build_encoder(replace(checkpoint, pooling="cls"), pretrained=True)
    assert isinstance(encoder, TextEncoder)
    ids = torch.tensor([[1, 2, 3]])
    states = encoder.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    assert torch.equal(encoder(ids, torch.ones_like(ids)), states[:, 0])


@pytest.mark.parametrize(
    ("kind", "name", "dim"), [("timm", "test_efficientnet", 256), ("torchvision", "resnet18", 512)]
)
def test_image_networks_lose_their_classifier(kind: str, name: str, dim: int) -> None:
    encoder = build_encoder(EncoderConfig(kind, name, dim=dim)).eval()
    assert encoder(torch.zeros(1, 3, 64, 64)).shape == (1, dim)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(
        BundleError,
        match=r"'sound' is unknown. Use one of transformers, clip-text, by-language, timm, torchvision",
    ):
        build_encoder(EncoderConfig("sound", "x", dim=1))


@pytest.mark.parametrize("kind", ["timm", "torchvision"])
def test_an_unknown_image_network_is_refused_in_words(kind: str) -> None:
    with pytest.raises(BundleError, match=r"'no_such_network' of .* cannot be built"):
        build_encoder(EncoderConfig(kind, "no_such_network", dim=1))


def test_weights_that_cannot_be_reached_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"cannot be loaded .*require network access or a local folder"):
        build_encoder(EncoderConfig("transformers", str(tmp_path / "nothing"), dim=1), pretrained=True)


@pytest.mark.slow
def test_encoders_built_by_several_threads_leave_pytorch_as_it_was(checkpoint: EncoderConfig) -> None:
    before = torch.nn.init.zeros_
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: build_encoder(checkpoint), range(24)))
    assert torch.nn.init.zeros_ is before
