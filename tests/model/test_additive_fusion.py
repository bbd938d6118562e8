"""The additive fusion is a sum of terms, one per modality and one per pair, whatever its weights are."""

from itertools import product

import pytest
import torch

from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import AdditiveFusion, build_fusion
from analysis.model.network import MultimodalModel

DIMS = {"text": 4, "image": 6, "sound": 3}
HEADS = {"mood": Head("mood", ("low", "high"), ("Low", "High"))}
Encoded = dict[str, torch.Tensor]


def additive_model(modalities: int, rank: int) -> MultimodalModel:
    """Build a model with random weights everywhere, also where training starts at 1 or 0."""
    torch.manual_seed(modalities)
    dims = dict(list(DIMS.items())[:modalities])
    fusion = build_fusion(dims, FusionConfig(kind="additive", rank=rank))
    assert isinstance(fusion, AdditiveFusion)
    torch.nn.init.normal_(fusion.scale)
    return MultimodalModel({name: torch.nn.Identity() for name in dims}, fusion, HEADS).eval()


def random_posts(model: MultimodalModel, posts: int = 5) -> Encoded:
    return {name: torch.randn(posts, dim) for name, dim in model.fusion.dims.items()}


def predict(model: MultimodalModel, encoded: Encoded, shown: tuple[float, ...]) -> torch.Tensor:
    posts = len(encoded["text"])
    return model.predict(encoded, torch.tensor([shown]).expand(posts, -1))["mood"]


@pytest.mark.parametrize(("modalities", "rank"), [(2, 0), (2, 3), (3, 2)])
def test_the_logits_are_the_sum_of_the_terms_for_every_set_of_modalities(modalities: int, rank: int) -> None:
    model = additive_model(modalities, rank)
    fusion, weight, bias = model.fusion, model.heads["mood"].weight, model.heads["mood"].bias
    assert isinstance(fusion, AdditiveFusion)
    encoded, width = random_posts(model), sum(fusion.dims.values())
    names = list(fusion.dims)
    for number, shown in enumerate(product((0.0, 1.0), repeat=modalities)):
        shown = shown[::-1]  # the first modality is the lowest bit of the set's number
        several = [one for one in fusion.sets if sum(one) > 1]
        scale = fusion.scale[several.index(shown)] if shown in several else torch.ones(modalities)
        total = (bias + weight[:, width + len(fusion.pairs) * rank + number]).expand(5, -1)
        for column, name in enumerate(names):
            if shown[column]:
                total = total + scale[column] * encoded[name] @ weight[:, fusion.columns_of(name)].T
        for pair, (one, other) in enumerate(fusion.pairs):
            if shown[names.index(one)] and shown[names.index(other)]:
                products = fusion.factors[one](encoded[one]) * fusion.factors[other](encoded[other])
                total = total + products @ weight[:, width + pair * rank : width + (pair + 1) * rank].T
        torch.testing.assert_close(predict(model, encoded, shown), total, atol=1e-5, rtol=1e-5)


def test_a_post_with_one_modality_is_scored_by_its_term_alone_whatever_the_pairs_are() -> None:
    model = additive_model(2, 3)
    encoded = random_posts(model)
    before = predict(model, encoded, (1.0, 0.0)), predict(model, encoded, (1.0, 1.0))
    with torch.no_grad():
        model.fusion.scale.add_(1.0)
        for factor in model.fusion.factors.values():
            factor.weight.add_(1.0)
        encoded["image"] += 1.0
    assert torch.equal(predict(model, encoded, (1.0, 0.0)), before[0])
    assert not torch.allclose(predict(model, encoded, (1.0, 1.0)), before[1])


def test_without_pairs_the_modalities_do_not_interact_apart_from_the_set() -> None:
    model = additive_model(2, 0)
    one, other = random_posts(model), random_posts(model)
    mixed = {"text": one["text"], "image": other["image"]}
    swapped = {"text": other["text"], "image": one["image"]}
    total = predict(model, one, (1.0, 1.0)) + predict(model, other, (1.0, 1.0))
    torch.testing.assert_close(
        predict(model, mixed, (1.0, 1.0)) + predict(model, swapped, (1.0, 1.0)), total, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("modalities", [2, 3])
def test_the_scale_of_a_term_is_one_alone_and_zero_if_absent(modalities: int) -> None:
    model = additive_model(modalities, 2)
    fusion = model.fusion
    assert isinstance(fusion, AdditiveFusion)
    alone = torch.eye(modalities)
    assert torch.equal(fusion.term_scales(alone), alone)
    both = torch.tensor([[1.0, 1.0, *[0.0] * (modalities - 2)]])
    several = [one for one in fusion.sets if sum(one) > 1]
    expected = fusion.scale[several.index(tuple(both[0].tolist()))] * both[0]
    torch.testing.assert_close(fusion.term_scales(both)[0], expected)
