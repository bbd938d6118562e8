from dataclasses import replace

import torch
from torch.nn import functional

from analysis.model.config import SpaceConfig
from analysis.model.space import SharedSpace, compute_text_image_match
from analysis.training.compact.contrastive import (
    PROJECTIONS,
    SpaceTraining,
    compute_unrelated_quantiles,
    contrastive_loss,
    fit_space,
    measure_retrieval,
)


def unit(*shape: int) -> torch.Tensor:
    return functional.normalize(torch.randn(*shape), dim=1)


def test_pairs_that_belong_together_cost_less_than_shuffled_ones() -> None:
    torch.manual_seed(0)
    text = unit(16, 8)
    scale = torch.tensor(3.0)
    assert contrastive_loss(text, text, scale) < contrastive_loss(text, text.roll(1, 0), scale)


def test_the_space_learns_which_image_a_caption_belongs_to() -> None:
    torch.manual_seed(0)
    image = torch.randn(60, 12)
    owner = torch.arange(120) % 60
    text = image[owner] @ torch.randn(12, 8) + 0.1 * torch.randn(120, 8)
    space = SharedSpace({"text": 8, "image": 12}, SpaceConfig(dim=8, hidden={"image": 16}))

    def nearest() -> float:
        with torch.inference_mode():
            return measure_retrieval(space("text", text), space("image", image), owner)["r10"]

    before = nearest()
    training = SpaceTraining(
        keep_weight=0.0, projections=replace(PROJECTIONS, epochs=25, batch=120, learning_rate=0.02)
    )
    meaning = (text, functional.normalize(text, dim=1))
    fit_space(space, text, image, owner, {"text": text, "image": image[owner]}, meaning, training)
    assert before < 0.5 < 0.8 < nearest()


def test_texts_keep_their_meaning_while_the_space_is_learned() -> None:
    torch.manual_seed(0)
    image, text, meaning = torch.randn(40, 12), torch.randn(40, 8), unit(40, 8)
    space = SharedSpace({"text": 8, "image": 12}, SpaceConfig(dim=8))
    training = SpaceTraining(
        pairs_weight=0.0,
        keep_weight=20.0,
        projections=replace(PROJECTIONS, epochs=40, batch=40, learning_rate=0.02),
    )
    pairs = {"text": text, "image": image}
    before = (space("text", text) * meaning).sum(1).mean()
    fit_space(space, text, image, torch.arange(40), pairs, (text, meaning), training)
    assert (space("text", text) * meaning).sum(1).mean() > before + 0.2


def test_retrieval_counts_texts_whose_image_is_near_enough() -> None:
    image = functional.normalize(torch.eye(12) + 0.01 * torch.randn(12, 12), dim=1)
    assert measure_retrieval(image, image, torch.arange(12)) == {"r1": 1.0, "r5": 1.0, "r10": 1.0}
    turned = measure_retrieval(image, image, torch.arange(12).roll(1))
    assert turned["r1"] == 0.0


def test_a_match_is_the_share_of_unrelated_pairs_that_fit_less() -> None:
    torch.manual_seed(0)
    text, image = unit(50, 8), unit(50, 8)
    config = SpaceConfig(dim=8, unrelated=compute_unrelated_quantiles(text, image))
    assert list(config.unrelated) == sorted(config.unrelated)
    assert compute_text_image_match(config, 1.0) == 1.0
    assert compute_text_image_match(config, -1.0) == 0.0
    assert 0.3 < compute_text_image_match(config, 0.0) < 0.7
