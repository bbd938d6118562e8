"""Options of commands that write reports: what a report shows of the posts, and the salt of its pseudonyms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analysis.imports import gc_paused

if TYPE_CHECKING:
    from analysis.exporters import Privacy

AS_GIVEN, PSEUDONYMS, SCORES_ONLY = "everything", "pseudonyms", "scores-only"
Command = TypeVar("Command", bound=Callable[..., Any])


def privacy_options(command: Command) -> Command:
    """Add `--privacy` and `--salt-file` to a command."""
    level = click.option(
        "--privacy",
        type=click.Choice([AS_GIVEN, PSEUDONYMS, SCORES_ONLY]),
        default=AS_GIVEN,
        show_default=True,
        help="What the report shows of the posts: everything; stable pseudonyms instead of authors, mentions, links "
        "to profiles, post ids and file names (pictures are kept, and may show people and names); or only times, "
        "scores and pseudonyms of post ids. The list of rejected rows is only written with everything.",
    )
    salt = click.option(
        "--salt-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The secret key of the pseudonyms; created if missing. Reports with the same file have the same "
        "pseudonyms. Without it, each report has its own. Do not publish it.",
    )
    return level(salt(command))


def read_command_privacy(level: str, salt_file: Path | None) -> Privacy:
    """Return the privacy that a command's options choose; a missing salt file is created.

    Args:
        level: The value of `--privacy`.
        salt_file: The value of `--salt-file`.

    Raises:
        UsageError: There is a salt file, but no pseudonyms.
        WorkspaceError: The salt file cannot be read or written, or has other content.
    """
    with gc_paused():
        from analysis.api.privacy import choose_privacy

    if level == AS_GIVEN and salt_file:
        raise click.UsageError(f"--salt-file is for --privacy {PSEUDONYMS} and --privacy {SCORES_ONLY}.")
    return choose_privacy(level, salt_file)
