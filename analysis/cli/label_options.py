"""The option of commands that write reports: labels of people for the posts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.wording import format_posts, make_printable

if TYPE_CHECKING:
    from analysis.model import Bundle
    from analysis.workspace import Batch

LABELS = click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table with labels of people (columns post_id or text, sentiment, topics, tone, tags, note, coder), or an "
    "export of Label Studio or doccano. In a table of posts, they replace the model's sentiment of these posts. A "
    "summary report marks its example posts with them, and corrects its shares if enough of a random sample is "
    "labelled; if not, it says why.",
)
_CODER = "coder"
"""Who gave the labels of rows that name nobody."""
_SHOWN = 10


def add_command_labels(batch: Batch, model: Bundle, path: Path | None) -> Batch:
    """Return a scored batch with the labels of a file, and list on standard error what was not used.

    Args:
        batch: The batch.
        model: The model, whose classes can be labels.
        path: The value of `--labels`; without it, the batch is returned as it is.

    Raises:
        UsageError: The file is not a table that can be read.
    """
    if path is None:
        return batch
    from analysis.columns import all_columns, columns_by_mark
    from analysis.importers.refused import RefusedError
    from analysis.intake import InputFile
    from analysis.intake.sandbox import read_table_in_worker
    from analysis.review import read_labels
    from analysis.workspace import Labels, StoredLabel

    try:
        table = read_table_in_worker(InputFile(path.name, path), batch.settings)
    except RefusedError as error:
        raise click.UsageError(f"{path} {error.reason}. {error.remedy}") from error
    classes = {
        "topics": model.heads["topic"].classes if "topic" in model.heads else (),
        "tone": tuple(columns_by_mark(all_columns(model.heads))),
    }
    found = read_labels(batch, table, classes, _CODER)
    click.echo(f"{format_posts(found.posts)} with labels from {path}", err=True)
    for each in found.unused[:_SHOWN]:
        click.echo(make_printable(f"Not used: row {each.row:,} {each.reason}"), err=True)
    if len(found.unused) > _SHOWN:
        click.echo(f"Not used: {len(found.unused) - _SHOWN:,} more", err=True)
    stored = [
        StoredLabel(label.position, label.field, label.value, coder)
        for coder, given in found.by_coder.items()
        for label in given
    ]
    return batch.with_labels(Labels.from_stored(stored))
