"""The privacy of files that API and command line write."""

from __future__ import annotations

import secrets
from pathlib import Path

from analysis.errors import PostLensError
from analysis.exporters import Privacy, PrivacyLevel
from analysis.workspace.salt import SALT_BYTES, read_salt_file


def choose_privacy(level: str, salt_file: str | Path | None = None) -> Privacy:
    """Return the privacy of a level.

    Args:
        level: A value of `PrivacyLevel`, such as "pseudonyms".
        salt_file: The secret key of the pseudonyms, created if missing; None for a new key that is not kept.

    Raises:
        PostLensError: The level is unknown, or has no pseudonyms although there is a salt file.
        WorkspaceError: The salt file cannot be read or written, or has other content.
    """
    levels = {each.value: each for each in PrivacyLevel}
    if level not in levels:
        raise PostLensError(f"The privacy {level!r}", "is not known", f"Use one of {', '.join(levels)}.")
    chosen = levels[level]
    if chosen is PrivacyLevel.EVERYTHING:
        if salt_file is not None:
            raise PostLensError(
                "The salt file",
                "is for pseudonyms, but posts are shown as given",
                "Choose the privacy pseudonyms or scores-only.",
            )
        return Privacy()
    salt = secrets.token_bytes(SALT_BYTES) if salt_file is None else read_salt_file(Path(salt_file))
    return Privacy(chosen, salt)
