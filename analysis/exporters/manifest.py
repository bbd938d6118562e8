"""The manifest of a report: everything that its content depends on, as JSON, for `postlens reproduce`.

It has the hashes of the input files and how they were read, the choices of the report, the model, the engine,
versions, settings and counts. It has no text of posts and never the salt of pseudonyms, but everything else as given,
also for a report with pseudonyms or scores only: names of the batch, files and columns, custom topics with
vectors of their examples, searches, labels and notes of people, and values of filters, such as authors and ids of
posts. So it is not for those whom the
report hides names from. `manifest_reading` reads it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import IO

from analysis import query
from analysis.columns import Column
from analysis.custom_topics import CustomTopic
from analysis.environment import list_versions
from analysis.errors import PostLensError
from analysis.exporters.corrections import RecordedLabel, record_labels, record_training_posts
from analysis.exporters.csv_report import PLAIN_CSV
from analysis.exporters.exporter import ReportExporter, SummaryExporter
from analysis.exporters.privacy import Privacy
from analysis.exporters.recorded_filters import RecordedFilters, parse_recorded_filters, record_filters
from analysis.exporters.report import write_report_table
from analysis.intake.record import InputRecord
from analysis.json_values import from_json_value, to_json_value
from analysis.query import Filters
from analysis.timezones import UTC_NAME
from analysis.workspace import Batch
from analysis.workspace.digests import compute_file_digest

MANIFEST_FORMAT = 1
"""Version of the format; increase it when a field changes its meaning."""
MANIFEST_SUFFIX = ".manifest.json"


@dataclass(frozen=True)
class ReportChoices:
    """What was chosen for a report.

    Attributes:
        format: The name of an exporter of tables or of summaries.
        columns: The columns in order, before names in headers were replaced; none for a summary.
        escapes_formulas: Whether text that a spreadsheet would run is marked, in CSV.
        privacy: A value of `PrivacyLevel`.
        salt_check: Equal for equal salts of pseudonyms; "" without pseudonyms. The salt does not follow from it.
        filters: Which posts are in the report.
        custom_topics: The names of the analyst's topics, which columns, filters and counts may use.
        topic_definitions: Those that are more than a name; their examples have vectors and no texts.
        themes_seed: Seed of the themes of the posts (`find_themes`); None without any.
        labels: The labels of people.
        training_posts: Ids of the posts whose labels trained the model; None if they are not known.
        timezone: The time zone of days and hours in filters and counts.
    """

    format: str
    columns: tuple[str, ...] = ()
    escapes_formulas: bool = True
    privacy: str = "everything"
    salt_check: str = ""
    filters: RecordedFilters = field(default_factory=RecordedFilters)
    custom_topics: tuple[str, ...] = ()
    topic_definitions: tuple[CustomTopic, ...] = ()
    themes_seed: int | None = None
    labels: tuple[RecordedLabel, ...] = ()
    training_posts: tuple[str, ...] | None = ()
    timezone: str = UTC_NAME


@dataclass(frozen=True)
class RecordedReport:
    """The file of a report: its SHA-256, its size in bytes, and how many posts are in it."""

    sha256: str
    bytes: int
    posts: int


@dataclass(frozen=True)
class RecordedCounts:
    """How many rows, files, sheets, references or columns were expected, received and rejected."""

    expected: int
    received: int
    rejected: int


@dataclass(frozen=True)
class RecordedEngine:
    """What encoded posts; see `analysis.scoring.scorer.describe_engine`."""

    name: str
    threads: int
    processor: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class ReportManifest:
    """The manifest of a report.

    Attributes:
        manifest_format: `MANIFEST_FORMAT`.
        made_at: UTC.
        batch: The name of the batch.
        report: The file.
        choices: What was chosen for the report.
        bundle: Id of the model bundle.
        has_words: Whether top words were computed.
        engines: What encoded the posts; several if scoring was continued in another way.
        counts: What intake expected, received and rejected, by kind.
        accepted: Posts in the batch.
        matching: Posts that match the filters.
        settings: All limits and thresholds.
        versions: Versions at the time of the report.
        input: The files, and how they were read.
    """

    manifest_format: int
    made_at: datetime
    batch: str
    report: RecordedReport
    choices: ReportChoices
    bundle: str
    has_words: bool
    engines: tuple[RecordedEngine, ...]
    counts: Mapping[str, RecordedCounts]
    accepted: int
    matching: int
    settings: Mapping[str, float]
    versions: Mapping[str, str]
    input: InputRecord


def find_manifest_obstacle(batch: Batch) -> str:
    """Return why reports of a batch can have no manifest, as a sentence; "" if they can."""
    if not batch.has_input_record:
        return (
            "This batch was merged, or made by an earlier version of PostLens, so its files are not recorded: add "
            "them again as a new batch."
        )
    if batch.scored() < batch.manifest.n_posts:
        return "Some posts are not scored yet."
    parts = range(batch.n_parts)
    if len({batch.has_part("words", index) for index in parts}) > 1:
        return "Top words are computed for a part of the posts only."
    return ""


def describe_choices(
    filters: Filters,
    privacy: Privacy,
    exporter: ReportExporter | SummaryExporter,
    columns: Sequence[Column] = (),
) -> ReportChoices:
    """Describe what was chosen for a report.

    Args:
        filters: Which posts are in it.
        privacy: How much of the posts is shown.
        exporter: The format.
        columns: The columns of a table.
    """
    return ReportChoices(
        format=exporter.name,
        columns=tuple(column.name for column in columns),
        escapes_formulas=exporter != PLAIN_CSV,
        privacy=privacy.level.value,
        salt_check=compute_salt_check(privacy),
        filters=record_filters(filters),
    )


def compute_salt_check(privacy: Privacy) -> str:
    """Return a text that is equal for equal salts, from which the salt does not follow; "" without pseudonyms."""
    if privacy.shows_names:
        return ""
    return hashlib.blake2b(b"manifest", key=privacy.salt, digest_size=16).hexdigest()


def make_manifest(
    batch: Batch,
    choices: ReportChoices,
    content: IO[bytes],
    posts: int,
    made_at: datetime | None = None,
) -> ReportManifest:
    """Make the manifest of a report that was written.

    Args:
        batch: The batch, scored.
        choices: From `describe_choices`; the batch's custom topics, labels and time zone are added.
        content: The report, open for reading.
        posts: Number of posts in it.
        made_at: Its time; None for the present.

    Raises:
        PostLensError: The batch does not have what a manifest needs (`find_manifest_obstacle`).
    """
    record, obstacle = batch.input_record(), find_manifest_obstacle(batch)
    if record is None or obstacle:
        fact = f"cannot be made: {obstacle[:1].lower()}{obstacle[1:]}".rstrip(".")
        raise PostLensError("The manifest", fact, "Score all posts, or add the files again as a new batch.")
    current = Batch(batch.folder, batch.settings).manifest  # workers of a cluster may have changed it
    digest = compute_file_digest(content)
    topics = batch.custom_topics.topics if batch.custom_topics else ()
    return ReportManifest(
        manifest_format=MANIFEST_FORMAT,
        made_at=made_at or datetime.now(UTC),
        batch=current.name,
        report=RecordedReport(digest, content.seek(0, 2), posts),
        choices=replace(
            choices,
            custom_topics=tuple(topic.name for topic in topics),
            topic_definitions=tuple(
                topic.without_texts() for topic in topics if topic != CustomTopic(topic.name)
            ),
            themes_seed=batch.themes.seed if batch.themes else None,
            labels=record_labels(batch),
            training_posts=record_training_posts(batch),
            timezone=batch.timezone,
        ),
        bundle=current.bundle or "",
        has_words=batch.has_part("words", 0),
        engines=tuple(from_json_value(RecordedEngine, dict(engine)) for engine in current.engines),
        counts={kind: RecordedCounts(**counts) for kind, counts in current.counts.items()},
        accepted=current.n_posts,
        matching=query.count_matching_posts(batch, parse_recorded_filters(choices.filters)),
        settings=asdict(batch.settings),
        versions=list_versions(),
        input=record,
    )


def make_table_manifest(
    batch: Batch,
    filters: Filters,
    columns: Sequence[Column],
    exporter: ReportExporter,
    privacy: Privacy,
) -> ReportManifest:
    """Write a table of posts to a temporary file, and make its manifest; see `write_report_table`."""
    with tempfile.TemporaryFile() as content:
        posts = write_report_table(batch, filters, columns, content, exporter, privacy)
        return make_manifest(batch, describe_choices(filters, privacy, exporter, columns), content, posts)


def export_manifest(manifest: ReportManifest) -> bytes:
    """Write a manifest as JSON, with one value per line, so that two of them can be compared."""
    return json.dumps(to_json_value(manifest), indent=2).encode("ascii") + b"\n"
