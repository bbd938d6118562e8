"""`postlens score` writes a batch's report; `postlens explain` writes one post's explanation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.shared import (
    INPUT,
    MEDIA,
    MODEL,
    OUT,
    NothingScored,
    list_rejected,
    progress_shown,
    taken_in,
    writable,
    write,
)
from analysis.imports import gc_paused

if TYPE_CHECKING:
    from analysis.attribution import Output
    from analysis.model import Bundle
    from analysis.workspace import Batch


@click.command()
@INPUT
@click.option(
    "--out", type=OUT, required=True, help="The report; its suffix names the format, by default CSV."
)
@MEDIA
@MODEL
@click.option(
    "--engine",
    type=click.Choice(["auto", "openvino", "torch", "ray"]),
    default="auto",
    show_default=True,
    help="What runs the encoders; auto: a GPU if there is one, else OpenVINO for many posts and PyTorch for few; "
    "ray: the workers of a cluster, which must see the folder of the report.",
)
@click.option(
    "--address", help="Of the Ray cluster; without it, --engine ray uses the cores of this machine."
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Of --engine ray, one core each; by default all cores."
)
@click.option(
    "--gpus-per-worker",
    "gpus",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Of --engine ray; 0.5 lets two workers share one.",
)
@click.option("--words/--no-words", default=True, show_default=True, help="Find top words: up to 1 s a post.")
@click.option(
    "--pixels",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write a heat map of each picture into DIR: about 1 s a post.",
)
@click.option("--resume", is_flag=True, help="Carry on with a run for the same report that was cut off.")
@click.option(
    "--json", "as_json", is_flag=True, help="Tell progress as a JSON object a line on standard output."
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
    resume: bool,
    as_json: bool,
) -> None:
    """Score INPUT (a table, a zip or a folder, or the address of one in object storage) and write a CSV report.

    Rows and files that could not be taken are listed in a second file, <report>.rejected.csv. Until the report is
    written, what is done stands in .<report>.work, from where --resume carries on.
    """
    with gc_paused():
        from analysis.cli.work import work_folder, work_of
        from analysis.exporters import exporter_of, report_columns, write_table
        from analysis.model import load_model
        from analysis.query import Filters
        from analysis.scoring.cluster import score_on_cluster
        from analysis.scoring.pipeline import score_batch

    if engine != "ray" and (address or workers or gpus):
        raise click.UsageError("--address, --workers and --gpus-per-worker are for --engine ray.")
    with work_of(out, source, media, resume) as (batch, rejected):
        list_rejected(rejected, out, work_folder(out))
        if batch is not None:
            model = load_model(bundle)
            with progress_shown(as_json) as show:
                if engine == "ray":
                    score_on_cluster(batch, model, address=address, workers=workers, gpus=gpus, progress=show)
                if engine != "ray" or words:
                    own = "auto" if engine == "ray" else engine
                    score_batch(batch, model, words=words, progress=show, engine=own)
            if pixels:
                drawn = _draw(batch, model, pixels, as_json)
                click.echo(f"{drawn:,} heat map{'s' * (drawn != 1)} written to {pixels}", err=True)
            with writable(out, work_folder(out)) as target:
                written = write_table(batch, Filters(), report_columns(model.heads), target, exporter_of(out))
    if batch is None:
        raise NothingScored(f"{source} holds no post that could be scored.")
    click.echo(f"{written:,} post{'s' * (written != 1)} scored, written to {out}", err=True)
    if as_json:
        done = {"phase": "done", "posts": written, "rejected": len(rejected), "report": str(out)}
        click.echo(json.dumps(done))


@click.command()
@INPUT
@click.option("--post", "post_id", required=True, help="The post's id.")
@click.option("--out", type=OUT, required=True, help="The HTML page.")
@click.option("--output", "wanted", help="What to explain, as topic=daily_life. Default: the sentiment.")
@MEDIA
@MODEL
def explain(
    source: Path | str,
    post_id: str,
    out: Path,
    wanted: str | None,
    media: Path | str | None,
    bundle: str,
) -> None:
    """Explain one post of INPUT as a self-contained HTML page."""
    with gc_paused():
        from analysis import query
        from analysis.attribution import alone_scores, check_explanation, encode_post, explain_post
        from analysis.exporters import explanation_html
        from analysis.model import load_model
        from analysis.scoring.encodings import stored_picture

    with taken_in(source, media) as (batch, _):
        if batch is None:
            raise NothingScored(f"{source} holds no post that could be explained.")
        post = query.one(batch, post_id)
        pictures = [(name, stored_picture(batch.media_path(name), name)) for name in post["images"]]
        model = load_model(bundle)
        encoded = encode_post(model, post["text"], pictures)
        alone = alone_scores(model, encoded)
        ledger = explain_post(model, encoded, _output(wanted, alone))
        checks = check_explanation(model, encoded, ledger)
        titles = {
            name: title
            for head in model.heads.values()
            for name, title in zip(head.classes, head.titles, strict=True)
        }
        page = explanation_html(post, ledger, alone, pictures, model.id, titles, checks)
    write(out, page.encode("utf-8"))
    click.echo(f"Explanation of {post_id} written to {out}", err=True)


def _draw(batch: Batch, model: Bundle, folder: Path, as_json: bool) -> int:
    """Draw the heat maps of every post with pictures into a folder; how many there are."""
    from analysis import query
    from analysis.exporters.heatmaps import heat_maps_of, make_heat_maps, write_heat_maps

    maps = list(heat_maps_of(batch, query.chunks(batch)))
    with progress_shown(as_json) as show:
        make_heat_maps(batch, model, maps, progress=show)
    return write_heat_maps(maps, folder)


def _output(wanted: str | None, alone: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Output:
    """Read HEAD=CLASS; without it, the sentiment that is likeliest with everything the post has."""
    from analysis.attribution import Output

    if wanted is not None:
        head, given, name = wanted.partition("=")
        if not given:
            raise click.BadParameter(f"{wanted!r} is not of the form HEAD=CLASS, such as topic=daily_life.")
        return Output(head, name)
    sentiment = next(iter(alone.values()))["sentiment"]
    return Output("sentiment", max(sentiment, key=sentiment.__getitem__))
