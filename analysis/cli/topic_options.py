"""Options of commands that write reports: the analyst's custom topics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analysis.imports import gc_paused
from analysis.settings import Settings

if TYPE_CHECKING:
    from analysis.model import Bundle
    from analysis.workspace import Batch

Command = TypeVar("Command", bound=Callable[..., Any])


def topic_options(command: Command) -> Command:
    """Add `--topics` and `--topics-file` to a command."""
    names = click.option(
        "--topics",
        default="",
        metavar="NAMES",
        help='Topics of your own, separated by commas, such as "delivery, prices". A post has every topic whose name '
        "is similar enough in meaning to its text or its images.",
    )
    file = click.option(
        "--topics-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A text file with such topics, one per line; names may contain commas.",
    )
    return names(file(command))


def read_command_topics(topics: str, file: Path | None, bundle: str) -> tuple[str, ...]:
    """Return the names that a command's options give; () for none.

    Args:
        topics: The value of `--topics`.
        file: The value of `--topics-file`.
        bundle: The value of `--model`.

    Raises:
        UsageError: The options have no valid name, or the file is not UTF-8.
        BundleError: The model cannot compare texts with images.
    """
    if not topics and file is None:
        return ()
    with gc_paused():
        from analysis.columns import parse_topic_names
        from analysis.errors import ScoringError
        from analysis.model.bundle import load_config
        from analysis.search.topics import check_has_space, check_topic_names

    names = parse_topic_names(topics)
    if file is not None:
        try:
            names += parse_topic_names(file.read_text(encoding="utf-8-sig"), by_line=True)
        except (OSError, UnicodeDecodeError) as error:
            raise click.UsageError(f"{file} cannot be read as UTF-8 text. Save it as UTF-8.") from error
    try:
        checked = check_topic_names(names, Settings())
    except ScoringError as error:
        raise click.UsageError(str(error)) from error
    check_has_space(load_config(bundle), bundle)
    return checked


def add_command_topics(batch: Batch, model: Bundle, names: tuple[str, ...]) -> Batch:
    """Return a scored batch with custom topics; as it is without names."""
    if not names:
        return batch
    from analysis.search import find_custom_topics

    return batch.with_custom_topics(find_custom_topics(batch, model, names))
