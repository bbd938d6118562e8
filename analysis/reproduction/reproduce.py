"""Reads and scores the files of a manifest as before, and writes its report again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

import torch

from analysis import query
from analysis.columns import Column, report_columns
from analysis.columns.themes import THEME_COLUMN, THEME_FILTER
from analysis.environment import list_versions
from analysis.errors import PostLensError
from analysis.exporters import CSV, PLAIN_CSV, Privacy, ReportExporter, SummaryExporter, list_exporters
from analysis.exporters.corrections import restore_labels
from analysis.exporters.manifest import RecordedCounts, ReportManifest, compute_salt_check
from analysis.exporters.recorded_filters import parse_recorded_filters
from analysis.exporters.report import write_report_table
from analysis.exporters.summary import summarise_batch
from analysis.intake import Inputs, check_batch
from analysis.intake.record import read_recorded_input
from analysis.model.bundle import Bundle
from analysis.model.engines import Engine, OpenVinoEngine, TorchEngine, choose_device
from analysis.reproduction.differences import Difference, compare_values
from analysis.reproduction.recorded_files import FoundFiles
from analysis.scoring.pace import Progress, ignore_progress
from analysis.scoring.pipeline import score_batch
from analysis.scoring.scorer import describe_engine
from analysis.search import find_custom_topics, find_themes
from analysis.settings import Settings
from analysis.temporary import make_folder_private
from analysis.wording import format_count, format_posts
from analysis.workspace import Batch, Workspace, write_themes
from analysis.workspace.digests import compute_file_digest

_REMEDY = "Give the files, the bundle and the version of PostLens that the manifest names."


@dataclass(frozen=True)
class Reproduction:
    """A report that was made again.

    Attributes:
        sha256: Its hash.
        bytes: Its size.
        posts: Posts in it.
        is_identical: Whether it equals the report of the manifest, byte for byte.
        differences: Everything that was not as the manifest says.
    """

    sha256: str
    bytes: int
    posts: int
    is_identical: bool
    differences: tuple[Difference, ...]


def compare_before_scoring(manifest: ReportManifest, bundle: Bundle, privacy: Privacy) -> list[Difference]:
    """Compare what is certain to change the report: the bundle and the salt of pseudonyms."""
    differences = []
    if bundle.id != manifest.bundle:
        differences.append(
            Difference("bundle", f"the model is {bundle.id} here, {manifest.bundle} in the manifest")
        )
    if compute_salt_check(privacy) != manifest.choices.salt_check:
        differences.append(Difference("salt", "the salt of pseudonyms is not that of the report"))
    return differences


def reproduce_report(
    manifest: ReportManifest,
    files: FoundFiles,
    bundle: Bundle,
    privacy: Privacy,
    folder: Path,
    target: IO[bytes],
    progress: Progress = ignore_progress,
) -> Reproduction:
    """Make the report of a manifest again.

    Args:
        manifest: The manifest.
        files: Its files (`find_recorded_files`).
        bundle: The model.
        privacy: The level of the manifest, with the salt of its pseudonyms.
        folder: A temporary folder for posts, images and scores.
        target: A binary file for the report, open for reading and writing.
        progress: Of scoring.

    Raises:
        PostLensError: The files cannot be read, give no posts, or the report cannot be written here, such as because
            the model does not know custom topics.
    """
    differences = compare_values("settings", manifest.settings, asdict(Settings()))
    differences += compare_values("versions", manifest.versions, list_versions())
    batch = _store_posts(manifest, files, folder, differences)
    with _recorded_engine(manifest, bundle, differences) as engine:
        words = manifest.has_words and not bundle.part_modalities
        score_batch(batch, bundle, words=words, progress=progress, engine=engine)
    if manifest.choices.labels:
        batch = restore_labels(batch, manifest.choices.labels, manifest.choices.training_posts)
    batch = batch.with_timezone(manifest.choices.timezone)
    seed = _find_themes_seed(manifest)
    if seed is not None and (themes := find_themes(batch, seed)):
        write_themes(batch, themes)
    if names := manifest.choices.custom_topics:
        defined = {topic.name: topic for topic in manifest.choices.topic_definitions}
        topics = [defined.get(name, name) for name in names]
        batch = batch.with_custom_topics(find_custom_topics(batch, bundle, topics))
    differences += _compare_posts(manifest, batch)
    posts = _write_report(manifest, batch, bundle, privacy, target, differences)
    digest, size = compute_file_digest(target), target.seek(0, 2)
    if posts != manifest.report.posts:
        differences.append(_describe_posts("in the report", posts, manifest.report.posts))
    is_identical = digest == manifest.report.sha256
    if not is_identical:
        text = f"the SHA-256 is {digest} here, {manifest.report.sha256} in the manifest"
        differences.append(Difference("report", text))
    return Reproduction(digest, size, posts, is_identical, tuple(differences))


def _find_themes_seed(manifest: ReportManifest) -> int | None:
    """Return the seed of the themes that the report needs; None if it has no filter, column or counts of them."""
    choices = manifest.choices
    if parse_recorded_filters(choices.filters).get(THEME_FILTER):
        return choices.themes_seed or 0  # which earlier versions did not record
    uses_themes = THEME_COLUMN in choices.columns or choices.format in _list_summaries()
    return choices.themes_seed if uses_themes else None


def _list_summaries() -> dict[str, SummaryExporter]:
    return {exporter.name: exporter for exporter in list_exporters(SummaryExporter)}


def _store_posts(
    manifest: ReportManifest, files: FoundFiles, folder: Path, differences: list[Difference]
) -> Batch:
    """Read the files as before and store the posts; differences of tables and counts are added to the list."""
    record, media = manifest.input, make_folder_private(folder / "media")
    inputs = _order_tables(read_recorded_input(record, files.contents, media), manifest, differences)
    checked = check_batch(
        inputs,
        {table.name: table.mapping for table in record.tables},
        timezones={table.name: table.timezone for table in record.tables},
    )
    for kind, counts in checked.counts.items():
        before = manifest.counts.get(kind, RecordedCounts(0, 0, 0))
        differences += [
            Difference(
                "counts",
                f"{format_count(now, kind)} {'was' if now == 1 else 'were'} {name} here, "
                f"{getattr(before, name):,} in the manifest",
            )
            for name, now in asdict(counts).items()
            if now != getattr(before, name)
        ]
    if not checked.n_posts:
        listed = "; ".join(str(each) for each in differences if each.kind in ("mapping", "counts"))
        raise PostLensError("The input", f"has no post that can be scored ({listed})", _REMEDY)
    return Workspace(folder / "home").create(
        checked, media, manifest.batch, batch_id="batch", kept=record.kept
    )


def _compare_posts(manifest: ReportManifest, batch: Batch) -> list[Difference]:
    """Compare how many posts were accepted, and match the filters."""
    accepted = batch.manifest.n_posts
    matching = query.count_matching_posts(batch, parse_recorded_filters(manifest.choices.filters))
    counts = (
        ("in the batch", accepted, manifest.accepted),
        ("selected by the filters", matching, manifest.matching),
    )
    return [_describe_posts(what, here, recorded) for what, here, recorded in counts if here != recorded]


def _describe_posts(what: str, here: int, recorded: int) -> Difference:
    verb = "is" if here == 1 else "are"
    return Difference("counts", f"{format_posts(here)} {verb} {what} here, {recorded:,} in the manifest")


def _order_tables(inputs: Inputs, manifest: ReportManifest, differences: list[Difference]) -> Inputs:
    """Put the tables in the order of the manifest, and name what is missing in them."""
    found = {table.name: table for table in inputs.tables}
    recorded = {table.name: table for table in manifest.input.tables}
    for name, table in recorded.items():
        if name not in found:
            differences.append(Difference("mapping", f"the table {name} was not found in the input"))
            continue
        absent = table.mapping.columns() - set(found[name].columns)
        differences += [
            Difference("mapping", f"{name} has no column {column}, which the manifest maps")
            for column in sorted(absent)
        ]
        if found[name].n_rows != table.rows:
            text = (
                f"{name} has {format_count(found[name].n_rows, 'row')} here, {table.rows:,} in the manifest"
            )
            differences.append(Difference("counts", text))
    differences += [
        Difference("mapping", f"the table {name} is not in the manifest")
        for name in found
        if name not in recorded
    ]
    ordered = [found[name] for name in recorded if name in found]
    return replace(
        inputs, tables=(*ordered, *(table for table in inputs.tables if table.name not in recorded))
    )


@contextmanager
def _recorded_engine(
    manifest: ReportManifest, bundle: Bundle, differences: list[Difference]
) -> Iterator[Engine]:
    """Start the engine of the manifest with its number of threads, which the last digits depend on."""
    recorded = manifest.engines[0]
    if len(manifest.engines) > 1:
        names = ", ".join(
            f"{each.name} with {format_count(each.threads, 'thread')}" for each in manifest.engines
        )
        text = f"the posts were scored in several runs ({names}); all are scored like the first here"
        differences.append(Difference("engine", text))
    threads = torch.get_num_threads()
    torch.set_num_threads(recorded.threads)
    try:
        engine = _start_engine(recorded.name, bundle)
        present = describe_engine(engine)
        differences += compare_values(
            "engine",
            {"the engine": recorded.name, "the processor": recorded.processor},
            {"the engine": present["name"], "the processor": present["processor"]},
        )
        for difference in compare_values("versions", recorded.versions, present["versions"]):
            if difference not in differences:
                differences.append(difference)
        yield engine
    finally:
        torch.set_num_threads(threads)


def _start_engine(name: str, bundle: Bundle) -> Engine:
    """Start an engine by the name that it has in a manifest; PyTorch on this processor if there is no such device."""
    if name == OpenVinoEngine.name:
        return OpenVinoEngine(bundle)
    device = name.removeprefix("torch (").removesuffix(")")
    return TorchEngine(bundle, device if device == choose_device() else "cpu")


def _write_report(
    manifest: ReportManifest,
    batch: Batch,
    bundle: Bundle,
    privacy: Privacy,
    target: IO[bytes],
    differences: list[Difference],
) -> int:
    """Write the report; columns that it cannot have are added to the list. Returns the number of posts."""
    choices, filters = manifest.choices, parse_recorded_filters(manifest.choices.filters)
    summaries = _list_summaries()
    if choices.format in summaries:
        summary = summarise_batch(batch, filters, bundle.config, bundle.metrics, privacy, manifest.made_at)
        summaries[choices.format].write(summary, target)
        return summary.headline.totals.posts
    exporters = {exporter.name: exporter for exporter in list_exporters(ReportExporter)}
    exporter = exporters[choices.format]
    if exporter == CSV and not choices.escapes_formulas:
        exporter = PLAIN_CSV
    columns = _find_columns(manifest, batch, bundle, differences)
    return write_report_table(batch, filters, columns, target, exporter, privacy)


def _find_columns(
    manifest: ReportManifest, batch: Batch, bundle: Bundle, differences: list[Difference]
) -> Sequence[Column]:
    """Return the columns of the manifest in their order; those that do not exist here are added to the list."""
    choices = manifest.choices
    topics = batch.custom_topics.topics if batch.custom_topics else ()
    known = {
        column.name: column
        for column in report_columns(
            bundle.heads,
            query.list_own_columns(batch),
            batch.settings,
            bundle.config.modalities,
            topics,
            has_labels=bool(batch.labels),
            has_themes=batch.themes is not None,
        )
    }
    differences += [
        Difference("report", f"the column {name} cannot be made from this input")
        for name in choices.columns
        if name not in known
    ]
    return [known[name] for name in choices.columns if name in known]
