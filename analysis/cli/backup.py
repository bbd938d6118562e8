"""`postlens backup` copies a workspace into one file, and `postlens restore` writes it to a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.settings import MB
from analysis.wording import format_count

if TYPE_CHECKING:
    from analysis.workspace import BackupSummary

_home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the workspace; by default $POSTLENS_HOME, or .postlens in your home folder.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_home
def backup(file: Path, home: Path | None) -> None:
    """Copy all batches, labels, topics and models of a workspace into FILE (a zip archive).

    PostLens may run meanwhile. FILE has everything that was uploaded, and the secret salt of pseudonyms: keep it as
    safe as the workspace.
    """
    from analysis.workspace import default_workspace_home, write_backup

    found = write_backup(home or default_workspace_home(), file)
    click.echo(f"Copied {_describe(found)} to {file}. Batches: {found.batches:,}.")
    for batch_id in found.left_out:
        click.echo(f"Batch {batch_id} was deleted meanwhile and is not in it.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_home
def restore(file: Path, home: Path | None) -> None:
    """Check every file of a backup, and write its workspace to a folder that is missing or empty."""
    from analysis.workspace import default_workspace_home, restore_backup

    target = home or default_workspace_home()
    found = restore_backup(file, target)
    click.echo(f"Restored {_describe(found)} to {target}. Batches: {found.batches:,}.")


def _describe(found: BackupSummary) -> str:
    return f"{format_count(found.files, 'file')} ({found.nbytes / MB:,.1f} MB)"
