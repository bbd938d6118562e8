"""Corrections take the place of the model's sentiments in reports, marked as such; notes follow the privacy."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.exporters import CSV, export_summary_html, summarise_batch, write_report_table
from analysis.exporters.corrections import record_labels, record_training_posts, restore_labels
from analysis.exporters.privacy import AS_GIVEN, Privacy, PrivacyLevel
from analysis.model.bundle import Bundle
from analysis.query import EVERY_POST, Filters
from analysis.review import compute_corrected_shares
from analysis.workspace import NO_LABELS, Batch, Label, Workspace
from tests.scored import HEADS, new_batch, score

OTHER = {"negative": "positive", "neutral": "negative", "positive": "neutral"}


@pytest.fixture
def plain_batch(tmp_path: Path) -> Batch:
    return score(new_batch(tmp_path))


@pytest.fixture
def labelled(plain_batch: Batch) -> Batch:
    """A batch in which Ann corrected all posts but p1, and wrote a note on p2; Ben disagrees about p3."""
    workspace = Workspace(plain_batch.folder.parents[1])
    posts = query.read_page(plain_batch, columns=["position", "sentiment"])
    labels = [
        Label(place, "sentiment", OTHER[sentiment])
        for place, sentiment in posts.itertuples(index=False)
        if place != 1
    ]
    notes = [Label(2, "note", "Ask @author1"), Label(2, "tags", ("=urgent", "@author1"))]
    workspace.reviews.save_labels(plain_batch.id, "Ann", [*labels, *notes])
    workspace.reviews.save_labels(plain_batch.id, "Ben", [Label(3, "sentiment", posts["sentiment"][3])])
    return workspace.open(plain_batch.id)


def write(batch: Batch, privacy: Privacy = AS_GIVEN) -> pd.DataFrame:
    target = io.BytesIO()
    columns = report_columns(HEADS, settings=batch.settings, has_labels=bool(batch.labels))
    write_report_table(batch, EVERY_POST, columns, target, CSV, privacy)
    return pd.read_csv(io.BytesIO(target.getvalue()), keep_default_na=False, dtype=str)


def test_corrected_sentiments_override_those_of_the_model_and_both_are_there(
    plain_batch: Batch, labelled: Batch
) -> None:
    before, after = write(plain_batch.with_labels(NO_LABELS)), write(labelled)
    assert after["model_sentiment"].tolist() == before["sentiment"].tolist()
    expected = [model if place in (1, 3) else OTHER[model] for place, model in enumerate(before["sentiment"])]
    assert after["sentiment"].tolist() == expected
    assert after["review"].tolist()[:4] == ["agreed", "no", "agreed", "disagreement"]
    assert after["corrected_sentiment"].tolist()[1] == ""
    assert after["note"][2] == "Ask @author1"


def test_reports_without_labels_have_no_columns_of_them(plain_batch: Batch) -> None:
    assert not {"review", "note", "model_sentiment"} & set(write(plain_batch).columns)


def test_formulas_in_tags_are_escaped(labelled: Batch) -> None:
    assert write(labelled)["tags"][2] == "'=urgent; '@author1"


def test_pseudonyms_replace_names_in_notes_and_scores_only_leave_notes_out(labelled: Batch) -> None:
    hidden = write(labelled, Privacy(PrivacyLevel.PSEUDONYMS, b"salt"))
    assert "author1" not in hidden["note"][2] + hidden["tags"][2]
    assert hidden["note"][2].startswith("Ask ")
    scores = write(labelled, Privacy(PrivacyLevel.SCORES_ONLY, b"salt"))
    assert {"sentiment", "model_sentiment", "corrected_sentiment", "review"} <= set(scores.columns)
    assert not {"note", "tags"} & set(scores.columns)


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({"review": ("disagreement",)}, {3}),
        ({"review": ("no",)}, {1}),
        ({"review": ("no", "disagreement")}, {1, 3}),
        ({"tags": ("=urgent",)}, {2}),
        ({"tags": ("missing",)}, set()),
    ],
)
def test_labels_are_filters(labelled: Batch, filters: dict[str, tuple[str, ...]], places: set[int]) -> None:
    assert set(query.list_positions(labelled, Filters(**filters))) == places


def test_the_filter_of_corrected_sentiments(labelled: Batch) -> None:
    found = query.read_page(labelled, Filters(corrected_sentiments=("negative",)))
    assert len(found) > 0
    assert (found["corrected_sentiment"] == "negative").all()


def test_without_labels_every_post_is_not_labelled(plain_batch: Batch) -> None:
    assert query.count_matching_posts(plain_batch, Filters(review=("no",))) == 20
    assert query.count_matching_posts(plain_batch, Filters(review=("agreed",))) == 0


def test_recorded_labels_give_the_same_report(labelled: Batch) -> None:
    recorded = record_labels(labelled)
    assert {each.coder for each in recorded} == {"1", "2"}
    again = restore_labels(labelled.with_labels(NO_LABELS), recorded)
    pd.testing.assert_frame_equal(write(again), write(labelled))


def test_recorded_training_posts_give_the_same_corrected_shares(plain_batch: Batch, labelled: Batch) -> None:
    labelled.set_bundle("mine@1a2b3c4d", trained_heads=("sentiment",))
    reviews = Workspace(labelled.folder.parents[1]).reviews
    reviews.save_labels(labelled.id, "Ann", [Label(1, "sentiment", "neutral"), Label(0, "sentiment", "")])
    batch = Workspace(labelled.folder.parents[1]).open(labelled.id)
    expected = compute_corrected_shares(batch, EVERY_POST)
    recorded, trained = record_labels(batch), record_training_posts(batch)
    assert trained is not None
    assert sorted(trained) == sorted({f"p{place}" for place in range(20)} - {"p1"})
    batch.set_bundle("compact@1a2b3c4d")  # as a batch that is made again from files
    assert record_training_posts(batch) == ()
    assert compute_corrected_shares(restore_labels(batch, recorded, trained), EVERY_POST) == expected
    assert compute_corrected_shares(restore_labels(batch, recorded), EVERY_POST) != expected
    unknown = compute_corrected_shares(restore_labels(batch, recorded, None), EVERY_POST)
    assert "was not recorded by an earlier version" in unknown.reason


@pytest.mark.slow
def test_the_summary_has_corrected_shares_and_marks_corrected_posts(
    plain_batch: Batch, labelled: Batch, tiny_bundle: Bundle
) -> None:
    def html(batch: Batch) -> str:
        return export_summary_html(summarise_batch(batch, EVERY_POST, tiny_bundle.config, None))

    few = Workspace(labelled.folder.parents[1], labelled.settings).open(labelled.id)
    assert "Corrected by people" not in html(few)  # twenty posts are fewer than the smallest sample
    assert "corrected by people: " in html(few)
    assert "orrected by people" not in html(plain_batch.with_labels(NO_LABELS))
    few.set_bundle("mine@1a2b3c4d", trained_heads=("sentiment",))
    assert "These labels trained the model that scored the posts" in html(few)
    few.set_bundle("compact@1a2b3c4d")


def test_filters_by_labels_follow_every_change(labelled: Batch) -> None:
    workspace, undecided = Workspace(labelled.folder.parents[1]), Filters(review=("disagreement",))
    assert query.count_matching_posts(labelled, undecided) == 1
    workspace.reviews.save_labels(labelled.id, "Cy", [Label(3, "sentiment", "neutral")], "decide")
    assert query.count_matching_posts(workspace.open(labelled.id), undecided) == 0
