"""`postlens reproduce` makes a report again from its manifest and the same files, and names what differs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.privacy_options import AS_GIVEN
from analysis.cli.shared import MODEL, OUT, name_folder_in_errors, show_progress
from analysis.imports import gc_paused
from analysis.wording import format_count, format_posts

if TYPE_CHECKING:
    from analysis.exporters import Privacy, ReportManifest
    from analysis.reproduction import Difference

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LISTED = 10  # files that are not in the manifest


@click.command()
@click.argument("manifest_file", metavar="MANIFEST", type=_FILE)
@click.argument("sources", metavar="INPUT...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=OUT, help="Where the report is written; by default it is only compared.")
@click.option(
    "--compare",
    "original",
    type=_FILE,
    help="The original report as CSV: if the new one differs, name the first row and the columns.",
)
@click.option("--salt-file", type=_FILE, help="The secret key of the report's pseudonyms, if it has some.")
@click.option(
    "--keep-going",
    is_flag=True,
    help="Make the report even if a file, the model or the salt differs, to see what else does.",
)
@MODEL
@click.pass_context
def reproduce(
    context: click.Context,
    manifest_file: Path,
    sources: tuple[Path, ...],
    out: Path | None,
    original: Path | None,
    salt_file: Path | None,
    keep_going: bool,
    bundle: str,
) -> None:
    """Make the report of MANIFEST again from INPUT: the same files, or folders with them.

    Files are found by their content, so they may have other names. The exit code is 0 if the report is identical;
    otherwise it is 1, and the differences are listed. Nothing is stored in the workspace.
    """
    with gc_paused():
        from analysis.api.output import open_output
        from analysis.exporters import read_report_manifest
        from analysis.model import load_model
        from analysis.reproduction import (
            compare_before_scoring,
            compare_csv_files,
            find_recorded_files,
            reproduce_report,
        )
        from analysis.temporary import temporary_directory
    manifest = read_report_manifest(manifest_file)
    privacy = _read_privacy(manifest, salt_file)
    places = (manifest_file, out, original, salt_file)
    ignored = {path.resolve() for path in places if path is not None}
    files = find_recorded_files(manifest.input, sources, ignored)
    _print_extra_files(files.extra)
    model = load_model(bundle)
    differences = [*files.differences, *compare_before_scoring(manifest, model, privacy)]
    if differences and not keep_going:
        _print_differences(differences)
        click.echo("Not made again, because the report would differ; --keep-going makes it anyway.", err=True)
        context.exit(1)
    with (
        temporary_directory() as folder,
        name_folder_in_errors(folder, "set TMPDIR to a folder on another disk"),
    ):
        again = folder / "report"
        with again.open("w+b") as target, show_progress() as show:
            made = reproduce_report(manifest, files, model, privacy, folder, target, show)
        differences += made.differences
        if not made.is_identical and original is not None and manifest.choices.format == "csv":
            differences += compare_csv_files(original, again)
        if out is not None:
            with again.open("rb") as content, open_output(out) as copy:
                shutil.copyfileobj(content, copy)
    facts = f"{format_posts(made.posts)}, {made.bytes:,} bytes, SHA-256 {made.sha256}"
    click.echo(f"{'Identical' if made.is_identical else 'Different'}: {facts}")
    _print_differences(differences)
    if not made.is_identical:
        if original is None and manifest.choices.format == "csv":
            click.echo("To see which posts and columns differ, give the original with --compare.", err=True)
        context.exit(1)


def _read_privacy(manifest: ReportManifest, salt_file: Path | None) -> Privacy:
    """Return the privacy of a manifest with the salt of a file, which is not created.

    Raises:
        UsageError: The report has pseudonyms, and there is no salt file; or the other way round.
    """
    from analysis.exporters import Privacy, PrivacyLevel
    from analysis.workspace.salt import read_salt_file

    level = manifest.choices.privacy
    if level == AS_GIVEN:
        if salt_file:
            raise click.UsageError("The report has no pseudonyms, so --salt-file is not needed.")
        return Privacy()
    if salt_file is None:
        raise click.UsageError(
            f"The report has the privacy {level}: give the secret key of its pseudonyms with --salt-file. Of a "
            "report from the dashboard, it is pseudonyms.salt in the folder of the workspace."
        )
    return Privacy(PrivacyLevel(level), read_salt_file(salt_file))


def _print_differences(differences: Sequence[Difference]) -> None:
    for difference in differences:
        click.echo(f"  {difference}")


def _print_extra_files(names: Sequence[str]) -> None:
    from analysis.reproduction import Difference

    for name in names[:_LISTED]:
        click.echo(str(Difference("input", f"{name} is not in the manifest, and is ignored")), err=True)
    more = len(names) - _LISTED
    if more > 0:
        verb = "is" if more == 1 else "are"
        click.echo(f"input: {format_count(more, 'more file')} {verb} not in the manifest", err=True)
