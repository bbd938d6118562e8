from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn
from torchvision import models

from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_images
from analysis.training.compact.images import UpperLayers, compute_feature_maps, encode_maps, get_upper_layers


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    made = []
    for number, colour in enumerate(("red", "green", "blue")):
        made.append(str(tmp_path / f"{number}.png"))
        Image.new("RGB", (60 + number, 50), colour).save(made[-1])
    return made


def test_feature_maps_and_the_upper_part_equal_the_full_encoder(
    tiny_bundle: Bundle, paths: list[str]
) -> None:
    found = encode_images(tiny_bundle, paths, Image.open)
    whole = {path: item.vector for path, item in found.items()}
    parted = encode_maps(tiny_bundle, compute_feature_maps(tiny_bundle, [*paths, paths[0]]))
    assert list(parted) == paths
    all_whole, all_parted = (torch.stack([found[path] for path in paths]) for found in (whole, parted))
    apart = torch.cdist(all_whole, all_whole)[0, 1]
    assert apart > 0
    assert (all_parted - all_whole).norm(dim=1).max() < 0.02 * apart  # maps are kept as float16


def test_the_upper_part_of_a_torchvision_network_follows_a_nested_layer() -> None:
    torch.manual_seed(0)
    network = models.resnet18(weights=None).eval()
    seen: list[torch.Tensor] = []
    network.get_submodule("layer3.0").register_forward_hook(lambda *given: seen.append(given[2]))
    with torch.inference_mode():
        whole = network(torch.randn(2, 3, 64, 64))
        upper = UpperLayers(network, "layer3.0")(seen[0])
    torch.testing.assert_close(upper, whole)


def test_training_the_upper_part_trains_the_encoder_above_the_layer_and_nothing_else(
    tiny_bundle: Bundle, paths: list[str]
) -> None:
    encoder = tiny_bundle.model.encoders["image"]
    before = {name: values.clone() for name, values in encoder.state_dict().items()}
    maps = compute_feature_maps(tiny_bundle, paths)
    upper = get_upper_layers(tiny_bundle).requires_grad_(True).train()
    optimizer = torch.optim.SGD([each for each in upper.parameters() if each.requires_grad], lr=0.1)
    upper(torch.stack([maps[path] for path in paths]).float()).square().sum().backward()
    optimizer.step()
    moved = {name for name, values in encoder.state_dict().items() if not torch.equal(values, before[name])}
    upper.requires_grad_(False)
    encoder.load_state_dict(before)
    assert moved
    assert not [name for name in moved if "running" in name]
    lower = ("conv_stem", "bn1", "blocks.0", "blocks.1")
    assert not [name for name in moved if name.startswith(tuple(f"network.{part}" for part in lower))]


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="second"):
        UpperLayers(nn.Sequential(nn.Linear(2, 2)), "second")
