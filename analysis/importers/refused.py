"""The error for input that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable


class RefusedError(Exception):
    """A file, row or image that cannot be used. Intake converts it to a `Rejection` and continues with the rest.

    Args:
        reason: The fact, worded to follow a name ("is 9,000 x 9,000 px; the limit is 40 MP").
        remedy: What to do, as a sentence ("Resize it and add it again.").
        choices: The sheets or lists of the file that can be chosen instead, for `ImportOptions`.
    """

    def __init__(self, reason: str, remedy: str, choices: Iterable[str] = ()) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy
        self.choices = tuple(choices)
