"""The work of `postlens score` on disk: a folder beside the report, so that a run that was cut off can be carried on.

    .<report>.work/   hidden, since it may stand in INPUT
        input.json    what INPUT was: names, sizes and times of its files
        home/         a workspace with the one batch (`analysis.workspace`)

It is removed when the report is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.shared import BATCH_ID, is_address, rejected_list, take_in

if TYPE_CHECKING:
    import pandas as pd

    from analysis.workspace import Batch


@contextmanager
def work_of(
    out: Path, source: Path | str, media: Path | str | None, resume: bool
) -> Iterator[tuple[Batch | None, pd.DataFrame]]:
    """Take INPUT in, or find what an earlier run took in; see `taken_in` of `analysis.cli.shared`.

    Args:
        out: The report.
        source: INPUT.
        media: Folder with pictures.
        resume: Carry on with what the earlier run has done; without it that is thrown away.

    Raises:
        ClickException: INPUT is not what it was.
        WorkspaceError: The folder cannot be written.
    """
    from analysis.workspace.files import replacing, writing

    folder = out.with_name(f".{out.name}.work")
    own = {out.resolve(), rejected_list(out).resolve()}
    said = _said(source, media, own)
    started = (folder / "input.json").is_file()
    if started and not resume:
        click.echo(f"An unfinished run is thrown away; --resume would have carried on ({folder})", err=True)
    if started and resume:
        if json.loads((folder / "input.json").read_text(encoding="utf-8")) != said:
            raise click.ClickException(
                f"{source} is not what it was when {folder} was begun. Run without --resume to score it anew."
            )
        yield _batch(folder, source, media, own)
    else:
        with writing(str(folder)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            with replacing(folder / "input.json") as file:
                file.write(json.dumps(said).encode())
        yield take_in(source, media, folder, own)
    shutil.rmtree(folder, ignore_errors=True)


def _batch(
    folder: Path, source: Path | str, media: Path | str | None, own: Set[Path]
) -> tuple[Batch | None, pd.DataFrame]:
    """Open the batch that was taken in; take it in where that was cut off."""
    from analysis.workspace import Workspace

    if not (folder / "home" / "batches" / BATCH_ID).is_dir():
        return take_in(source, media, folder, own)
    batch = Workspace(folder / "home").open(BATCH_ID)
    return batch, batch.rejected()


def _said(source: Path | str, media: Path | str | None, own: Set[Path]) -> dict[str, str]:
    """Say what INPUT is, by a hash of its files' names, sizes and times."""
    from analysis.intake.remote import fingerprint

    digest = hashlib.sha256()
    places = [place for place in (source, media) if place]
    for address in filter(is_address, places):
        digest.update(fingerprint(str(address)).encode())
    for path in sorted(
        {path for place in places if not is_address(place) for path in _paths(Path(place)) - own}
    ):
        about = path.stat()
        digest.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return {"sha256": digest.hexdigest()}


def _paths(source: Path) -> set[Path]:
    """List the files that are taken in: hidden ones are not."""
    if source.is_file():
        return {source.resolve()}
    files = (path for path in source.rglob("*") if path.is_file())
    return {
        path.resolve() for path in files if not any(part[0] == "." for part in path.relative_to(source).parts)
    }
