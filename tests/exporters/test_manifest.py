"""The manifest of a report: what it needs, and what is in it."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analysis.columns import report_columns
from analysis.errors import PostLensError, WorkspaceError
from analysis.exporters import (
    AS_GIVEN,
    CSV,
    PLAIN_CSV,
    Privacy,
    PrivacyLevel,
    describe_choices,
    export_manifest,
    find_manifest_obstacle,
    make_manifest,
)
from analysis.exporters.manifest import ReportManifest
from analysis.exporters.recorded_filters import parse_recorded_filters, record_filters
from analysis.intake.files import InputFile
from analysis.intake.inputs import Inputs
from analysis.intake.record import record_input
from analysis.json_values import from_json_value
from analysis.query import Filters
from analysis.workspace import Batch, Label, Workspace
from tests.scored import HEADS, checked, media_with_image, score, some_posts

FILTERS = Filters(
    "rain", ("p1", "p2"), True, sentiments=("negative", "neutral"), uncertain=False, since=date(2026, 3, 1),
    valence=(-0.5, 1.0), tones=("irony",), own_1=("=x",), hashtags=("rain", "été"), authors=("ann",), hours=("9",),
)  # fmt: skip


@pytest.fixture
def unscored(tmp_path: Path) -> Batch:
    """A batch with a record of one file."""
    record = record_input(Inputs((), {}, (), 1, files=(InputFile("posts.csv", b"text\nx\n"),)))
    media = media_with_image(tmp_path / "media")
    return Workspace(tmp_path / "home").create(checked(some_posts(8)), media, "May", record=record)


def test_filters_survive_the_way_through_json() -> None:
    recorded = record_filters(FILTERS)
    assert json.loads(json.dumps(recorded.values)) == recorded.values
    assert parse_recorded_filters(recorded) == FILTERS
    assert parse_recorded_filters(record_filters(Filters())) == Filters()


def test_a_manifest_has_counts_hashes_and_choices_but_no_posts(unscored: Batch) -> None:
    batch = score(unscored)
    choices = describe_choices(Filters(search="Rain"), AS_GIVEN, CSV, report_columns(HEADS)[:3])
    manifest = make_manifest(batch, choices, io.BytesIO(b"abc"), 4, datetime(2026, 5, 31, tzinfo=UTC))
    assert manifest.report.sha256.startswith("ba7816bf")
    assert (manifest.report.bytes, manifest.report.posts, manifest.accepted) == (3, 4, 8)
    assert manifest.counts["row"].rejected == 1
    assert manifest.matching == 4
    assert manifest.bundle == batch.manifest.bundle
    (file,) = manifest.input.files
    assert (file.name, file.size, len(file.sha256)) == ("posts.csv", 7, 64)
    written = export_manifest(manifest).decode("ascii")
    assert "number 1 about" not in written
    assert "author1" not in written
    assert str(batch.folder.parent) not in written


def test_a_manifest_says_which_posts_trained_the_model(unscored: Batch) -> None:
    batch, choices = score(unscored), describe_choices(Filters(), AS_GIVEN, CSV)
    batch.reviews.save_labels(batch.id, "Ann", [Label(2, "sentiment", "neutral")])
    assert make_manifest(batch, choices, io.BytesIO(), 8).choices.training_posts == ()
    batch.set_bundle("mine@1a2b3c4d", trained_heads=("sentiment",))
    manifest = make_manifest(batch, choices, io.BytesIO(), 8)
    assert manifest.choices.training_posts == ("p2",)
    parsed = from_json_value(ReportManifest, json.loads(export_manifest(manifest)))
    assert parsed.choices == manifest.choices


def test_a_batch_without_all_scores_or_all_words_has_no_manifest(unscored: Batch) -> None:
    assert find_manifest_obstacle(unscored) == "Some posts are not scored yet."
    with pytest.raises(PostLensError, match="cannot be made: some posts are not scored yet"):
        make_manifest(unscored, describe_choices(Filters(), AS_GIVEN, CSV), io.BytesIO(), 0)
    assert find_manifest_obstacle(score(unscored)) == ""


def test_a_batch_that_is_not_from_files_has_no_manifest(tmp_path: Path) -> None:
    media = media_with_image(tmp_path / "media")
    batch = score(Workspace(tmp_path / "home").create(checked(some_posts(8)), media, "May"))
    assert batch.input_record() is None
    assert "its files are not recorded" in find_manifest_obstacle(batch)


def test_a_damaged_record_is_named(unscored: Batch) -> None:
    path = unscored.folder / "intake.json"
    path.write_bytes(path.read_bytes().replace(b"posts.csv", b"other.csv"))
    with pytest.raises(WorkspaceError, match=r"is damaged: intake\.json does not match its checksum"):
        unscored.input_record()


def test_the_salt_is_compared_but_not_written() -> None:
    salts = [bytes([number]) * 32 for number in (1, 1, 2)]
    checks = [
        describe_choices(Filters(), Privacy(PrivacyLevel.PSEUDONYMS, salt), CSV).salt_check for salt in salts
    ]
    assert checks[0] == checks[1] != checks[2]
    assert salts[0].hex() not in checks[0]
    assert describe_choices(Filters(), AS_GIVEN, CSV).salt_check == ""


def test_csv_with_and_without_apostrophes_is_distinguished() -> None:
    assert describe_choices(Filters(), AS_GIVEN, CSV).escapes_formulas
    assert not describe_choices(Filters(), AS_GIVEN, PLAIN_CSV).escapes_formulas
