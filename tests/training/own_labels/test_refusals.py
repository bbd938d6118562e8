"""Labels and posts that cannot be learned from: named, skipped or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import EvaluationError, TrainingError
from analysis.model.bundle import SHIPPED, Bundle
from analysis.training.own_labels.train import train_own_labels
from tests.training.own_labels.made_labels import POSTS, sentiments, topics, write


@pytest.mark.slow
def test_images_and_rows_that_cannot_be_used_are_listed_and_skipped(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    rows = [{**row, "image": "gone.png" if number == 2 else ""} for number, row in enumerate(topics())]
    rows[5]["text"] = ""
    done = train_own_labels(tiny_bundle.folder, write(tmp_path / "labels.csv", rows), tmp_path / "mine")
    assert any("gone.png" in line for line in done.skipped)
    assert "rows with neither text nor a usable image: 1" in done.skipped
    assert done.metrics["own_labels"]["topic"]["posts"] == POSTS - 1


def test_a_table_without_texts_and_images_is_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labels = write(tmp_path / "labels.csv", [{"sentiment": row["sentiment"]} for row in sentiments()])
    with pytest.raises(EvaluationError, match="no recognised column of texts or images"):
        train_own_labels(tiny_bundle.folder, labels, tmp_path / "mine")


def changed(rows: list[dict[str, object]], **cells: object) -> list[dict[str, object]]:
    return [{**rows[0], **cells}, *rows[1:]]


@pytest.mark.parametrize(
    ("rows", "task", "message"),
    [
        (sentiments(18), None, r"labels for only 18 readable posts"),
        (
            changed(sentiments(), sentiment="happy"),
            None,
            r"unknown labels: happy.*negative, neutral, positive",
        ),
        (
            [{**row, "sentiment": "positive"} for row in sentiments()],
            None,
            r"fewer than 5 posts of negative \(0\)",
        ),
        ([{**row, "topic": "Sport"} for row in topics()], None, r"has only one class: sport"),
        (changed(topics(), topic="Sport"), None, r"fewer than 5 posts of sport \(1\)"),
        (changed(topics(), topic="!!"), None, r"label '!!' without letters"),
        (
            [{**row, "topic": f"Transport; {row['topic']}"} for row in topics()],
            None,
            r"only 0 posts without the label transport",
        ),
        ([{**row, "label": row["topic"]} for row in topics()], None, r"both have labels for topic"),
        (topics(), "urgency", r"no column urgency or label"),
        (
            [{"text": row["text"], "x": row["topic"]} for row in topics()],
            None,
            r"no column sentiment, topic or label",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "language",
            r"second column language",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "decided_by",
            r"second column decided_by",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "--",
            r"cannot be the name of a head",
        ),
        (
            [{"text": row["text"], "label": row["topic"]} for row in topics()],
            "keys",
            r"cannot be the name of a head",
        ),
        (
            [{**row, "topic": str(row["topic"]).replace("Transport", "Confidence")} for row in topics()],
            None,
            r"second column topic_confidence",
        ),
    ],
)
def test_labels_that_cannot_be_learned_are_named(
    tmp_path: Path, tiny_bundle: Bundle, rows: list[dict[str, object]], task: str | None, message: str
) -> None:
    labels = write(tmp_path / "labels.csv", rows)
    with pytest.raises(TrainingError, match=message):
        train_own_labels(tiny_bundle.folder, labels, tmp_path / "mine", task=task)
    assert not (tmp_path / "mine").exists()


def test_the_base_and_shipped_bundles_are_never_overwritten(tmp_path: Path, tiny_bundle: Bundle) -> None:
    labels = write(tmp_path / "labels.csv", sentiments())
    for out in (tiny_bundle.folder, SHIPPED / "compact", SHIPPED / "mine"):
        with pytest.raises(TrainingError, match="must not be changed"):
            train_own_labels(tiny_bundle.folder, labels, out)
