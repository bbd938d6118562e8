"""How a head is fitted on fused vectors: the optimum, the start, and the views it learns from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.encoding import encode_texts
from analysis.training.own_labels.linear import fit_linear, init_head, make_views
from tests.training.own_labels.made_labels import POSTS, sentiments

ONLY_TEXTS = torch.tensor([[1.0, 0.0]] * 60)


def test_a_post_with_both_gives_examples_of_both_and_each_alone(tiny_bundle: Bundle) -> None:
    generator = torch.Generator().manual_seed(0)
    encoded = {
        "text": torch.randn(3, 16, generator=generator),
        "image": torch.randn(3, 256, generator=generator),
    }
    present = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    head = Head("own", ("a", "b"), ("A", "B"), exclusive=False)
    views = make_views(tiny_bundle, head, encoded, present, torch.tensor([[1.0, 0.0]] * 3))
    assert views.post.tolist() == [0, 1, 2, 0, 0]
    assert views.complete.tolist() == [True] * 3 + [False] * 2
    assert torch.bincount(views.post, views.weight).tolist() == pytest.approx([1.0] * 3)
    with torch.no_grad():
        image = tiny_bundle.model.fusion(encoded, torch.tensor([[0.0, 1.0]] * 3))
    torch.testing.assert_close(views.fused[4].float(), image[0])
    text = make_views(
        tiny_bundle, replace(head, reads=("text",)), encoded, present, torch.tensor([[1.0, 0.0]] * 3)
    )
    assert len(text.post) == 3


def test_a_layer_from_zero_is_the_optimum_that_scikit_learn_finds(tiny_bundle: Bundle) -> None:
    head = Head("own", ("a", "b", "c"), ("A", "B", "C"))
    generator = torch.Generator().manual_seed(1)
    truth = torch.randint(3, (60,), generator=generator)
    encoded = {
        "text": torch.randn(60, 16, generator=generator) + truth.unsqueeze(1),
        "image": torch.zeros(60, 256),
    }
    encoded["text"][:, ::2] *= -1
    target = torch.nn.functional.one_hot(truth, 3).float()
    views = make_views(tiny_bundle, head, encoded, ONLY_TEXTS, target)
    layer = fit_linear(views, head, init_head(head, tiny_bundle, ONLY_TEXTS), penalty=0.5)
    centre = views.fused.mean(0)
    scaled = (views.fused - centre) / (views.fused - centre).square().sum(1).mean().sqrt()
    inputs = torch.cat([scaled, torch.ones(60, 1)], dim=1).numpy()
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10, max_iter=5000)
    theirs.fit(inputs, truth.numpy(), sample_weight=views.weight.numpy())
    with torch.no_grad():
        ours = layer(views.fused.float()).softmax(1).numpy()
    np.testing.assert_allclose(ours, theirs.predict_proba(inputs), atol=1e-4)


def test_a_large_penalty_keeps_the_layer_of_the_base(tiny_bundle: Bundle) -> None:
    head = replace(tiny_bundle.heads["sentiment"], temperature=1.0)
    encoded = {
        "text": encode_texts(tiny_bundle, [str(row["text"]) for row in sentiments()]),
        "image": torch.zeros(POSTS, 256),
    }
    present = ONLY_TEXTS[:POSTS]
    target = torch.nn.functional.one_hot(torch.arange(POSTS) % 3, 3).float()
    views = make_views(tiny_bundle, head, encoded, present, target)
    layer = fit_linear(views, head, init_head(head, tiny_bundle, present), penalty=1e12)
    with torch.no_grad():
        was = (
            tiny_bundle.model.predict(encoded, present)["sentiment"] / tiny_bundle.heads["sentiment"].alone[0]
        )
        torch.testing.assert_close(layer(views.fused.float()), was, atol=1e-4, rtol=1e-4)
