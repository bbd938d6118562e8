import torch
from torch import nn

from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import ConcatFusion
from analysis.model.network import MultimodalModel, pool_image_encodings

HEADS = {"mood": Head("mood", ("low", "high"), ("Low", "High"))}


def two_modalities(config: FusionConfig) -> MultimodalModel:
    torch.manual_seed(0)
    encoders = {"text": nn.Linear(3, 4), "image": nn.Linear(5, 6)}
    model = MultimodalModel(encoders, ConcatFusion({"text": 4, "image": 6}, config), HEADS)
    nn.init.normal_(model.fusion.absent["image"])
    return model.eval()


def test_an_absent_modality_is_not_read() -> None:
    model = two_modalities(FusionConfig(8, 8))
    text, only_text = torch.randn(2, 4), torch.tensor([[1.0, 0.0]] * 2)
    one = model.predict({"text": text, "image": torch.randn(2, 6)}, only_text)["mood"]
    other = model.predict({"text": text, "image": torch.randn(2, 6)}, only_text)["mood"]
    assert torch.equal(one, other)


def test_an_absent_modality_has_a_learned_vector() -> None:
    model = two_modalities(FusionConfig(8, 8))
    encoded = {"text": torch.randn(1, 4), "image": torch.zeros(1, 6)}
    present = torch.tensor([[1.0, 0.0]])
    before = model.predict(encoded, present)["mood"]
    before.sum().backward()
    assert model.fusion.absent["image"].grad is not None
    with torch.no_grad():
        model.fusion.absent["image"].add_(1.0)
    assert not torch.allclose(before, model.predict(encoded, present)["mood"])


def test_plain_concatenation_with_linear_heads_is_additive() -> None:
    model = two_modalities(FusionConfig())
    encoded = {"text": torch.randn(3, 4), "image": torch.randn(3, 6)}
    f11, f10, f01, f00 = (
        model.predict(encoded, torch.tensor([view] * 3))["mood"]
        for view in ([1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0])
    )
    torch.testing.assert_close(f11 - f10 - f01 + f00, torch.zeros(3, 2), atol=1e-5, rtol=0)


def test_a_third_modality_needs_only_an_encoder() -> None:
    encoders = {"text": nn.Identity(), "image": nn.Identity(), "sound": nn.Identity()}
    dims = {"text": 2, "image": 3, "sound": 4}
    model = MultimodalModel(encoders, ConcatFusion(dims, FusionConfig(4, 4)), HEADS)
    inputs = {name: torch.randn(5, dim) for name, dim in dims.items()}
    assert model.modalities == ("text", "image", "sound")
    assert model.predict(inputs, torch.ones(5, 3))["mood"].shape == (5, 2)


def test_images_of_a_post_are_averaged_and_no_images_give_zeros() -> None:
    encoded = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    pooled = pool_image_encodings(encoded, torch.tensor([0, 0, 2]), posts=3)
    assert pooled.tolist() == [[2.0, 3.0], [0.0, 0.0], [5.0, 6.0]]
