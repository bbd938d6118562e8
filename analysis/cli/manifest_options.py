"""The option `--manifest` of commands that write reports: a file that says how the report was made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.privacy_options import AS_GIVEN
from analysis.cli.shared import write_output_file

if TYPE_CHECKING:
    from analysis.exporters.manifest import ReportChoices
    from analysis.workspace import Batch

MANIFEST = click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write how the report was made, as JSON, so that `postlens reproduce` can make it again from the same "
    "files. It has no texts of posts, but names of the batch, files, columns and custom topics, searches, and values "
    "of filters such as authors and post ids, also with --privacy: keep it private if the report hides names.",
)


def check_manifest_options(manifest: Path | None, out: Path, privacy: str, salt_file: Path | None) -> None:
    """Check that a report can have a manifest.

    Raises:
        UsageError: The report is no file, or its pseudonyms could not be made again.
    """
    if manifest is None:
        return
    if privacy != AS_GIVEN and salt_file is None:
        raise click.UsageError(
            f"--manifest with --privacy {privacy} needs --salt-file: without it, the pseudonyms cannot be made again."
        )
    if out.exists() and not out.is_file():
        raise click.UsageError(f"--manifest needs a report that is a file, and {out} is not one.")
    if manifest.resolve() == out.resolve():
        raise click.UsageError("--manifest and --out name the same file.")


def write_command_manifest(
    path: Path,
    batch: Batch,
    choices: ReportChoices,
    out: Path,
    posts: int,
    made_at: datetime | None = None,
) -> None:
    """Write the manifest of a report.

    Args:
        path: The manifest.
        batch: The scored batch.
        choices: What was chosen for the report.
        out: The report.
        posts: Number of posts in it.
        made_at: The time in the report; None if it has none.
    """
    from analysis.exporters import export_manifest, make_manifest

    with out.open("rb") as content:
        found = make_manifest(batch, choices, content, posts, made_at)
    write_output_file(path, export_manifest(found))
    click.echo(f"Manifest written to {path}", err=True)
