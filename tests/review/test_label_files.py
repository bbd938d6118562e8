"""Labels from tables, Label Studio and doccano; what cannot be used is listed with its row and reason."""

import json
from pathlib import Path

import pytest

from analysis.intake import InputFile, parse_table
from analysis.review import ReadLabels, read_labels
from analysis.workspace import Batch, Label
from tests.scored import new_batch, score, some_posts

CLASSES = {"topics": ("arts_culture", "sports_gaming"), "tone": ("irony", "hate")}


def read(batch: Batch, name: str, content: str) -> ReadLabels:
    return read_labels(batch, parse_table(InputFile(name, content.encode())), CLASSES, "me")


def test_a_table_with_every_kind_of_label(scored_batch: Batch) -> None:
    found = read(
        scored_batch,
        "labels.csv",
        "post_id,sentiment,topics,tone,tags,note,coder\n"
        'p1,Positive,Arts & culture; sports_gaming,irony,"a; b","So, so",Ann\n'
        "p2,neg,none,,,,\n",
    )
    assert not found.unused
    assert found.posts == 2
    assert set(found.by_coder["Ann"]) == {
        Label(1, "sentiment", "positive"),
        Label(1, "topics", ("arts_culture", "sports_gaming")),
        Label(1, "tone", ("irony",)),
        Label(1, "tags", ("a", "b")),
        Label(1, "note", "So, so"),
    }
    assert set(found.by_coder["me"]) == {Label(2, "sentiment", "negative"), Label(2, "topics", ("none",))}


def test_an_export_of_label_studio_with_two_annotators(scored_batch: Batch) -> None:
    def choose(who: object, choice: str, **more: object) -> dict[str, object]:
        result = [{"value": {"choices": [choice]}, "from_name": "sentiment", "type": "choices"}]
        return {"completed_by": who, "result": result, **more}

    tasks = [
        {
            "id": 7,
            "data": {"post_id": "p3", "text": "x"},
            "annotations": [choose({"email": "ann@example.org"}, "Neutral"), choose(2, "Positive")],
            "predictions": [],
            "project": 1,
        },
        {
            "id": 8,
            "data": {"post_id": "p5", "text": "y"},
            "annotations": [choose(2, "Negative"), choose(3, "Positive", was_cancelled=True)],
            "predictions": [],
            "project": 1,
        },
    ]
    found = read(scored_batch, "project-1.json", json.dumps(tasks))
    assert found.by_coder == {
        "ann@example.org": [Label(3, "sentiment", "neutral")],
        "annotator 2": [Label(3, "sentiment", "positive"), Label(5, "sentiment", "negative")],
    }
    assert not found.unused


def test_a_table_of_label_studio(scored_batch: Batch) -> None:
    rows = [
        {"id": 1, "post_id": "p3", "text": "x", "sentiment": "Positive", "annotator": "4", "annotation_id": 9}
    ]
    assert read(scored_batch, "min.json", json.dumps(rows)).by_coder == {
        "4": [Label(3, "sentiment", "positive")]
    }


def test_an_export_of_doccano_finds_posts_by_their_text(scored_batch: Batch) -> None:
    lines = [
        {"id": 101, "text": "Post number 1 about Rain 100%", "label": ["positive", "irony"], "Comments": []},
        {"id": 102, "text": "Somebody else's post", "label": ["negative"], "Comments": []},
    ]
    found = read(scored_batch, "all.jsonl", "\n".join(map(json.dumps, lines)))
    assert set(found.by_coder["me"]) == {Label(1, "sentiment", "positive"), Label(1, "tone", ("irony",))}
    assert [(each.row, "no post of this batch" in each.reason) for each in found.unused] == [(2, True)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("p1,4", "which is not one of: negative, neutral, positive, unsure"),
        ("p1,positive; negative", "has more than one sentiment"),
        ("p999,positive", "has no post of this batch"),
        ("p1,<script>", "has the sentiment “<script>”"),
    ],
)
def test_what_cannot_be_used_is_listed(scored_batch: Batch, row: str, reason: str) -> None:
    found = read(scored_batch, "labels.csv", f"post_id,sentiment\np2,neutral\n{row}\n")
    assert found.by_coder["me"] == [Label(2, "sentiment", "neutral")]
    assert [each.row for each in found.unused] == [2]
    assert reason in found.unused[0].reason


def test_damaged_annotations_do_not_stop_the_file(scored_batch: Batch) -> None:
    tasks = [
        {"id": 1, "data": {"post_id": "p1"}, "annotations": given, "predictions": [], "project": 1}
        for given in (
            [{"result": "x"}],
            [{"result": [{"value": None}]}],
            [3],
            [{"result": [{"value": {"choices": 5}}]}],
        )
    ]
    assert read(scored_batch, "project.json", json.dumps(tasks)).posts == 0


def test_numbers_that_a_tool_gave_texts_are_not_ids_of_posts(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, some_posts(8).assign(post_id=list("12345678"))))
    lines = [
        {"id": 1, "text": "Post number 5 about Rain 100%", "label": ["positive"]},
        {"id": 2, "text": "Somebody else's post", "label": ["negative"]},
        {"id": 4, "text": " Post number 3 about  SUNSHINE 100%", "label": ["neutral"]},
        {"id": 3, "text": "", "label": ["neutral"]},
    ]
    found = read(batch, "all.jsonl", "\n".join(map(json.dumps, lines)))
    assert [(each.position, each.value) for each in found.by_coder["me"]] == [
        (5, "positive"),
        (3, "neutral"),
        (2, "neutral"),
    ]
    assert [each.row for each in found.unused] == [2]


def test_numbers_of_tasks_are_not_ids_of_posts(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, some_posts(8).assign(post_id=list("12345678"))))
    row = {"id": 3, "image": "a.jpg", "sentiment": "Positive", "annotator": "4", "annotation_id": 9}
    assert read(batch, "min.json", json.dumps([row])).posts == 0


def test_half_of_an_emoji_does_not_stop_the_labels(scored_batch: Batch) -> None:
    found = read(scored_batch, "labels.csv", 'post_id,tags\np1,"[""\\ud83d ok""]"\n')
    ((tag,),) = [label.value for label in found.by_coder["me"]]
    assert tag == "\ufffd ok"
