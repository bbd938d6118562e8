"""Ids that a spreadsheet rounded: of numbers it keeps 15 digits, so different posts get one id."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]{0,15}[eE]\+?[0-9]{1,2}")
_LONG = re.compile(r"[0-9]{17,20}")
_KEPT_DIGITS = 15  # significant digits of a number in a spreadsheet
_MIN_SHARE = 0.5  # of the long ids; of ids that were not rounded one in a hundred ends in zeros, or fewer


class RoundedIds:
    """Finds the ids of a column that a spreadsheet rounded, chunk by chunk after all chunks were observed."""

    def __init__(self) -> None:
        self._long = self._zeros = 0

    def observe(self, ids: Sequence[str]) -> None:
        """Count the long ids of a chunk of the column."""
        long = [post_id for post_id in map(str.strip, ids) if _LONG.fullmatch(post_id)]
        self._long += len(long)
        self._zeros += sum(map(_ends_in_zeros, long))

    def find(self, ids: Sequence[str]) -> list[int]:
        """Find the rounded ids of a chunk.

        Args:
            ids: A chunk of the column, "" where blank.

        Returns:
            The places of ids such as 1.47743E+18, and of those such as 1500112233440010000 if at least half of all
            long ids of the column have only zeros after their 15th digit.
        """
        zeros = bool(self._zeros) and self._zeros >= self._long * _MIN_SHARE
        return [
            place
            for place, post_id in enumerate(map(str.strip, ids))
            if _SCIENTIFIC.fullmatch(post_id)
            or (zeros and _LONG.fullmatch(post_id) and _ends_in_zeros(post_id))
        ]


def _ends_in_zeros(post_id: str) -> bool:
    return not post_id[_KEPT_DIGITS:].strip("0")
