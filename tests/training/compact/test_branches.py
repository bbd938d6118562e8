"""A branch's logits can be scaled for texts alone; all other posts keep their logits."""

import pytest
import torch

from analysis.model.bundle import Bundle, build_model
from analysis.model.config import OTHER, FusionConfig
from analysis.training.compact.branches import get_text_branch, scale_branch
from tests.model.test_text_branches import branched_config


def test_only_texts_of_the_branch_alone_are_scaled() -> None:
    torch.manual_seed(0)
    config = branched_config(FusionConfig(kind="additive", rank=0))
    model = build_model(config).eval()
    for parameter in model.heads.parameters():
        torch.nn.init.normal_(parameter)
    torch.nn.init.normal_(model.fusion.mean("text"))
    branches = model.encoders["text"].branches
    text = torch.cat([branch.place(torch.randn(2, len(branch.mean))) for branch in branches.values()])
    encoded = {"text": text, "image": torch.randn(4, model.fusion.dims["image"])}
    masks = {"alone": torch.tensor([[1, 0]] * 4), "both": torch.tensor([[1, 1]] * 4)}
    with torch.inference_mode():
        before = {name: model.predict(encoded, mask) for name, mask in masks.items()}
    scale_branch(model, "sentiment", branches[OTHER], 0.4)
    with torch.inference_mode():
        after = {name: model.predict(encoded, mask) for name, mask in masks.items()}
    factor = torch.tensor([1, 1, 0.4, 0.4]).unsqueeze(1)
    close = {"atol": 1e-4, "rtol": 1e-4}
    torch.testing.assert_close(after["alone"]["sentiment"], factor * before["alone"]["sentiment"], **close)
    torch.testing.assert_close(after["both"]["sentiment"], before["both"]["sentiment"], **close)
    assert torch.equal(after["alone"]["topic"], before["alone"]["topic"])


def test_an_encoder_without_branches_has_none(additive_bundle: Bundle) -> None:
    with pytest.raises(ValueError, match="is not a branch"):
        get_text_branch(additive_bundle, "")
