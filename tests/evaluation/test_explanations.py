"""Evidence for explanations: what is measured on which posts, and the result for correct explanations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.attribution.faithfulness import MEASURES
from analysis.attribution.ledger import CLASS_ACTIVATION, GRADIENT_X_INPUT, INTEGRATED_GRADIENTS
from analysis.cli import main
from analysis.errors import EvaluationError
from analysis.evaluation import explanations
from analysis.evaluation.explanations import evaluate_explanations
from analysis.evaluation.table import format_explanations
from analysis.model.bundle import Bundle

WORDS = ("so good day", "awful rain", "the match is lovely", "a phone", "not bad", "red heart")


def labelled(folder: Path, posts: int = 12) -> pd.DataFrame:
    chance = np.random.default_rng(0)
    rows = []
    for number in range(posts):
        path = folder / f"{number}.png"
        Image.fromarray(chance.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(path)
        rows.append(
            {
                "text": WORDS[number % len(WORDS)],
                "images": [str(path)],
                "label": "positive",
                "text_label": ("positive", "negative")[number % 2],
                "image_label": ("negative", "positive", "positive")[number % 3],
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> dict:
    reported: list[tuple[int, int]] = []
    found = evaluate_explanations(
        tiny_bundle,
        labelled(tmp_path_factory.mktemp("posts")),
        max_posts=8,
        progress=lambda *done: reported.append(done),
    )
    assert reported[0] == (0, 8)
    assert reported[-1] == (8, 8)
    return found


@pytest.mark.slow
def test_the_shares_of_an_additive_model_are_compared_with_integrated_gradients(
    tmp_path: Path, additive_bundle: Bundle
) -> None:
    found = evaluate_explanations(additive_bundle, labelled(tmp_path), max_posts=4)
    for parts in ("words", "regions"):
        assert found["completeness"][parts]["median"] < 0.2  # of integrated gradients
        for name in MEASURES:
            ours, theirs = (
                found[parts][method][name]["mean"] for method in (CLASS_ACTIVATION, INTEGRATED_GRADIENTS)
            )
            share = found[parts]["share"][name]
            if abs(theirs) > 0.01:  # smaller ones are rounded
                assert share * theirs == pytest.approx(ours, abs=0.01)
    assert "words, class activation mapping" in format_explanations(found)
    assert "its share of integrated gradients' gain" in format_explanations(found)


def test_every_method_is_measured_for_words_and_regions(evidence: dict) -> None:
    assert evidence["posts"] == 8
    for parts in ("words", "regions"):
        assert set(evidence[parts]) == {INTEGRATED_GRADIENTS, GRADIENT_X_INPUT, "difference"}
        for measures in evidence[parts].values():
            assert set(measures) == set(MEASURES)
            for each in measures.values():
                assert each["interval"][0] <= each["mean"] <= each["interval"][1]
        verdicts = evidence["completeness"][parts]
        assert verdicts["ok"] + verdicts["rough"] + verdicts["failed"] == pytest.approx(1, abs=1e-3)
        assert verdicts["median"] <= verdicts["p90"]


def test_the_right_words_are_better_than_random_ones(evidence: dict) -> None:
    ours = evidence["words"]["integrated_gradients"]
    assert ours["deletion"]["mean"] > 0
    assert ours["insertion"]["mean"] > 0


def test_the_leading_modality_is_judged_if_one_modality_has_the_joint_label(evidence: dict) -> None:
    assert 0 < evidence["leading"]["posts"] < 8
    assert 0 <= evidence["leading"]["mean"] <= 1


def test_the_leading_modality_of_a_hand_computed_case() -> None:
    phis = [{"text": 2.0, "image": -0.1}, {"text": 0.1, "image": -0.5}, {"text": 1.0, "image": 0.2}]
    own = {"text": np.array([True, True, True]), "image": np.array([False, False, True])}
    found = explanations._measure_leading(phis, own, np.random.default_rng(0))
    assert (found["posts"], found["mean"]) == (2, 0.5)


def test_the_table_says_what_was_measured(evidence: dict) -> None:
    table = format_explanations(evidence)
    assert "Explanations of sentiment: 8 posts" in table
    assert "regions, gradient x input" in table
    assert "label equals the joint label" in table


def test_posts_without_images_are_refused_in_words(tiny_bundle: Bundle, tmp_path: Path) -> None:
    posts = labelled(tmp_path, 2)
    posts["images"] = [[], []]
    with pytest.raises(EvaluationError, match="none with both text and images"):
        evaluate_explanations(tiny_bundle, posts)


@pytest.mark.slow
def test_the_command_writes_the_evidence(tiny_bundle: Bundle, tmp_path: Path) -> None:
    posts = labelled(tmp_path, 4)
    posts["image"] = [Path(paths[0]).name for paths in posts["images"]]
    posts.drop(columns="images").to_csv(tmp_path / "posts.csv", index=False)
    out = tmp_path / "evidence.json"
    requested = [
        "evaluate", str(tiny_bundle.folder), "--data", str(tmp_path / "posts.csv"), "--task", "sentiment",
        "--explanations", "--posts", "3", "--out", str(out),
    ]  # fmt: skip
    done = CliRunner().invoke(main, requested)
    assert done.exit_code == 0, done.output
    assert "gain over random" in done.output
    assert json.loads(out.read_text())["posts"] == 3
    refused = CliRunner().invoke(main, [*requested, "--compare"])
    assert refused.exit_code == 2
    assert "cannot be combined" in refused.output


@pytest.mark.slow
def test_images_are_explained_upright_as_they_are_scored(tiny_bundle: Bundle, tmp_path: Path) -> None:
    posts = labelled(tmp_path, 4)
    expected = evaluate_explanations(tiny_bundle, posts)
    for (path,) in posts["images"]:
        with Image.open(path) as upright:
            sideways, exif = upright.transpose(Image.Transpose.ROTATE_90), Image.Exif()
        exif[0x0112] = 6  # shown after a quarter turn to the right
        sideways.save(path, exif=exif)
    assert evaluate_explanations(tiny_bundle, posts) == expected
