"""The ledger that is rebuilt from stored scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis import query
from analysis.attribution import Output, encode_post, explain_post
from analysis.attribution.decision import describe_decision
from analysis.attribution.stored import read_stored_ledger
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.scoring.stored_images import read_stored_image
from analysis.workspace import Batch
from tests.scored import new_batch, some_posts

TITLES = {"text": "Text", "image": "Image"}


@pytest.fixture
def scored(tmp_path: Path, additive_bundle: Bundle) -> Batch:
    batch = new_batch(tmp_path, some_posts())
    score_batch(batch, additive_bundle)
    return batch


def test_it_equals_the_explanation_by_the_model(scored: Batch, additive_bundle: Bundle) -> None:
    posts = query.read_page(scored).to_dict("records")
    compared = 0
    for row in posts:
        post: dict[str, Any] = {str(name): value for name, value in row.items()}
        images = [(name, read_stored_image(scored.media_path(name), name)) for name in post["images"]]
        encoded = encode_post(additive_bundle, post["text"], images)
        expected = explain_post(additive_bundle, encoded, Output("sentiment", post["sentiment"]))
        found = read_stored_ledger(post, TITLES, base_is_average=True)
        assert found.present == expected.present
        assert found.phi == pytest.approx(expected.phi, abs=1e-4)
        for one, other in zip(found.images, expected.images, strict=True):
            assert other.cells is not None
            assert one.cells == pytest.approx(other.cells, abs=1e-3)
        compared += len(found.images) + len(found.words)
        assert describe_decision(found, "x").split("(")[0] == describe_decision(expected, "x").split("(")[0]
    assert compared


def test_words_and_regions_may_be_missing() -> None:
    post = {
        "sentiment": "negative",
        "inputs_used": "text",
        "phi_text": 0.5,
        "phi_image": float("nan"),
        "images": (),
        "top_words": None,
    }
    ledger = read_stored_ledger(post, TITLES)
    assert ledger.present == {"text": True, "image": False}
    assert (ledger.words, ledger.images) == ((), ())
    assert describe_decision(ledger, "negative") == "Negative, because of the text."
