"""The work of `postlens score` on disk: a folder beside the report, so that a run that was cut off can be carried on.

    .<report>.work/   hidden, since it may stand in INPUT; readable by its owner only
        .lock         held by the running command
        input.json    what INPUT was: names, sizes and times of its files
        home/         a workspace with the one batch (`analysis.workspace`)

It is removed when the report is written, input.json first: without it there is nothing to carry on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.shared import BATCH_ID, is_address, rejected_list, take_in
from analysis.errors import WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.workspace import Batch

_LOCK, _INPUT, _HOME = ".lock", "input.json", "home"


def work_folder(out: Path) -> Path:
    """Name the folder that holds the work for a report."""
    return out.with_name(f".{out.name}.work")


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
        ClickException: INPUT is not what it was, or the report's path is not UTF-8.
        WorkspaceError: The folder cannot be written, or another process works in it.
    """
    from analysis.temporary import OWNER_ONLY_FOLDER
    from analysis.workspace.files import only_one, replacing, writing

    folder = work_folder(out)
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError as error:  # Arrow and DuckDB take no such path
        raise click.ClickException(
            f"The report's path is not UTF-8: {click.format_filename(folder.parent.absolute() / out.name)}. "
            "Name a file in another folder."
        ) from error
    own = {out.resolve(), rejected_list(out).resolve()}
    said = _said(source, media, own)
    with writing(str(folder)):
        out.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        folder.chmod(OWNER_ONLY_FOLDER)
    with only_one(folder / _LOCK, f"Batch {BATCH_ID}"):
        before = _input_of(folder)
        if before is not None and not resume:
            click.echo(
                f"An unfinished run is thrown away; --resume would have carried on ({folder})", err=True
            )
        if before is not None and resume and before != said:
            raise click.ClickException(
                f"{source} is not what it was when {folder} was begun. Run without --resume to score it anew."
            )
        earlier = _taken_in(folder) if before is not None and resume else None
        if earlier is None:
            with writing(str(folder)):
                _remove(folder, {_LOCK})
                with replacing(folder / _INPUT) as file:
                    file.write(json.dumps(said).encode())
        yield earlier or take_in(source, media, folder, own)
        with suppress(OSError):
            _remove(folder, {_LOCK})
            (folder / _LOCK).unlink()
            folder.rmdir()


def _input_of(folder: Path) -> object:
    """Read what INPUT was; None where no run was begun, or its folder was being removed."""
    try:
        return json.loads((folder / _INPUT).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _taken_in(folder: Path) -> tuple[Batch, pd.DataFrame] | None:
    """Open the batch that was taken in; None where that was cut off, or the batch is no longer whole."""
    from analysis.workspace import Workspace
    from analysis.workspace.files import writing

    with writing(str(folder)):
        _remove(folder, {_LOCK, _INPUT, _HOME})  # such as files fetched by a run that was killed
    workspace = Workspace(folder / _HOME)
    if not workspace.has(BATCH_ID):
        return None
    try:
        batch = workspace.open(BATCH_ID)
        rejected = batch.rejected()
        for index in range(batch.n_parts):
            for media_id in batch.part_of_posts(index, ["images"])["images"].explode().dropna():
                if not batch.media_path(media_id).is_file():
                    raise WorkspaceError(f"Batch {batch.id}", "lacks a picture", "Take it in again.")
    except WorkspaceError as error:
        click.echo(f"The unfinished run in {folder} is not whole and begins again: {error.fact}", err=True)
        return None
    return batch, rejected


def _remove(folder: Path, keep: Set[str]) -> None:
    """Remove what a folder holds; input.json first, so that what is left after a kill is not carried on.

    Raises:
        OSError: If something cannot be removed.
    """
    from analysis.temporary import release

    if _INPUT not in keep:
        (folder / _INPUT).unlink(missing_ok=True)
    for used in (folder, folder / _HOME):
        release(used)
    for each in list(folder.iterdir()):
        if each.name not in keep:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


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
