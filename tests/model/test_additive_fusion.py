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


def additive_model(modalities: int, rank: int) -> tuple[MultimodalModel, AdditiveFusion]:
    torch.manual_seed(modalities)
    dims = dict(list(DIMS.items())[:modalities])
    fusion = build_fusion(dims, FusionConfig(kind="additive", rank=rank))
    assert isinstance(fusion, AdditiveFusion)
    encoders = {name: torch.nn.Identity() for name in dims}
    return MultimodalModel(encoders, fusion, HEADS).eval(), fusion


def random_posts(fusion: AdditiveFusion, posts: int = 5) -> Encoded:
    return {name: torch.randn(posts, dim) for name, dim in fusion.dims.items()}


def predict(model: MultimodalModel, encoded: Encoded, shown: tuple[float, ...]) -> torch.Tensor:
    posts = len(encoded["text"])
    return model.predict(encoded, torch.tensor([shown]).expand(posts, -1))["mood"]


@pytest.mark.parametrize(("modalities", "rank"), [(2, 0), (2, 3), (3, 2)])
def test_the_logits_are_the_sum_of_the_terms_for_every_set_of_modalities(modalities: int, rank: int) -> None:
    model, fusion = additive_model(modalities, rank)
    weight, bias = model.heads["mood"].weight, model.heads["mood"].bias
    encoded, names = random_posts(fusion), list(fusion.dims)
    width = 2 * sum(fusion.dims.values())
    for shown in product((0.0, 1.0), repeat=modalities):
        number = width + len(fusion.pairs) * rank + fusion.sets.index(shown)
        total = (bias + weight[:, number]).expand(5, -1)
        present = [name for name, there in zip(names, shown, strict=True) if there]
        for name in present:
            alone, correction = fusion.term_columns(name)
            term = weight[:, alone] + (weight[:, correction] if len(present) > 1 else 0)
            total = total + encoded[name] @ term.T
        for pair, (one, other) in enumerate(fusion.pairs):
            if one in present and other in present:
                products = fusion.factors[one](encoded[one]) * fusion.factors[other](encoded[other])
                total = total + products @ weight[:, width + pair * rank : width + (pair + 1) * rank].T
        torch.testing.assert_close(predict(model, encoded, shown), total, atol=1e-5, rtol=1e-5)


def test_a_post_with_one_modality_is_scored_by_its_term_alone_whatever_the_other_weights_are() -> None:
    model, fusion = additive_model(2, 3)
    encoded = random_posts(fusion)
    before = predict(model, encoded, (1.0, 0.0)), predict(model, encoded, (1.0, 1.0))
    with torch.no_grad():
        for factor in fusion.factors.values():
            factor.weight.add_(1.0)
        model.heads["mood"].weight[:, fusion.term_columns("text")[1]] += 1.0
        model.heads["mood"].weight[:, fusion.term_columns("image")[0]] += 1.0
        encoded["image"] += 1.0
    assert torch.equal(predict(model, encoded, (1.0, 0.0)), before[0])
    assert not torch.allclose(predict(model, encoded, (1.0, 1.0)), before[1])


def test_without_pairs_texts_and_images_can_be_swapped_between_posts() -> None:
    model, fusion = additive_model(2, 0)
    one, other = random_posts(fusion), random_posts(fusion)
    mixed = {"text": one["text"], "image": other["image"]}
    swapped = {"text": other["text"], "image": one["image"]}
    both = (1.0, 1.0)
    total = predict(model, one, both) + predict(model, other, both)
    after = predict(model, mixed, both) + predict(model, swapped, both)
    torch.testing.assert_close(after, total, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("rank", [0, 3])
def test_pairs_are_the_only_other_parameters(rank: int) -> None:
    _, fusion = additive_model(2, rank)
    assert {tuple(each.shape) for each in fusion.parameters()} == ({(3, 4), (3, 6)} if rank else set())


def test_the_sets_are_weighed_in_between() -> None:
    _, fusion = additive_model(2, 0)
    encoded = random_posts(fusion, 1)
    half = fusion(encoded, torch.tensor([[1.0, 0.5]]))
    ends = [fusion(encoded, torch.tensor([[1.0, end]])) for end in (0.0, 1.0)]
    torch.testing.assert_close(half, (ends[0] + ends[1]) / 2)
