"""What several commands share: their options, taking INPUT in, and writing files.

Exit codes: 0 done (rejected rows included), 1 an error, 2 nothing could be scored or the call is wrong.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from analysis.scoring.pace import Pace

if TYPE_CHECKING:
    import pandas as pd

    from analysis.intake import InputFile
    from analysis.workspace import Batch

BATCH_ID = "batch"
"""Of the one batch of a command's workspace."""

OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
MEDIA_FOLDER = click.option("--media", type=FOLDER, help="Folder with the posts' pictures.")
MODEL = click.option(
    "--model", "bundle", default="compact", show_default=True, help="A bundle's name or folder."
)


def is_address(place: str | Path) -> bool:
    """Tell an address such as s3://bucket/posts.csv from a path."""
    return isinstance(place, str) and "://" in place


class Place(click.Path):
    """A path that is there, or an address in object storage such as s3://bucket/posts.parquet."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give a path, or the address as it is."""
        return value if is_address(value) else super().convert(value, param, ctx)


INPUT = click.argument("source", metavar="INPUT", type=Place(exists=True, path_type=Path))
MEDIA = click.option(
    "--media",
    type=Place(exists=True, file_okay=False, path_type=Path),
    help="Folder with the posts' pictures, here or in object storage.",
)


class NothingScored(click.ClickException):
    """Nothing could be scored: exit code 2."""

    exit_code = 2


@contextmanager
def taken_in(source: Path | str, media: Path | str | None) -> Iterator[tuple[Batch | None, pd.DataFrame]]:
    """Take INPUT in, into a workspace that lasts as long as the command.

    Yields:
        The batch, None where no post could be taken; and the table of what was rejected.
    """
    from analysis.temporary import temporary_directory

    with temporary_directory() as folder:
        yield take_in(source, media, folder)


def take_in(
    source: Path | str, media: Path | str | None, folder: Path, without: Set[Path] = frozenset()
) -> tuple[Batch | None, pd.DataFrame]:
    """Take INPUT in, into the batch `BATCH_ID` of a workspace in a folder; see `taken_in`.

    What lies in object storage is copied into the folder for the while. Files in `without` are no input, such as a
    report that an earlier run wrote into the same folder.
    """
    from analysis.intake import check_batch, read_inputs
    from analysis.temporary import make_private
    from analysis.workspace import Workspace
    from analysis.workspace.files import writing

    with writing(str(folder)):
        pictures = make_private(folder / "media")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetched-") as fetched:
        if media and is_address(media) and str(media).startswith(str(source).rstrip("/") + "/"):
            media = None  # a part of INPUT
        here = _here(source, Path(fetched) / "input")
        files = input_files(here, _here(media, Path(fetched) / "media") if media else None)
        files = [file for file in files if not _is_one_of(file, without)]
        with _bar("reading", "file") as move:
            inputs = read_inputs(files, pictures, progress=move)
        with _bar("checking", "row") as move:
            checked = check_batch(inputs, progress=move)
    workspace = Workspace(folder / "home")
    batch = (
        workspace.create(checked, pictures, Path(source).name, batch_id=BATCH_ID)
        if len(checked.posts)
        else None
    )
    return batch, checked.rejected


@contextmanager
def _bar(doing: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error, where work takes more than two seconds."""
    from tqdm import tqdm

    with tqdm(desc=doing, unit=unit, delay=2, leave=False) as bar:

        def move(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield move


def _is_one_of(file: InputFile, paths: Set[Path]) -> bool:
    return isinstance(file.content, Path) and file.content.resolve() in paths


def _here(place: Path | str, folder: Path) -> Path:
    from analysis.intake.remote import fetch

    return fetch(str(place), folder) if is_address(place) else Path(place)


def input_files(source: Path, media: Path | None) -> list[InputFile]:
    """List the files of INPUT, and the pictures of the media folder if that is not a part of it."""
    from analysis.intake import files_in
    from analysis.intake.media import looks_like_picture

    files = files_in(source)
    if media and not media.resolve().is_relative_to(source.resolve()):
        files += [file for file in files_in(media) if looks_like_picture(file)]
    return files


def rejected_list(out: Path) -> Path:
    """Name the file that lists what was not taken for a report."""
    return out.with_suffix(".rejected.csv")


def list_rejected(rejected: pd.DataFrame, out: Path, within: Path | None = None) -> None:
    """List what was not taken in <out>.rejected.csv, and say so; nothing where all was taken.

    Args:
        rejected: What was not taken.
        out: The report.
        within: See `writable`.
    """
    from analysis.report import rejected_csv

    if len(rejected):
        listed = rejected_list(out)
        write(listed, rejected_csv(rejected), within)
        click.echo(f"{len(rejected):,} not taken, listed with reasons in {listed}", err=True)


@contextmanager
def progress_shown(as_json: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a work on posts is: by a bar, or for scripts by a JSON object a line on standard output.

    Args:
        as_json: Print {"phase", "done", "total", "posts_per_second", "seconds_left"}, the last two null at first.

    Yields:
        A function of the phase, posts done and posts in all.
    """
    from tqdm import tqdm

    if as_json:
        pace = Pace()

        def say(phase: str, done: int, total: int) -> None:
            pace.update(phase, done, total)
            left = None if pace.seconds_left is None else round(pace.seconds_left, 1)
            rate = round(pace.rate, 2) or None
            told = {
                "phase": phase,
                "done": done,
                "total": total,
                "posts_per_second": rate,
                "seconds_left": left,
            }
            click.echo(json.dumps(told))

        yield say
        return

    with tqdm(unit="post") as bar:

        def show(phase: str, done: int, total: int) -> None:
            bar.set_description(phase)
            bar.total, bar.n = total, done
            bar.refresh()

        yield show


@contextmanager
def writable(path: Path, within: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a file for atomic writing; its folders are created, and a refusal becomes a plain error.

    Args:
        path: Where; who may read the file is what the user's umask says.
        within: Our folder on the same disk for the incomplete file; None for a hidden file in the same folder.
    """
    from analysis.workspace.files import replacing

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # such as a pipe
            with path.open("wb") as target:
                yield target
        else:
            with replacing(path, within, private=False) as target:
                yield target
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be written ({error.strerror}). Name another file."
        ) from error


def write(path: Path, content: bytes, within: Path | None = None) -> None:
    """Write a whole file; see `writable`."""
    with writable(path, within) as target:
        target.write(content)
