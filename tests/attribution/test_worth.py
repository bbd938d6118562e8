"""The worth of a modality: 0 if it changes nothing, 1 if it alone determines the sentiment."""

from __future__ import annotations

import pytest
import torch

from analysis.attribution.worth import measure_modality_worth
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle


def encoded(bundle: Bundle, posts: int = 12) -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    return {modality: 30 * torch.randn(posts, dim) for modality, dim in dims.items()}


def test_identical_images_have_no_effect(tiny_bundle: Bundle) -> None:
    posts = encoded(tiny_bundle)
    posts["image"] = torch.zeros(12, posts["image"].shape[1])
    found = measure_modality_worth(tiny_bundle, posts)
    assert (found.posts, found.image) == (12, 0.0)
    assert found.text > 0


def test_a_model_that_only_adds_up_has_no_interaction_to_lose(additive_bundle: Bundle) -> None:
    assert measure_modality_worth(additive_bundle, encoded(additive_bundle)).interaction == 0.0


def test_exchanges_are_counted_over_all_other_posts(tiny_bundle: Bundle) -> None:
    posts = encoded(tiny_bundle, 5)
    named = [
        [
            int(tiny_bundle.model.predict(
                {"text": posts["text"][[one]], "image": posts["image"][[two]]}, torch.ones(1, 2)
            )["sentiment"].argmax())
            for two in range(5)
        ]
        for one in range(5)
    ]  # fmt: skip
    changed = sum(named[one][two] != named[one][one] for one in range(5) for two in range(5))
    assert measure_modality_worth(tiny_bundle, posts).image == pytest.approx(changed / 20)


def test_a_single_post_has_no_other_to_exchange_with(tiny_bundle: Bundle) -> None:
    with pytest.raises(AttributionError, match="fewer than two"):
        measure_modality_worth(tiny_bundle, encoded(tiny_bundle, 1))
