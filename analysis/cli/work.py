"""The working folder of `postlens score`, next to the report, from which an interrupted run can be resumed.

    .<report>.work/   hidden, because it may be in INPUT; readable by its owner only
        .lock         locked by the running command
        input.json    a fingerprint of INPUT: names, sizes and times of its files
        home/         a workspace with one batch (`analysis.workspace`)

It is removed once the report is written, input.json first, because a run without it cannot be resumed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from analysis.cli.input_options import InputOptions
from analysis.cli.shared import (
    BATCH_ID,
    StoredInput,
    is_url_argument,
    name_folder_in_errors,
    rejected_output_path,
    store_command_input,
)
from analysis.errors import WorkspaceError

_LOCK, _FINGERPRINT, _HOME = ".lock", "input.json", "home"


def resumable_work_folder(out: Path) -> Path:
    """Return the working folder of a report."""
    return out.with_name(f".{out.name}.work")


@contextmanager
def resumable_command_batch(
    out: Path,
    source: Path | str,
    media: Path | str | None,
    resume: bool,
    options: InputOptions | None = None,
    manifest: Path | None = None,
) -> Iterator[StoredInput]:
    """Store INPUT as a batch of the working folder, or open the batch of an interrupted run.

    Args:
        out: The report.
        source: INPUT.
        media: Folder with images.
        resume: Continue the interrupted run; otherwise it is discarded.
        options: The options that describe INPUT.
        manifest: Where the manifest of the report is written, which is no input; None if there is none.

    Yields:
        See `StoredInput`; without a summary if the run is continued.

    Raises:
        ClickException: INPUT or an option has changed since the interrupted run, the run did not record what the
            manifest needs, or the path is not UTF-8.
        WorkspaceError: The folder cannot be written, or another process uses it.
    """
    from analysis.temporary import OWNER_ONLY_FOLDER
    from analysis.workspace.files import lock_file_exclusively, open_atomically, wrap_disk_errors

    folder = resumable_work_folder(out)
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError as error:  # Arrow and DuckDB do not support such paths
        raise click.ClickException(
            f"The report's path is not valid UTF-8: {click.format_filename(folder.parent.absolute() / out.name)}. "
            "Choose a file in another folder."
        ) from error
    written = (out, rejected_output_path(out), *([manifest] if manifest else []))
    outputs = {path.resolve() for path in written}
    options = options or InputOptions()
    fingerprint = _fingerprint(source, media, outputs, options)
    elsewhere = "write the report to a folder on another disk"
    with name_folder_in_errors(folder.parent, elsewhere), wrap_disk_errors(str(folder)):
        out.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        folder.chmod(OWNER_ONLY_FOLDER)
    with (
        name_folder_in_errors(folder.parent, elsewhere),
        lock_file_exclusively(folder / _LOCK, f"Batch {BATCH_ID}"),
    ):
        previous = _read_fingerprint(folder)
        if previous is not None and not resume:
            click.echo(f"Discarded an interrupted run; --resume would have continued it ({folder})", err=True)
        if previous is not None and resume and previous != fingerprint:
            raise click.ClickException(
                f"{source} or an option about it has changed since the interrupted run in {folder}. "
                "Run without --resume to start again."
            )
        stored = _stored_batch(folder) if previous is not None and resume else None
        if manifest and stored and stored.batch and not stored.batch.has_input_record:
            raise click.ClickException(
                f"The interrupted run in {folder} had no --manifest, so it did not record the files of {source}. "
                "Run without --resume to start again, or without --manifest to continue."
            )
        if stored is None:
            with wrap_disk_errors(str(folder)):
                _remove(folder, {_LOCK})
                with open_atomically(folder / _FINGERPRINT) as file:
                    file.write(json.dumps(fingerprint).encode())
        yield stored or store_command_input(
            source, media, folder, outputs, options, recorded=manifest is not None
        )
        with suppress(OSError):
            _remove(folder, {_LOCK})
            (folder / _LOCK).unlink()
            folder.rmdir()


def _read_fingerprint(folder: Path) -> object:
    """Read the fingerprint of an interrupted run; None if there is none, or its folder was partly removed."""
    try:
        return json.loads((folder / _FINGERPRINT).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _stored_batch(folder: Path) -> StoredInput | None:
    """Open the batch of an interrupted run; None if it was not stored completely, or is damaged."""
    from analysis.workspace import Workspace
    from analysis.workspace.files import wrap_disk_errors

    elsewhere = "write the report to a folder on another disk"
    with name_folder_in_errors(folder.parent, elsewhere), wrap_disk_errors(str(folder)):
        _remove(folder, {_LOCK, _FINGERPRINT, _HOME})  # such as downloads of a killed run
    workspace = Workspace(folder / _HOME)
    if not workspace.has(BATCH_ID):
        return None
    try:
        batch = workspace.open(BATCH_ID)
        rejected = batch.rejected()
        for index in range(batch.n_parts):
            for media_id in batch.part_of_posts(index, ["images"])["images"].explode().dropna():
                if not batch.media_path(media_id).is_file():
                    raise WorkspaceError(
                        f"Batch {batch.id}", "has no file for an image", "Read the input again."
                    )
    except WorkspaceError as error:
        click.echo(f"The interrupted run in {folder} is damaged and starts again: {error.fact}", err=True)
        return None
    return StoredInput(batch, rejected)


def _remove(folder: Path, keep: Set[str]) -> None:
    """Remove the contents of a folder; input.json first, so that a partly removed run cannot be resumed.

    Raises:
        OSError: Something cannot be removed.
    """
    from analysis.temporary import release_temporary_folder

    if _FINGERPRINT not in keep:
        (folder / _FINGERPRINT).unlink(missing_ok=True)
    for root in (folder, folder / _HOME):
        release_temporary_folder(root)
    for each in list(folder.iterdir()):
        if each.name not in keep:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def _fingerprint(
    source: Path | str, media: Path | str | None, exclude: Set[Path], options: InputOptions
) -> dict[str, str]:
    """Hash the options, and the names, sizes and times of INPUT's files."""
    from analysis.intake.remote import hash_remote_files

    digest = hashlib.sha256(options.fingerprint().encode("utf-8", "surrogateescape"))
    places = [place for place in (source, media) if place]
    for address in filter(is_url_argument, places):
        digest.update(hash_remote_files(str(address)).encode())
    for path in sorted(
        {path for place in places if not is_url_argument(place) for path in _paths(Path(place)) - exclude}
    ):
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return {"sha256": digest.hexdigest()}


def _paths(source: Path) -> set[Path]:
    """List the files that are read; hidden ones are not."""
    if source.is_file():
        return {source.resolve()}
    files = (path for path in source.rglob("*") if path.is_file())
    return {
        path.resolve() for path in files if not any(part[0] == "." for part in path.relative_to(source).parts)
    }
