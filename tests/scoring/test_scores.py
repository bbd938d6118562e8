from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from analysis.model.bundle import Bundle
from analysis.scoring.scores import UNCLEAR, score_table
from analysis.settings import Settings

PRESENT = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]] * 5)
IDS = [f"post {number}" for number in range(len(PRESENT))]


@pytest.fixture(scope="module")
def encoded(tiny_bundle: Bundle) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    dims = {modality: part.dim for modality, part in tiny_bundle.config.encoders.items()}
    return {modality: 2 * torch.randn(len(PRESENT), dim) for modality, dim in dims.items()}


@pytest.fixture(scope="module")
def table(tiny_bundle: Bundle, encoded: dict[str, torch.Tensor]) -> pd.DataFrame:
    return score_table(tiny_bundle, IDS, encoded, PRESENT, Settings())


def test_every_post_has_one_row_in_its_order(table: pd.DataFrame) -> None:
    assert table["post_id"].tolist() == IDS
    assert table["inputs_used"].tolist() == ["both", "text", "image"] * 5


def test_probabilities_add_up_and_the_rest_follows_from_them(table: pd.DataFrame) -> None:
    sentiment = table[["p_negative", "p_neutral", "p_positive"]]
    np.testing.assert_allclose(sentiment.sum(axis=1), 1, atol=1e-6)
    assert ("p_" + table["sentiment"] == sentiment.idxmax(axis=1)).all()
    np.testing.assert_allclose(table["valence"], table["p_positive"] - table["p_negative"])
    np.testing.assert_allclose(table["confidence"], sentiment.max(axis=1))
    assert (table["uncertain"] == (table["confidence"] < 0.5)).all()


def test_a_modality_that_a_post_lacks_says_nothing(table: pd.DataFrame) -> None:
    text_only, image_only = table[table["inputs_used"] == "text"], table[table["inputs_used"] == "image"]
    assert text_only[["image_sentiment", "image_valence", "agreement"]].isna().all(axis=None)
    assert image_only[["text_sentiment", "text_valence", "agreement"]].isna().all(axis=None)
    np.testing.assert_allclose(text_only["text_valence"], text_only["valence"])
    assert (text_only["text_sentiment"] == text_only["sentiment"]).all()
    assert (text_only["phi_image"] == 0).all()
    assert (image_only["interaction"] == 0).all()


def test_agreement_is_one_where_both_say_the_same_and_nought_where_they_are_opposite(
    table: pd.DataFrame,
) -> None:
    both = table[table["inputs_used"] == "both"]
    expected = 1 - (both["text_valence"] - both["image_valence"]).abs() / 2
    np.testing.assert_allclose(both["agreement"], expected)
    assert both["agreement"].between(0, 1).all()


def test_shares_add_up_to_one_or_are_not_named(table: pd.DataFrame) -> None:
    named = table.dropna(subset=["share_text"])
    assert len(named)
    np.testing.assert_allclose(named["share_text"] + named["share_image"], 1)
    quiet = table[table["share_text"].isna()]
    assert (quiet["phi_text"].abs() + quiet["phi_image"].abs() < 0.05).all()


def test_a_topic_is_named_only_where_it_is_likely_and_there_is_text(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor]
) -> None:
    unclear = {}
    for limit in (0.0, 1.0):
        settings = replace(Settings(), topic_from=limit)
        topics = score_table(tiny_bundle, IDS, encoded, PRESENT, settings)["topic"]
        unclear[limit] = (topics == UNCLEAR).tolist()
    assert unclear[0.0] == [False, False, True] * 5
    assert all(unclear[1.0])


def test_a_batch_gives_the_scores_of_its_posts(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor], table: pd.DataFrame
) -> None:
    for row in range(3):
        one = {modality: values[row : row + 1] for modality, values in encoded.items()}
        single = score_table(tiny_bundle, [IDS[row]], one, PRESENT[row : row + 1], Settings())
        pd.testing.assert_frame_equal(
            single, table.iloc[[row]].reset_index(drop=True), atol=1e-5, check_dtype=False
        )
