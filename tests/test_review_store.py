"""Labels of people are never lost: not by undo, by two coders at once, or by a process that is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import WorkspaceError
from analysis.workspace import DECISION, BatchNotes, Label, Labels, ReviewStore, Workspace
from tests.scored import checked, some_posts

SENTIMENT = Label(3, "sentiment", "negative")


def add_batch_folder(home: Path, batch_id: str) -> None:
    (home / "batches" / batch_id).mkdir(parents=True)


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    """A store for the batch "b", of which only the folder exists."""
    add_batch_folder(tmp_path / "home", "b")
    return ReviewStore(tmp_path / "home")


def current(store: ReviewStore, batch: str = "b") -> dict[tuple[int, str, str], object]:
    return {(each.position, each.field, each.owner): each.value for each in store.read_labels(batch)}


def test_reading_creates_no_file(store: ReviewStore) -> None:
    assert store.read_labels("b") == []
    assert not store.database.path.exists()


def test_a_label_is_stored_with_who_when_before_and_after(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    store.save_labels("b", "ann", [Label(3, "sentiment", "neutral"), Label(3, "topics", ("food", "arts"))])
    assert current(store) == {(3, "sentiment", "ann"): "neutral", (3, "topics", "ann"): ("arts", "food")}
    _, last, first = store.read_changes("b")
    assert (first.before, first.after, last.before, last.after) == (None, "negative", "negative", "neutral")
    assert (last.coder, last.action, last.position) == ("ann", "label", 3)
    assert first.at <= last.at


def test_the_same_label_twice_is_one_change(store: ReviewStore) -> None:
    assert store.save_labels("b", "ann", [SENTIMENT]) == 1
    assert store.save_labels("b", "ann", [SENTIMENT]) == 0
    assert len(store.read_changes("b")) == 1


def test_an_empty_value_removes_a_label_but_not_its_history(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    store.save_labels("b", "ann", [Label(3, "sentiment", "")])
    assert current(store) == {}
    assert [each.after for each in store.read_changes("b", 3)] == [None, "negative"]


def test_undo_goes_back_step_by_step_and_is_recorded(store: ReviewStore) -> None:
    for value in ("negative", "neutral"):
        store.save_labels("b", "ann", [Label(3, "sentiment", value)])
    store.save_labels("b", "ann", [Label(4, "note", "why?")])
    undone = [store.undo("b", "ann") for _ in range(4)]
    assert [each and each.after for each in undone] == ["why?", "neutral", "negative", None]
    assert current(store) == {}
    assert len(store.read_changes("b")) == 6


def test_undo_after_a_new_change_undoes_the_new_change(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    store.undo("b", "ann")
    store.save_labels("b", "ann", [Label(3, "sentiment", "positive")])
    undone = store.undo("b", "ann")
    assert undone is not None
    assert undone.after == "positive"
    assert store.undo("b", "ann") is None


def test_coders_do_not_overwrite_or_undo_each_other(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    store.save_labels("b", "ben", [Label(3, "sentiment", "positive")])
    assert store.undo("b", "cy") is None
    store.undo("b", "ben")
    assert current(store) == {(3, "sentiment", "ann"): "negative"}


def test_a_decision_that_somebody_else_changed_is_not_undone(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT], "decide")
    store.save_labels("b", "ben", [Label(3, "sentiment", "positive")], "decide")
    assert store.undo("b", "ann") is None
    assert current(store) == {(3, "sentiment", DECISION): "positive"}


def test_final_labels_are_decisions_or_what_all_coders_gave(store: ReviewStore) -> None:
    for coder, values in (
        ("ann", ("negative", "neutral", "positive")),
        ("ben", ("negative", "positive", "neutral")),
    ):
        store.save_labels(
            "b", coder, [Label(place, "sentiment", value) for place, value in enumerate(values)]
        )
    store.save_labels("b", "cy", [Label(2, "sentiment", "neutral")], "decide")
    store.save_labels("b", "ann", [Label(5, "tags", ("x", "y")), Label(5, "note", "Look")])
    store.save_labels("b", "ben", [Label(5, "tags", ("z",))])
    labels = Labels.from_stored(store.read_labels("b"))
    assert labels.final("sentiment") == {0: "negative", 2: "neutral"}
    assert labels.disagreements("sentiment") == [1]
    assert labels.coders == ("ann", "ben")
    columns = labels.compute_columns([0, 1, 5, 9])
    assert columns["review"] == ["agreed", "disagreement", "no", "no"]
    assert columns["corrected_sentiment"] == ["negative", None, None, None]
    assert columns["tags"] == [None, None, "x; y; z", None]
    assert columns["note"] == [None, None, "Look", None]


def test_a_label_needs_a_coder(store: ReviewStore) -> None:
    with pytest.raises(WorkspaceError, match="has no coder"):
        store.save_labels("b", "  ", [SENTIMENT])


def test_only_the_owner_may_read_the_file(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    assert store.database.path.stat().st_mode & 0o077 == 0


def test_a_deleted_batch_takes_its_labels_along(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "media").mkdir()
    posts = some_posts(4)
    posts["images"] = [[] for _ in range(4)]
    posts["image_names"] = [[] for _ in range(4)]
    batch = workspace.create(checked(posts), tmp_path / "media", "posts")
    for name in ("other", "lost"):
        add_batch_folder(tmp_path, name)
    for name in (batch.id, "other", "lost"):
        workspace.reviews.save_labels(name, "ann", [SENTIMENT])
        workspace.notes.save(name, "a note", [])
    (tmp_path / "batches" / "lost").rmdir()  # by a process that was killed before it removed the labels
    assert workspace.open(batch.id).labels.final("sentiment") == {3: "negative"}
    workspace.delete(batch.id)
    for name in (batch.id, "lost"):
        assert workspace.reviews.read_changes(name) == workspace.reviews.read_labels(name) == []
    assert list(workspace.notes.read_all()) == ["other"]
    assert len(workspace.reviews.read_changes("other")) == 1


def test_a_label_for_a_deleted_batch_is_an_error_and_leaves_nothing(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    (store.database.path.parent / "batches" / "b").rmdir()
    store.forget_batch("b")
    for change in (
        lambda: store.save_labels("b", "ann", [SENTIMENT]),
        lambda: store.undo("b", "ann"),
        lambda: BatchNotes(store.database.path.parent).save("b", "a note", []),
    ):
        with pytest.raises(WorkspaceError, match="was not stored: the batch b was deleted"):
            change()
    assert store.read_changes("b") == []


def test_lone_surrogates_in_names_of_coders_and_notes_are_replaced(store: ReviewStore) -> None:
    store.save_labels("b", "ann \ud800", [SENTIMENT, Label(3, "note", "see \udfff")])
    assert current(store) == {(3, "sentiment", "ann ?"): "negative", (3, "note", "ann ?"): "see ?"}
    undone = store.undo("b", "ann \ud800")
    assert undone is not None
    assert undone.field == "note"


def test_a_damaged_file_is_an_error_that_names_it(store: ReviewStore) -> None:
    store.database.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(WorkspaceError, match=r"reviews\.sqlite"):
        store.read_labels("b")


def test_a_file_without_tables_after_a_crash_has_no_labels_and_can_be_used(store: ReviewStore) -> None:
    store.database.path.touch()
    assert store.read_labels("b") == []
    store.save_labels("b", "ann", [SENTIMENT])
    assert len(current(store)) == 1


def test_a_file_of_a_later_version_is_not_touched(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [SENTIMENT])
    with sqlite3.connect(store.database.path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(WorkspaceError, match="later version"):
        store.save_labels("b", "ann", [Label(4, "sentiment", "positive")])


LABELLER = """
import sys
from pathlib import Path
from analysis.workspace import Label, ReviewStore
store, coder = ReviewStore(Path(sys.argv[1])), sys.argv[2]
for place in range(int(sys.argv[3])):
    store.save_labels("b", coder, [Label(place, "sentiment", "negative"), Label(place, "note", coder)])
    print(place, flush=True)
