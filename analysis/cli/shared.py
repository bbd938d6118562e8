"""Code shared by several commands: options, reading INPUT, progress, and writing files.

Exit codes: 0 done (even if rows were rejected), 1 an error, 2 nothing could be scored or the usage is wrong.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from analysis.cli.input_options import InputOptions
from analysis.errors import PostLensError
from analysis.imports import gc_paused
from analysis.scoring.pace import Pace, Progress
from analysis.wording import make_printable

if TYPE_CHECKING:
    import pandas as pd

    from analysis.exporters import Exporter
    from analysis.intake.summary import InputSummary
    from analysis.workspace import Batch

_SHOWN_NAME = 60  # characters of a file's name in a progress bar
BATCH_ID = "batch"
"""The id of the only batch in a command's workspace."""

OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
MEDIA_FOLDER = click.option("--media", type=FOLDER, help="Folder with the posts' images.")
MODEL = click.option(
    "--model", "bundle", default="compact", show_default=True, help="A bundle's name or folder."
)


def is_url_argument(place: str | Path) -> bool:
    """Check whether a place is an address such as s3://bucket/posts.csv rather than a path."""
    return isinstance(place, str) and "://" in place


class Place(click.Path):
    """An existing path, or an address in object storage such as s3://bucket/posts.parquet."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a path, or the address unchanged."""
        return value if is_url_argument(value) else super().convert(value, param, ctx)


class OutputFile(click.Path):
    """A file to write, whose suffix names a registered format.

    Args:
        load: Returns the kind of exporter, such as `ReportExporter`; called when a value is checked or help is shown,
            because exporters import much.
    """

    def __init__(self, load: Callable[[], type[Exporter]]) -> None:
        super().__init__(dir_okay=False)
        self._load = load

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, if a format has its suffix."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        with gc_paused():
            from analysis.exporters import get_exporter
        try:
            get_exporter(path, self._load())
        except PostLensError as error:
            self.fail(str(error), param, ctx)
        return path

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Name the suffixes of all formats."""
        from analysis.exporters import format_exporter_suffixes

        return f"FILE ({format_exporter_suffixes(self._load())})"


INPUT = click.argument("source", metavar="INPUT", type=Place(exists=True, path_type=Path))
MEDIA = click.option(
    "--media",
    type=Place(exists=True, file_okay=False, path_type=Path),
    help="Folder with the posts' images, on this computer or in object storage.",
)


class NothingScored(click.ClickException):
    """Nothing could be scored: exit code 2."""

    exit_code = 2


class StoredInput(NamedTuple):
    """INPUT as a batch, or None if all posts were rejected; what was rejected; and a summary of what was read."""

    batch: Batch | None
    rejected: pd.DataFrame
    summary: InputSummary | None = None


@contextmanager
def name_folder_in_errors(folder: Path, remedy: str) -> Iterator[None]:
    """Name the folder that cannot be written in errors that would advise another POSTLENS_HOME, which is not used.

    Args:
        folder: Where files are written.
        remedy: How to write to another disk, as the end of a sentence.

    Raises:
        PostLensError: Instead of such an error.
    """
    try:
        yield
    except PostLensError as error:
        if "POSTLENS_HOME" not in error.remedy:
            raise
        advice = f"Free some space in {click.format_filename(folder)}, check your permissions, or {remedy}."
        raise type(error)(error.thing, error.fact, advice) from error


@contextmanager
def temporary_command_batch(
    source: Path | str, media: Path | str | None, options: InputOptions
) -> Iterator[StoredInput]:
    """Store INPUT as a batch of a temporary workspace, which is removed when the block ends."""
    from analysis.temporary import temporary_directory

    with (
        temporary_directory() as folder,
        name_folder_in_errors(folder, "set TMPDIR to a folder on another disk"),
    ):
        yield store_command_input(source, media, folder, options=options)


def store_command_input(
    source: Path | str,
    media: Path | str | None,
    folder: Path,
    exclude: Set[Path] = frozenset(),
    options: InputOptions | None = None,
    recorded: bool = False,
) -> StoredInput:
    """Store INPUT as the batch `BATCH_ID` of a workspace in a folder, and print a summary to standard error.

    Args:
        source: INPUT; files in object storage are first copied into the folder, and removed afterwards.
        media: Folder with the posts' images.
        folder: The folder of the workspace.
        exclude: Files that are not input, such as a report that an earlier run wrote into the same folder.
        options: The options that describe INPUT.
        recorded: Whether the batch keeps the hashes of all files, which are read again for it, and how they were
            read: for a manifest.

    Raises:
        ClickException: No table has a column that the options name.
    """
    from analysis.api.posts import read_files
    from analysis.intake import check_batch
    from analysis.intake.recognition import recognise_table
    from analysis.intake.record import record_input
    from analysis.intake.summary import summarise_intake
    from analysis.temporary import make_folder_private
    from analysis.workspace import Workspace
    from analysis.workspace.files import wrap_disk_errors

    options = options or InputOptions()
    with wrap_disk_errors(str(folder)):
        images = make_folder_private(folder / "media")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetched-") as fetched:
        if media and is_url_argument(media) and str(media).startswith(str(source).rstrip("/") + "/"):
            media = None  # already part of INPUT
        local = _fetch(source, Path(fetched) / "input")
        local_media = _fetch(media, Path(fetched) / "media") if media else None
        with _progress_bar("reading", "file") as update, _file_bar() as update_file:
            inputs = read_files(
                local, local_media, images, exclude, update, options.import_options(), update_file
            )
        found = {table.name: recognise_table(table) for table in inputs.tables}
        mappings = options.mappings(inputs, found)
        with _progress_bar("checking", "row") as update:
            checked = check_batch(inputs, mappings, progress=update, timezones=options.timezone)
        record = record_input(inputs, mappings, options.timezone) if recorded else None
    summary = summarise_intake(inputs, checked, found, mappings)
    for line in summary.lines():
        click.echo(line, err=True)
    workspace = Workspace(folder / "home")
    batch = None
    if checked.n_posts:
        batch = workspace.create(checked, images, Path(source).name, batch_id=BATCH_ID, record=record)
    return StoredInput(batch, checked.rejected, summary)


@contextmanager
def _progress_bar(doing: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error, from its third second on."""
    from tqdm import tqdm

    with tqdm(desc=doing, unit=unit, delay=2, leave=False) as bar:

        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield update


