"""`postlens bench` measures speed on this machine; each command runs one module of `analysis.bench`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from analysis.cli.shared import MODEL, write_output_file

F = TypeVar("F", bound=Callable[..., Any])

OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the figures to this JSON file.",
)


def _path_option(name: str, default: str, help_text: str, is_folder: bool = False) -> Callable[[F], F]:
    """Declare an option for an existing file or folder."""
    existing = click.Path(exists=True, file_okay=not is_folder, dir_okay=is_folder, path_type=Path)
    return click.option(name, type=existing, default=Path(default), show_default=True, help=help_text)


IMAGES = _path_option(
    "--images", "sample_posts/images", "Folder of JPEG images that the posts share.", is_folder=True
)
APP = _path_option("--app", "app.py", "The dashboard's app.py.")
CHROMIUM = _path_option("--chromium", "/usr/bin/chromium", "The browser's executable.")
HOME = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the workspace, as in POSTLENS_HOME.",
)


@click.group()
def bench() -> None:
    """Measure how fast PostLens is on this machine."""


@bench.command()
@MODEL
@click.option("--posts", default=2_000, show_default=True, help="Number of synthetic posts.")
@IMAGES
@click.option("--engine", default="auto", show_default=True, help="Engine that runs the encoders.")
@OUT
def scoring(bundle: str, posts: int, images: Path, engine: str, out: Path | None) -> None:
    """Time scoring from files, compared with BERT-base plus ResNet-50, and with the encoders alone."""
    from analysis.bench.scoring import time_scoring

    found = time_scoring(bundle, _list_images(images), posts, engine=engine)
    _show(found.lines())
    _write_figures(out, found.figures())


@bench.command()
@MODEL
@click.option("--posts", default=1_450, show_default=True, help="Number of synthetic posts with images.")
@APP
@OUT
def cold(bundle: str, posts: int, app: Path, out: Path | None) -> None:
    """Time new processes: the library, one scored post, the dashboard's first page, and a batch of posts."""
    from analysis.bench.cold import time_cold_scoring, time_cold_starts

    found = time_cold_starts(app)
    _show(f"{name:<28}{seconds:>7.2f} s" for name, seconds in found.items())
    scored = time_cold_scoring(bundle, posts)
    _show(scored.lines())
    _write_figures(out, {**found, **scored.figures()})


@bench.command("explain")
@MODEL
@click.option("--posts", default=12, show_default=True, help="Number of synthetic posts to explain.")
@OUT
def explanations(bundle: str, posts: int, out: Path | None) -> None:
    """Time explanations: modality values of 1,000 encoded posts, words and regions of single posts."""
    from analysis.bench.explain import time_explanations
    from analysis.model import load_model

    found = time_explanations(load_model(bundle), posts)
    _show(found.lines())
    _write_figures(out, found.figures())


@bench.command()
@HOME
@click.option("--posts", default=1_000_000, show_default=True, help="Number of synthetic posts.")
@IMAGES
@APP
@click.option(
    "--only", default="", help="One of: time_open_page, time_filters, time_sort_orders, time_csv_export."
)
def pages(home: Path, posts: int, images: Path, app: Path, only: str) -> None:
    """Time the dashboard's pages on a large batch, without a browser."""
    from analysis.bench.pages import time_pages

    _list_images(images)
    _show(time_pages(home, posts, images, app.resolve(), only))


@bench.command()
@HOME
@APP
@CHROMIUM
def browser(home: Path, app: Path, chromium: Path) -> None:
    """Time the pages in Chromium, on the batch that `postlens bench pages` wrote."""
    from analysis.bench.browser import time_in_browser

    _show(time_in_browser(home, app, chromium))


@bench.command()
@MODEL
@click.option("--posts", default=1_500, show_default=True, help="Number of synthetic posts.")
@IMAGES
def cluster(bundle: str, posts: int, images: Path) -> None:
    """Time scoring on one and on two Ray workers of one core each."""
    from analysis.bench.cluster import time_cluster
    from analysis.model import load_model

    _list_images(images)
    _show(time_cluster(load_model(bundle), posts, images))


@bench.command()
@click.option(
    "--input",
    "forms",
    type=click.Choice(["ndjson", "zst", "csv", "images"]),
    multiple=True,
    help="Kind of input; repeat it for several. All by default.",
)
@click.option("--mb", default=200, show_default=True, help="Size of a table, unpacked, in MB.")
@click.option("--images", default=2_000, show_default=True, help="Number of images of a folder.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the input is written; the system's temporary folder by default.",
)
@OUT
def intake(forms: tuple[str, ...], mb: int, images: int, folder: Path | None, out: Path | None) -> None:
    """Time reading, checking and storing of large files, and measure the memory of all processes."""
    from analysis.bench.intake import FORMS, time_intake
    from analysis.settings import MB

    figures = {}
    for form in forms or FORMS:
        found = time_intake(form, mb * MB, images, folder)
        _show(found.lines())
        figures[form] = found.figures()
    _write_figures(out, figures)


@bench.command()
def texts() -> None:
    """Time the cleaning of long, hostile texts."""
    from analysis.bench.texts import time_texts

    _show(time_texts())


def _list_images(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.jpg"))
    if not files:
        raise click.ClickException(f"{folder} has no .jpg files. Choose a folder of JPEG images.")
    return files


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _write_figures(out: Path | None, figures: Mapping[str, object]) -> None:
    if out:
        write_output_file(out, (json.dumps(figures, indent=1) + "\n").encode())
