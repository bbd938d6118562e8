import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from analysis.attribution.modality import Coalitions, compute_shapley_values
from analysis.columns import UNCLEAR
from analysis.model.bundle import Bundle
from analysis.scoring.scores import build_score_table
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
    return build_score_table(tiny_bundle, IDS, encoded, PRESENT, Settings())


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


def test_a_missing_modality_has_no_scores(table: pd.DataFrame) -> None:
    text_only, image_only = table[table["inputs_used"] == "text"], table[table["inputs_used"] == "image"]
    assert text_only[["image_sentiment", "image_valence", "agreement"]].isna().all(axis=None)
    assert image_only[["text_sentiment", "text_valence", "agreement"]].isna().all(axis=None)
    np.testing.assert_allclose(text_only["text_valence"], text_only["valence"])
    assert (text_only["text_sentiment"] == text_only["sentiment"]).all()
    assert (text_only["phi_image"] == 0).all()
    assert (image_only["interaction"] == 0).all()


def test_agreement_is_one_if_both_are_equal_and_zero_if_opposite(
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
        topics = build_score_table(tiny_bundle, IDS, encoded, PRESENT, settings)["topic"]
        unclear[limit] = (topics == UNCLEAR).tolist()
    assert unclear[0.0] == [False, False, True] * 5
    assert all(unclear[1.0])


def test_text_heads_do_not_score_images_alone(table: pd.DataFrame) -> None:
    columns = ["emotion", "p_anger", "p_joy", "p_irony"]
    without_text = table["inputs_used"] == "image"
    assert table.loc[without_text, columns].isna().all(axis=None)
    assert table.loc[~without_text, columns].notna().all(axis=None)
    assert "p_not_irony" not in table


def test_an_emotion_is_named_only_where_it_is_likely(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor]
) -> None:
    for limit, unclear in ((0.0, False), (1.1, True)):
        settings = replace(Settings(), class_from=limit)
        emotions = build_score_table(tiny_bundle, IDS, encoded, PRESENT, settings)["emotion"].dropna()
        assert set(emotions == UNCLEAR) == {unclear}
    likeliest = build_score_table(
        tiny_bundle, IDS, encoded, PRESENT, replace(Settings(), class_from=0.0)
    ).dropna(subset="emotion")
    assert ("p_" + likeliest["emotion"] == likeliest[["p_anger", "p_joy"]].idxmax(axis=1)).all()


def test_text_and_image_match_only_where_a_post_has_both_and_the_model_a_space(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor], table: pd.DataFrame
) -> None:
    both = table["inputs_used"] == "both"
    assert table.loc[~both, "text_image_match"].isna().all()
    assert set(table.loc[both, "text_image_match"]) <= {0.0, 1 / 3, 2 / 3, 1.0}
    similarity = (
        torch.stack([tiny_bundle.model.embed(modality, encoded[modality]) for modality in ("text", "image")])
        .prod(0)
        .sum(1)
    )
    ordered = pd.Series(similarity.tolist())[both].rank()
    assert (table.loc[both, "text_image_match"].iloc[ordered.argsort()].diff().dropna() >= 0).all()
    spaceless = replace(tiny_bundle, config=replace(tiny_bundle.config, space=None))
    assert build_score_table(spaceless, IDS, encoded, PRESENT, Settings())["text_image_match"].isna().all()


def test_a_bundle_with_only_sentiment_and_topics_can_score(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor], table: pd.DataFrame
) -> None:
    heads = {name: tiny_bundle.heads[name] for name in ("sentiment", "topic")}
    small = replace(
        tiny_bundle, config=replace(tiny_bundle.config, heads=heads), model=_without_tone(tiny_bundle)
    )
    scored = build_score_table(small, IDS, encoded, PRESENT, Settings())
    further = {"emotion", "p_anger", "p_joy", "p_irony"}
    assert set(table.columns) - set(scored.columns) == further
    pd.testing.assert_frame_equal(scored, table.drop(columns=sorted(further)))


def _without_tone(bundle: Bundle) -> torch.nn.Module:
    """The same network with the heads `sentiment` and `topic` only."""
    model = copy.deepcopy(bundle.model)
    for name in ("emotion", "irony"):
        del model.heads[name]
    return model


def test_a_batch_gives_the_scores_of_its_posts(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor], table: pd.DataFrame
) -> None:
    for row in range(3):
        one = {modality: values[row : row + 1] for modality, values in encoded.items()}
        single = build_score_table(tiny_bundle, [IDS[row]], one, PRESENT[row : row + 1], Settings())
        pd.testing.assert_frame_equal(
            single, table.iloc[[row]].reset_index(drop=True), atol=1e-5, check_dtype=False
        )


def test_the_values_of_the_likeliest_topic_are_those_of_its_explanation(
    tiny_bundle: Bundle, encoded: dict[str, torch.Tensor], table: pd.DataFrame
) -> None:
    head = tiny_bundle.heads["topic"]
    likeliest = table[[f"topic_{name}" for name in head.classes]].to_numpy().argmax(axis=1)
    weights = torch.eye(len(head.classes))[torch.from_numpy(likeliest)]
    values = compute_shapley_values(Coalitions(tiny_bundle, encoded, PRESENT), "topic", weights)
    np.testing.assert_allclose(table[["phi_text_topic", "phi_image_topic"]], values.phi, atol=1e-6)
    np.testing.assert_allclose(table["interaction_topic"], values.interaction, atol=1e-6)
    assert (table["phi_image_topic"][table["inputs_used"] == "text"] == 0).all()
