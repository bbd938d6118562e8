"""Charts of an evaluation: the numbers measured, and class names shown as plain text."""

from __future__ import annotations

import pytest
import torch

from analysis.charts.evaluation import accuracy_by_slice_bar, confusion_matrix_chart, reliability_diagram
from analysis.evaluation.evaluate import evaluate_predictions
from analysis.model.config import Head

HEAD = Head("mood", ("low", "high"), ("Low", "<b>High</b>"))
PROBABILITY = torch.tensor([[0.9, 0.1]] * 5 + [[0.35, 0.65]] * 5)
EVALUATION = {
    **evaluate_predictions(
        PROBABILITY, torch.tensor([0, 0, 0, 1, 1, 1, 1, 1, 1, 0]), HEAD, None, "Mood", "text"
    ),
    "slices": [{"slice": "with emoji", "posts": 4, "accuracy": 0.25, "macro_f1": 0.2, "macro_recall": 0.2}],
}


def test_points_are_at_their_confidence_and_accuracy_with_a_diagonal() -> None:
    figure = reliability_diagram(EVALUATION)
    points = figure.data[0]
    assert list(points.x) == pytest.approx([0.65, 0.9])
    assert list(points.y) == pytest.approx([0.8, 0.6])
    assert points.hovertext[1] == "5 posts: confidence 90 %, accuracy 60 %"
    line = figure.layout.shapes[0]
    assert (line.x0, line.y0, line.x1, line.y1) == (0, 0, 1, 1)


def test_rows_of_the_confusion_matrix_are_actual_classes() -> None:
    figure = confusion_matrix_chart(EVALUATION, dict(zip(HEAD.classes, HEAD.titles, strict=True)))
    cells = figure.data[0]
    assert [list(row) for row in cells.text] == [["3", "1"], ["2", "4"]]
    assert [list(row) for row in cells.z] == [pytest.approx([0.75, 0.25]), pytest.approx([1 / 3, 2 / 3])]
    assert list(figure.layout.yaxis.ticktext) == ["Low", "&lt;b&gt;High&lt;/b&gt;"]
    assert figure.layout.yaxis.autorange == "reversed"


def test_slices_are_below_all_posts() -> None:
    bars = accuracy_by_slice_bar(EVALUATION).data[0]
    assert list(bars.y) == ["All posts (10)", "With emoji (4)"]
    assert list(bars.x) == [0.7, 0.25]


def test_figures_are_transparent_and_leave_the_font_to_the_theme() -> None:
    for figure in (
        reliability_diagram(EVALUATION),
        confusion_matrix_chart(EVALUATION),
        accuracy_by_slice_bar(EVALUATION),
    ):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
