"""The command line, with the same engine as the dashboard: `postlens score | report | explain | evaluate | ...`.

Each command is in the file of its name; start with `score`. `shared` has the common options and the exit codes.
"""

from __future__ import annotations

import atexit
import gc

import click

from analysis.cli.backup import backup, restore
from analysis.cli.bench import bench
from analysis.cli.embed import embed
from analysis.cli.evaluate import evaluate
from analysis.cli.exporters import show_exporters
from analysis.cli.importers import show_importers
from analysis.cli.report import report
from analysis.cli.reproduce import reproduce
from analysis.cli.score import explain, score
from analysis.cli.shared import NothingScored
from analysis.cli.train import train
from analysis.errors import PostLensError
from analysis.logs import set_up_logs

__all__ = ["Commands", "NothingScored", "main"]


class Commands(click.Group):
    """Shows errors that users can resolve without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PostLensError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postlens")
def main() -> None:
    """Score social posts for sentiment and topics, and show what drove each score."""
    set_up_logs()
    # Without this, the garbage collector scans all objects at exit, which takes a second.
    atexit.register(gc.freeze)


for command in (
    score,
    report,
    explain,
    reproduce,
    embed,
    train,
    evaluate,
    bench,
    backup,
    restore,
    show_importers,
    show_exporters,
):
    main.add_command(command)
