"""`postlens score` writes a report; `postlens explain` writes the explanation of one post."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.input_options import input_options, pop_input_options
from analysis.cli.label_options import LABELS, add_command_labels
from analysis.cli.manifest_options import MANIFEST, check_manifest_options, write_command_manifest
from analysis.cli.privacy_options import AS_GIVEN, privacy_options, read_command_privacy
from analysis.cli.shared import (
    INPUT,
    MEDIA,
    MODEL,
    NothingScored,
    OutputFile,
    show_progress,
    temporary_command_batch,
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

if TYPE_CHECKING:
    from analysis.exporters import ExplanationExporter, ReportExporter
    from analysis.model import Bundle
    from analysis.workspace import Batch


def _reports() -> type[ReportExporter]:
    from analysis.exporters import ReportExporter

    return ReportExporter


def _explanations() -> type[ExplanationExporter]:
    from analysis.exporters import ExplanationExporter

    return ExplanationExporter


@click.command()
@INPUT
@click.option(
    "--out", type=OutputFile(_reports), required=True, help="The report; its suffix determines the format."
)
@MEDIA
@input_options
@MODEL
@click.option(
    "--engine",
    type=click.Choice(["auto", "openvino", "torch", "ray"]),
    default="auto",
    show_default=True,
    help="Engine that runs the encoders; auto: a GPU if there is one, else OpenVINO for many posts and PyTorch for "
    "few; ray: the workers of a cluster, on which the folder of the report must be mounted.",
)
@click.option(
    "--address", help="Address of the Ray cluster; by default --engine ray uses the cores of this machine."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Workers of --engine ray, one core each; by default one per core.",
)
@click.option(
    "--gpus-per-worker",
    "gpus",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="GPUs per worker of --engine ray; 0.5 lets two workers share one.",
)
@click.option(
    "--words/--no-words",
    default=True,
    show_default=True,
    help="Compute the most influential words of each post. Models with an additive fusion compute them with the "
    "scores; others take up to 1 s per post.",
)
@click.option(
    "--pixels",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write a heat map of each image into DIR. Models with an additive fusion have computed them with the "
    "scores; others take about 1 s per post.",
)
@click.option(
    "--escape/--no-escape",
    default=True,
    show_default=True,
    help="In CSV, put an apostrophe before text that a spreadsheet would run as a formula.",
)
@topic_options
@LABELS
@privacy_options
@MANIFEST
@click.option("--resume", is_flag=True, help="Resume an interrupted run for the same report.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print progress as one JSON object per line on standard output."
)
def score(
    source: Path | str,
    out: Path,
    media: Path | str | None,
    bundle: str,
    engine: str,
    address: str | None,
    workers: int | None,
    gpus: float,
    words: bool,
    pixels: Path | None,
    escape: bool,
    topics: str,
    topics_file: Path | None,
    labels: Path | None,
    privacy: str,
    salt_file: Path | None,
    manifest: Path | None,
    resume: bool,
    as_json: bool,
    **about_input: Any,
) -> None:
    """Score INPUT (a table, a zip, a folder, or an object-storage URL) and write a report.

    Rejected rows and files are listed in a second file, <report>.rejected.csv. Until the report is written, finished
    parts are stored in .<report>.work, where --resume continues.
    """
    if engine != "ray" and (address or workers or gpus):
        raise click.UsageError("--address, --workers and --gpus-per-worker are for --engine ray.")
    if pixels and privacy != AS_GIVEN:
        raise click.UsageError(
            f"--pixels writes pictures, which may show people and names; it cannot be used with --privacy {privacy}."
        )
    check_manifest_options(manifest, out, privacy, salt_file)
    chosen_privacy = read_command_privacy(privacy, salt_file)
    own_topics = read_command_topics(topics, topics_file, bundle)
    _start_readers(source, resume)
    with gc_paused():
        from analysis.api.output import open_output
        from analysis.cli.work import resumable_command_batch, resumable_work_folder
        from analysis.columns import report_columns
        from analysis.exporters import describe_choices, write_report_table
        from analysis.query import EVERY_POST
        from analysis.scoring.preload import may_have_at_least, preload_model

    many = engine != "ray" and not resume and may_have_at_least(source, Settings().openvino_from)
    local = "auto" if engine == "ray" else engine
    with (
        preload_model(bundle, local, many) as preloaded,
        resumable_command_batch(out, source, media, resume, pop_input_options(about_input), manifest) as (
            batch,
            rejected,
            summary,
        ),
    ):
        write_rejected(rejected, out, resumable_work_folder(out), chosen_privacy.shows_names)
        if batch is not None:
            model = preloaded.model()
            check_command_topics(model, own_topics)
            with gc_paused():
                from analysis.scoring.cluster import score_on_cluster
                from analysis.scoring.pipeline import score_batch
            with show_progress(as_json) as show:
                if engine == "ray":
                    score_on_cluster(batch, model, address=address, workers=workers, gpus=gpus, progress=show)
                words_left = words and not model.part_modalities  # others were computed with the scores
                if engine != "ray" or words_left:
                    chosen = preloaded.engine(batch.manifest.n_posts)
                    score_batch(batch, model, words=words_left, progress=show, engine=chosen)
            batch = add_command_labels(add_command_topics(batch, model, own_topics), model, labels)
            if pixels:
                drawn = _write_heat_maps(batch, model, pixels, as_json)
                click.echo(f"{drawn:,} heat map{'s' * (drawn != 1)} written to {pixels}", err=True)
            exporter = _choose_report_exporter(out, escape)
            columns = report_columns(
                model.heads,
                modalities=model.config.modalities,
                topics=own_topics,
                has_labels=bool(batch.labels),
            )
            with open_output(out, resumable_work_folder(out)) as target:
                written = write_report_table(batch, EVERY_POST, columns, target, exporter, chosen_privacy)
            if manifest:
                choices = describe_choices(EVERY_POST, chosen_privacy, exporter, columns)
                write_command_manifest(manifest, batch, choices, out, written)
    if batch is None:
        raise NothingScored(f"{source} has no post that could be scored.")
    described = "" if chosen_privacy.shows_names else f" with {chosen_privacy.level.title.lower()}"
    click.echo(f"{written:,} post{'s' * (written != 1)} scored, written to {out}{described}", err=True)
    if as_json:
        done = {"phase": "done", "posts": written, "rejected": len(rejected), "report": str(out)}
        click.echo(json.dumps(done | {"input": summary.as_json() if summary else None}))


@click.command()
@INPUT
@click.option("--post", "post_id", required=True, help="The post's id.")
@click.option(
    "--out",
    type=OutputFile(_explanations),
    required=True,
    help="The explanation; its suffix determines the format.",
)
@click.option(
    "--output", "wanted", help="What to explain, such as topic=daily_life. Default: the predicted sentiment."
)
@click.option(
    "--verify",
    is_flag=True,
    help="Also compute integrated gradients and checks, for models with an additive fusion; others have them anyway.",
)
@MEDIA
@input_options
@MODEL
@privacy_options
def explain(
    source: Path | str,
    post_id: str,
    out: Path,
    wanted: str | None,
    verify: bool,
    media: Path | str | None,
    bundle: str,
    privacy: str,
    salt_file: Path | None,
    **about_input: Any,
) -> None:
    """Explain one post of INPUT in a file, such as a self-contained HTML page."""
    with gc_paused():
        from analysis import query
        from analysis.api.explanation import explain_row
        from analysis.model import load_model

    if wanted is not None and "=" not in wanted:
        raise click.BadParameter(f"{wanted!r} is not of the form HEAD=CLASS, such as topic=daily_life.")
    read_command_privacy(privacy, salt_file)  # checks both before the post is read
    with temporary_command_batch(source, media, pop_input_options(about_input)) as (batch, _, _):
        if batch is None:
            raise NothingScored(f"{source} has no post that could be explained.")
        post = query.read_post(batch, post_id)
        explain_row(load_model(bundle), post, batch.media_path, wanted, verify).save(out, privacy, salt_file)
    click.echo(f"Explanation of {post_id} written to {out}", err=True)


def _start_readers(source: Path | str, resume: bool) -> None:
    """Start the worker processes that read INPUT: one for a file, several for a folder; none if a run is resumed."""
    from analysis.intake.worker_process import start_workers

    if not resume:
        start_workers(Settings().reader_processes if Path(source).is_dir() else 1)


def _choose_report_exporter(out: Path, escape: bool) -> ReportExporter:
    from analysis.exporters import CSV, PLAIN_CSV, ReportExporter, get_exporter

    exporter = get_exporter(out, ReportExporter)
    return PLAIN_CSV if exporter == CSV and not escape else exporter


def _write_heat_maps(batch: Batch, model: Bundle, folder: Path, as_json: bool) -> int:
    """Write the heat maps of all images to a folder; returns their number."""
    from analysis import query
    from analysis.exporters.heatmaps import export_heat_maps, list_heat_maps, write_heat_maps

    maps = list(list_heat_maps(batch, query.read_post_chunks(batch)))
    with show_progress(as_json) as show:
        export_heat_maps(batch, lambda: model, maps, progress=show)
    return write_heat_maps(maps, folder)