"""


def start_labelling(home: Path, coder: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LABELLER, str(home), coder, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_several_processes_label_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    add_batch_folder(tmp_path, "b")
    running = [start_labelling(tmp_path, f"coder {number}", 40) for number in range(4)]
    for process in running:
        process.communicate(timeout=120)
    assert [process.returncode for process in running] == [0] * 4
    assert len(current(ReviewStore(tmp_path))) == 4 * 40 * 2
    assert len(ReviewStore(tmp_path).read_changes("b")) == 4 * 40 * 2


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 7, 23])
def test_what_was_saved_before_a_kill_is_there_and_nothing_is_half_saved(tmp_path: Path, after: int) -> None:
    add_batch_folder(tmp_path, "b")
    with start_labelling(tmp_path, "ann", 100_000) as process:
        assert process.stdout is not None
        saved = -1
        while saved < after:
            saved = int(process.stdout.readline())
        time.sleep(0.003 * after)
        os.kill(process.pid, signal.SIGKILL)
        saved = max([saved, *map(int, process.stdout.read().split())])
    labels = current(ReviewStore(tmp_path))
    places = {place for place, _, _ in labels}
    assert places >= set(range(saved + 1))
    assert len(labels) == 2 * len(places) == len(ReviewStore(tmp_path).read_changes("b"))


def test_positions_from_arrays_are_numbers(store: ReviewStore) -> None:
    store.save_labels("b", "ann", [Label(np.int64(3), "sentiment", "negative")])  # type: ignore[arg-type]
    assert current(store) == {(3, "sentiment", "ann"): "negative"}