@contextmanager
def _file_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show how much of a large file was read on standard error."""
    from tqdm import tqdm

    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, delay=2, leave=False) as bar:

        def update(name: str, done: int, total: int) -> None:
            bar.set_description(f"reading {make_printable(name)[:_SHOWN_NAME]}", refresh=False)
            bar.total = total
            bar.update(done - bar.n)

        yield update


def _fetch(place: Path | str, folder: Path) -> Path:
    from analysis.intake.remote import download_images

    return download_images(str(place), folder) if is_url_argument(place) else Path(place)


def rejected_output_path(out: Path) -> Path:
    """Return the path of the list of rejected rows and files of a report."""
    return out.with_suffix(".rejected.csv")


def write_rejected(
    rejected: pd.DataFrame, out: Path, within: Path | None = None, as_given: bool = True
) -> None:
    """Write the rejected rows and files to <out>.rejected.csv, if there are any, and print how many.

    Args:
        rejected: The rejected rows and files.
        out: The report.
        within: See `open_output`.
        as_given: Whether the report shows posts as given; if not, the list is not written, as it has original values.
    """
    from analysis.exporters import export_rejected_csv

    if len(rejected) and not as_given:
        click.echo(
            f"{len(rejected):,} rejected, not listed in a file, because the list has original values",
            err=True,
        )
    elif len(rejected):
        path = rejected_output_path(out)
        write_output_file(path, export_rejected_csv(rejected), within)
        click.echo(f"{len(rejected):,} rejected, listed with reasons in {path}", err=True)


@contextmanager
def show_progress(as_json: bool = False) -> Iterator[Progress]:
    """Show progress: as a bar, or for scripts as one JSON object per line on standard output.

    Args:
        as_json: Print {"phase", "done", "total", "posts_per_second", "seconds_left"}, the last two null at first.

    Yields:
        A function of the phase, the posts done and the posts in total.
    """
    from analysis.api.output import progress_bar

    if not as_json:
        with progress_bar() as show:
            yield show
        return
    pace = Pace()

    def print_json(phase: str, done: int, total: int) -> None:
        pace.update(phase, done, total)
        left = None if pace.seconds_left is None else round(pace.seconds_left, 1)
        rate = round(pace.rate, 2) or None
        values = {
            "phase": phase,
            "done": done,
            "total": total,
            "posts_per_second": rate,
            "seconds_left": left,
        }
        click.echo(json.dumps(values))

    yield print_json


def write_output_file(path: Path, content: bytes, within: Path | None = None) -> None:
    """Write a file; see `open_output`."""
    from analysis.api.output import open_output

    with open_output(path, within) as target:
        target.write(content)
