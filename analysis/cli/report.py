"""`postlens report` scores posts and writes a summary report: a self-contained page or slides."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click

from analysis.cli.input_options import input_options, pop_input_options
from analysis.cli.label_options import LABELS, add_command_labels
from analysis.cli.manifest_options import MANIFEST, check_manifest_options, write_command_manifest
from analysis.cli.privacy_options import privacy_options, read_command_privacy
from analysis.cli.shared import (
    INPUT,
    MEDIA,
    MODEL,
    NothingScored,
    show_progress,
    write_output_file,
    write_rejected,
)
from analysis.cli.topic_options import (
    add_command_topics,
    check_command_topics,
    read_command_topics,
    topic_options,
)
from analysis.imports import gc_paused
from analysis.settings import Settings
from analysis.wording import format_posts


@click.command()
@INPUT
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The report: a page (.html) or slides (.pptx).",
)
@MEDIA
@input_options
@MODEL
@topic_options
@LABELS
@privacy_options
@MANIFEST
@click.option("--resume", is_flag=True, help="Resume an interrupted run for the same report.")
def report(
    source: Path | str,
    out: Path,
    media: Path | str | None,
    bundle: str,
    topics: str,
    topics_file: Path | None,
    labels: Path | None,
    privacy: str,
    salt_file: Path | None,
    manifest: Path | None,
    resume: bool,
    **about_input: Any,
) -> None:
    """Score INPUT and write a summary report: findings, charts, striking posts, methods and limits.

    Rejected rows and files are listed in a second file, as `postlens score` does.
    """
    check_manifest_options(manifest, out, privacy, salt_file)
    with gc_paused():
        from analysis.cli.work import resumable_command_batch, resumable_work_folder
        from analysis.exporters import SummaryExporter, describe_choices, get_exporter, summarise_batch
        from analysis.query import EVERY_POST
        from analysis.scoring.pipeline import score_batch
        from analysis.scoring.preload import may_have_at_least, preload_model

    exporter = get_exporter(out, SummaryExporter)
    chosen_privacy = read_command_privacy(privacy, salt_file)
    own_topics = read_command_topics(topics, topics_file, bundle)
    many = not resume and may_have_at_least(source, Settings().openvino_from)
    with (
        preload_model(bundle, "auto", many) as preloaded,
        resumable_command_batch(out, source, media, resume, pop_input_options(about_input), manifest) as (
            batch,
            rejected,
            _,
        ),
    ):
        write_rejected(rejected, out, resumable_work_folder(out), chosen_privacy.shows_names)
        if batch is None:
            raise NothingScored(f"{source} has no post that could be scored.")
        model = preloaded.model()
        check_command_topics(model, own_topics)
        with show_progress() as show:
            engine = preloaded.engine(batch.manifest.n_posts)
            score_batch(batch, model, words=not model.part_modalities, progress=show, engine=engine)
        batch = add_command_labels(add_command_topics(batch, model, own_topics), model, labels)
        summary = summarise_batch(batch, EVERY_POST, model.config, model.metrics, chosen_privacy)
        content = io.BytesIO()
        exporter.write(summary, content)
        write_output_file(out, content.getvalue(), resumable_work_folder(out))
        posts = summary.headline.totals.posts
        if manifest:
            choices = describe_choices(EVERY_POST, chosen_privacy, exporter)
            write_command_manifest(manifest, batch, choices, out, posts, summary.created_at)
    click.echo(f"Report on {format_posts(posts)} written to {out}", err=True)
