"""The shipped bundle explains sample posts: its ledgers add up, and missing modalities have no value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from analysis.attribution import Output, encode_post, explain_post, verify_explanation
from analysis.attribution.modality import Coalitions, compute_shapley_values
from analysis.model.bundle import Bundle, load_model

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "sample_posts"


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_model()


@pytest.fixture(scope="module")
def posts() -> list[tuple[str, list[tuple[str, Image.Image]]]]:
    """Four sample posts, each with a text and one image."""
    table = pd.read_csv(SAMPLES / "posts.csv").dropna(subset=["text"])
    column = next(name for name in table.columns if table[name].astype(str).str.contains("images/").any())
    single = table[table[column].astype(str).str.fullmatch(r"images/[^;,|]+")].iloc[:4]
    found = []
    for text, name in zip(single["text"], single[column], strict=True):
        with Image.open(SAMPLES / name) as opened:
            found.append((text, [(name, opened.convert("RGB"))]))
    return found


@pytest.mark.parametrize(
    "output",
    [
        Output("sentiment", "negative"),
        Output("sentiment", "valence"),
        Output("topic", "daily_life"),
        Output("irony", "irony"),
    ],
)
def test_explanations_of_sample_posts_add_up(shipped: Bundle, posts: list, output: Output) -> None:
    text, images = posts[0]
    encoded = encode_post(shipped, text, images)
    ledger = explain_post(shipped, encoded, output)
    assert ledger.has_shares
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    words = sum(word.value for word in ledger.words)
    assert words + ledger.text_remainder == pytest.approx(ledger.phi["text"], abs=1e-6)
    regions = sum(image.value for image in ledger.images)
    assert regions + ledger.image_remainder == pytest.approx(ledger.phi["image"], abs=1e-6)
    check = verify_explanation(shipped, encoded, ledger).ledger.word_check
    assert check is not None
    assert check.verdict in ("ok", "rough")


def test_a_missing_modality_has_a_value_of_exactly_zero(shipped: Bundle, posts: list) -> None:
    text, images = posts[1]
    without_image = explain_post(shipped, encode_post(shipped, text, []), Output("sentiment", "positive"))
    assert (without_image.phi["image"], without_image.interaction) == (0.0, 0.0)
    without_text = explain_post(shipped, encode_post(shipped, "", images), Output("sentiment", "positive"))
    assert (without_text.phi["text"], without_text.interaction) == (0.0, 0.0)


def test_values_of_a_batch_are_those_of_its_posts(shipped: Bundle, posts: list) -> None:
    parts = [encode_post(shipped, text, images) for text, images in posts]
    encoded = {name: torch.cat([part.encodings[name] for part in parts]) for name in ("text", "image")}
    weights = torch.eye(3)[torch.arange(len(parts)) % 3]
    together = compute_shapley_values(
        Coalitions(shipped, encoded, torch.ones(len(parts), 2)), "sentiment", weights
    )
    for number, (text, images) in enumerate(posts):
        name = shipped.heads["sentiment"].classes[number % 3]
        alone = explain_post(shipped, encode_post(shipped, text, images), Output("sentiment", name))
        np.testing.assert_allclose(together.phi[number], list(alone.phi.values()), atol=1e-5)
