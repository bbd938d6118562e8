"""A merged batch has every post, image, rejection and label of its batches, and the scores that they would have."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.columns import own_filter
from analysis.errors import WorkspaceError
from analysis.model.bundle import Bundle
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.review import find_training_posts
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Label, Workspace, merge_batches
from tests.scored import IMAGE, checked, media_with_image

Row = dict[str, object]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


def add(workspace: Workspace, name: str, rows: list[Row], bundle: Bundle | None = None) -> Batch:
    media = workspace.folder.parent.with_name("media")
    batch = workspace.create(
        checked(post_frame(rows)), media if media.exists() else media_with_image(media), name,
        sources=[(f"{name}.csv", name.encode())],
    )  # fmt: skip
    if bundle:
        score_batch(batch, bundle)
        batch = workspace.open(batch.id)
    return batch


SPRING: list[Row] = [
    {"post_id": "1", "text": "lovely day"},
    {"post_id": "2", "text": "the match is good", "images": [IMAGE], "image_names": ["a.jpg"]},
]
SUMMER: list[Row] = [
    {"post_id": "2", "text": "the match is good", "images": [IMAGE], "image_names": ["a.jpg"]},
    {"post_id": "1", "text": "awful rain"},
    {"post_id": "3", "text": "bad bad match", "extra": '{"campaign": "x"}'},
]


def test_posts_are_kept_in_order_and_only_true_repetitions_are_left_out(workspace: Workspace) -> None:
    batches = [add(workspace, "Spring", SPRING), add(workspace, "Summer", SUMMER)]
    merged = merge_batches(workspace, [each.id for each in batches], "Year")
    posts = merged.posts()
    assert posts["post_id"].tolist() == ["1", "2", "1-2", "3"]
    assert posts["text"].tolist() == ["lovely day", "the match is good", "awful rain", "bad bad match"]
    assert merged.media_path(IMAGE).exists()
    assert merged.manifest.name == "Year"
    rejected = merged.rejected()
    assert len(rejected) == 3  # one row of each batch, and the repeated post
    assert rejected["post_id"].dropna().tolist() == ["2"]
    assert merged.manifest.counts["row"] == {"expected": 7, "received": 4, "rejected": 3}
    assert [each["name"] for each in merged.manifest.sources] == ["Spring.csv", "Summer.csv"]
    assert [each.manifest.n_posts for each in batches] == [2, 3]


def test_the_batch_of_a_post_is_a_filter(workspace: Workspace, tiny_bundle: Bundle) -> None:
    batches = [add(workspace, "Spring", SPRING), add(workspace, "Summer", SUMMER)]
    merged = merge_batches(workspace, [each.id for each in batches], "Year")
    score_batch(merged, tiny_bundle)
    only = Filters(**{own_filter(0): ("Summer",)})
    assert query.read_page(workspace.open(merged.id), only)["post_id"].tolist() == ["1-2", "3"]


@pytest.mark.slow
def test_scores_are_those_of_a_batch_with_all_posts_and_nothing_is_encoded_again(
    workspace: Workspace, additive_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [
        add(workspace, "Spring", SPRING, additive_bundle),
        add(workspace, "Summer", SUMMER, additive_bundle),
    ]
    merged = merge_batches(workspace, [each.id for each in batches], "Year")
    whole = add(
        workspace,
        "Whole",
        [SPRING[0], SPRING[1], {**SUMMER[1], "post_id": "1-2"}, SUMMER[2]],
        additive_bundle,
    )
    monkeypatch.setattr("analysis.scoring.scorer.PostEncoder", None)  # encoding would fail
    score_batch(merged, additive_bundle)
    merged = workspace.open(merged.id)
    for kind in ("scores", "words", "embeddings"):
        pd.testing.assert_frame_equal(merged.read_part(kind, 0), whole.read_part(kind, 0))


@pytest.mark.slow
def test_batches_of_different_models_are_merged_without_scores(
    workspace: Workspace, additive_bundle: Bundle, tiny_bundle: Bundle
) -> None:
    batches = [
        add(workspace, "Spring", SPRING, additive_bundle),
        add(workspace, "Summer", SUMMER, tiny_bundle),
    ]
    merged = merge_batches(workspace, [each.id for each in batches], "Year")
    assert merged.manifest.bundle is None
    assert not merged.has_part("encodings", 0)


def test_labels_move_with_their_posts(workspace: Workspace) -> None:
    spring, summer = add(workspace, "Spring", SPRING), add(workspace, "Summer", SUMMER)
    workspace.reviews.save_labels(spring.id, "ann", [Label(1, "sentiment", "positive")])
    workspace.reviews.save_labels(
        summer.id, "ben", [Label(2, "sentiment", "negative"), Label(2, "note", "why?")]
    )
    workspace.reviews.save_labels(summer.id, "ann", [Label(1, "sentiment", "neutral")], "decide")
    merged = merge_batches(workspace, [spring.id, summer.id], "Year")
    assert merged.labels.final("sentiment") == {1: "positive", 2: "neutral", 3: "negative"}
    assert merged.labels.of_coder("ben", "note") == {3: "why?"}


def test_one_batch_or_too_many_posts_are_refused(workspace: Workspace) -> None:
    spring = add(workspace, "Spring", SPRING)
    with pytest.raises(WorkspaceError, match="fewer than two"):
        merge_batches(workspace, [spring.id, spring.id], "Year")
    small = Workspace(workspace.folder.parent, type(workspace.settings)(max_rows=4))
    with pytest.raises(WorkspaceError, match="have 5 posts; the limit is 4"):
        merge_batches(small, [spring.id, add(workspace, "Summer", SUMMER).id], "Year")


def test_a_failed_merge_leaves_no_batch_and_no_files(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [add(workspace, "Spring", SPRING), add(workspace, "Summer", SUMMER)]

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analysis.workspace.merging.link_or_copy_file", fail)
    with pytest.raises(WorkspaceError, match="No space left"):
        merge_batches(workspace, [each.id for each in batches], "Year")
    assert len(workspace.batches()) == 2


@pytest.mark.slow
def test_labels_that_trained_a_model_are_still_known_as_such(
    workspace: Workspace, additive_bundle: Bundle
) -> None:
    spring, summer = (
        add(workspace, name, rows, additive_bundle) for name, rows in (("a", SPRING), ("b", SUMMER))
    )
    shares = spring.manifest.shares
    workspace.reviews.save_labels(spring.id, "ann", [Label(1, "sentiment", "neutral")])
    spring.set_bundle(additive_bundle.id, additive_bundle.encoders_id, shares, ("sentiment",))
    workspace.reviews.save_labels(summer.id, "ann", [Label(1, "sentiment", "neutral")])
    merged = merge_batches(workspace, [spring.id, summer.id], "Year")
    assert merged.manifest.trained_heads == ("sentiment",)
    assert find_training_posts(merged, "sentiment") == sorted(merged.labels.given["sentiment"])
    assert len(merged.labels.given["sentiment"]) == 2
    again = merge_batches(workspace, [merged.id, add(workspace, "c", SUMMER).id], "More")
    assert again.manifest.merged_from[:3] == (merged.id, spring.id, summer.id)


def test_labels_of_a_repeated_post_move_to_the_post_that_is_kept(workspace: Workspace) -> None:
    spring, summer = add(workspace, "Spring", SPRING), add(workspace, "Summer", SUMMER)
    workspace.reviews.save_labels(summer.id, "ben", [Label(0, "sentiment", "negative")])
    workspace.reviews.save_labels(summer.id, "ann", [Label(0, "sentiment", "neutral")])
    workspace.reviews.save_labels(spring.id, "ann", [Label(1, "sentiment", "positive")])
    merged = merge_batches(workspace, [spring.id, summer.id], "Year")
    assert merged.labels.given["sentiment"] == {1: {"ann": "positive", "ben": "negative"}}
    assert len(workspace.reviews.read_changes(merged.id)) == 2
