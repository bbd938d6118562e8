"""The model card page: figures of the evaluation chosen, and the card alone where nothing was measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from analysis.evaluation.evaluate import evaluate_predictions
from analysis.model import Bundle
from analysis.wording import format_percent
from pages.shared import engine, places
from tests.pages.conftest import Open

Evaluations = dict[str, dict[str, Any]]


@pytest.fixture
def measured(
    home: Path, tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Evaluations]:
    """Serve a model with two evaluations in its metrics.json, one of them of own labels."""
    folder = tmp_path / "measured"
    shutil.copytree(tiny_bundle.folder, folder)
    found = {}
    for name in ("irony", "sentiment"):
        head, truth = tiny_bundle.heads[name], torch.arange(30) % 2
        said = torch.rand(30, len(head.classes), generator=torch.Generator().manual_seed(len(name)))
        found[name] = evaluate_predictions(said, truth, head, None, f"{name.capitalize()} of tests", "text")
    metrics = {
        "trained_from": "base@12345678",
        "own_labels": {"irony": found["irony"]},
        "evaluations": {"sentiment": found["sentiment"]},
    }
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    monkeypatch.setenv("POSTLENS_MODEL", str(folder))
    engine.forget_model()  # one model is loaded for the whole server
    yield found
    engine.forget_model()


def test_the_figures_are_those_of_the_evaluation_chosen(measured: Evaluations, open_page: Open) -> None:
    app = open_page(places.CARD)
    assert any("base@12345678" in caption.value for caption in app.caption)
    assert list(app.selectbox[0].options) == [f"{each['title']}, 30 posts" for each in measured.values()]
    for name, each in measured.items():
        app.selectbox[0].set_value(name).run()
        assert not app.exception
        shown = {metric.label: metric for metric in app.metric}
        for label, key in (("Accuracy", "accuracy"), ("Macro F1", "macro_f1"), ("Calibration error", "ece")):
            low, high = each["intervals"][key]
            assert shown[label].value == format_percent(each[key])
            assert shown[label].delta == f"{format_percent(low)} to {format_percent(high)}"
        table = app.dataframe[0].value
        assert table["Recall"].tolist() == [one["recall"] for one in each["classes"].values()]
        assert len(app.get("plotly_chart")) == 3


def test_a_model_without_evaluations_shows_only_its_card(open_page: Open) -> None:
    app = open_page(places.CARD)
    assert not app.exception
    assert not app.metric
    assert not app.get("plotly_chart")
