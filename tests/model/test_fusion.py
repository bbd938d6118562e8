import pytest
import torch

from analysis.errors import BundleError
from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import FUSIONS, build_fusion
from analysis.model.network import MultimodalModel

DIMS = {"text": 4, "image": 6}
HEADS = {
    "mood": Head("mood", ("low", "high"), ("Low", "High")),
    "tone": Head("tone", ("calm", "loud"), ("Calm", "Loud"), reads=("text",)),
}


def model(kind: str) -> MultimodalModel:
    torch.manual_seed(0)
    fusion = build_fusion(DIMS, FusionConfig(8, 8, kind=kind, rank=2))
    return MultimodalModel({name: torch.nn.Identity() for name in DIMS}, fusion, HEADS).eval()


@pytest.mark.parametrize("kind", list(FUSIONS))
def test_every_kind_reads_only_present_modalities(kind: str) -> None:
    made = model(kind)
    text, only_text, both = torch.randn(3, 4), torch.tensor([[1.0, 0.0]] * 3), torch.ones(3, 2)
    images = [torch.randn(3, 6) for _ in range(2)]
    without = [made.predict({"text": text, "image": image}, only_text)["mood"] for image in images]
    assert torch.equal(*without)
    whole = [made.predict({"text": text, "image": image}, both)["mood"] for image in images]
    assert not torch.allclose(*whole)
    other = made.predict({"text": torch.randn(3, 4), "image": images[0]}, both)["mood"]
    assert not torch.allclose(other, whole[0])


@pytest.mark.parametrize("kind", list(FUSIONS))
def test_an_image_does_not_affect_a_head_that_reads_the_text(kind: str) -> None:
    made, text = model(kind), torch.randn(3, 4)
    with_image = made.predict({"text": text, "image": torch.randn(3, 6)}, torch.ones(3, 2))["tone"]
    without = made.predict({"text": text, "image": torch.zeros(3, 6)}, torch.tensor([[1.0, 0.0]] * 3))["tone"]
    assert torch.equal(with_image, without)


@pytest.mark.parametrize("kind", ["gated", "bilinear"])
def test_kinds_that_need_a_width_say_so(kind: str) -> None:
    with pytest.raises(BundleError, match=r"Set `fusion.width`"):
        build_fusion(DIMS, FusionConfig(kind=kind))


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(
        BundleError, match=r"'tensor' is unknown. Use one of additive, concat, gated, bilinear"
    ):
        build_fusion(DIMS, FusionConfig(8, kind="tensor"))
