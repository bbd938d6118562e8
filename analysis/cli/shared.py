"""What several commands share: their options, taking INPUT in, and writing files.

Exit codes: 0 done (rejected rows included), 1 an error, 2 nothing could be scored or the call is wrong.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from analysis.workspace import Batch

OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
INPUT = click.argument("source", metavar="INPUT", type=click.Path(exists=True, path_type=Path))
MEDIA = click.option("--media", type=FOLDER, help="Folder with the posts' pictures.")
MODEL = click.option(
    "--model", "bundle", default="compact", show_default=True, help="A bundle's name or folder."
)


class NothingScored(click.ClickException):
    """Nothing could be scored: exit code 2."""

    exit_code = 2


@contextmanager
def taken_in(source: Path, media: Path | None) -> Iterator[tuple[Batch | None, pd.DataFrame]]:
    """Take INPUT in, into a workspace that lasts as long as the command.

    Yields:
        The batch, None where no post could be taken; and the table of what was rejected.
    """
    from analysis.intake import check_batch, files_in, read_inputs
    from analysis.intake.media import looks_like_picture
    from analysis.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="postlens-") as folder:
        pictures = Path(folder) / "media"
        files = files_in(source)
        if media and not media.resolve().is_relative_to(source.resolve()):
            files += [file for file in files_in(media) if looks_like_picture(file)]
        checked = check_batch(read_inputs(files, pictures))
        workspace = Workspace(Path(folder) / "home")
        batch = workspace.create(checked, pictures, source.name) if len(checked.posts) else None
        yield batch, checked.rejected


def list_rejected(rejected: pd.DataFrame, out: Path) -> None:
    """List what was not taken in <out>.rejected.csv, and say so; nothing where all was taken."""
    from analysis.report import rejected_csv

    if len(rejected):
        listed = out.with_suffix(".rejected.csv")
        write(listed, rejected_csv(rejected))
        click.echo(f"{len(rejected):,} not taken, listed with reasons in {listed}", err=True)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a work on posts is.

    Yields:
        A function of the phase, posts done and posts in all.
    """
    from tqdm import tqdm

    with tqdm(unit="post") as bar:

        def show(phase: str, done: int, total: int) -> None:
            bar.set_description(phase)
            bar.total, bar.n = total, done
            bar.refresh()

        yield show


@contextmanager
def writable(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, made with its folders; a refusal is told in words."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            yield target
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be written ({error.strerror}). Name another file."
        ) from error


def write(path: Path, content: bytes) -> None:
    """Write a whole file; see `writable`."""
    with writable(path) as target:
        target.write(content)
