"""Options of commands that write reports: the analyst's custom topics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analysis.imports import gc_paused
from analysis.settings import Settings

if TYPE_CHECKING:
    from analysis.custom_topics import CustomTopic
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
        help="A file with topics: a taxonomy file, which the page Custom topics of the dashboard downloads, or a "
        "text with one name a line, which may contain commas.",
    )
    return names(file(command))


def read_command_topics(topics: str, file: Path | None, bundle: str) -> tuple[CustomTopic, ...]:
    """Return the topics that a command's options give; () for none.

    Args:
        topics: The value of `--topics`.
        file: The value of `--topics-file`.
        bundle: The value of `--model`.

    Raises:
        UsageError: The options have no valid topic, or the file cannot be read.
        BundleError: The model cannot compare texts with images.
    """
    if not topics and file is None:
        return ()
    with gc_paused():
        from analysis.custom_topics import check_topics, parse_topic_names
        from analysis.errors import PostLensError
        from analysis.model.bundle import load_config
        from analysis.search.topics import check_has_space
        from analysis.taxonomy import read_topics_file

    settings = Settings()
    try:
        from_file = read_topics_file(file, settings) if file else []
        checked = check_topics([*parse_topic_names(topics), *from_file], settings)
    except PostLensError as error:
        raise click.UsageError(str(error)) from error
    check_has_space(load_config(bundle), bundle)
    return checked


def check_command_topics(model: Bundle, topics: tuple[CustomTopic, ...]) -> None:
    """Check before posts are scored that the examples of topics can be used with a model.

    Raises:
        ScoringError: They cannot.
    """
    if topics:
        from analysis.search import check_examples

        check_examples(model, topics)


def add_command_topics(batch: Batch, model: Bundle, topics: tuple[CustomTopic, ...]) -> Batch:
    """Return a scored batch with custom topics; as it is without any."""
    if not topics:
        return batch
    from analysis.search import find_custom_topics

    return batch.with_custom_topics(find_custom_topics(batch, model, topics))
