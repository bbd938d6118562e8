"""Ids that a spreadsheet rounded: of numbers it keeps 15 digits, so different posts get one id."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]{0,15}[eE]\+?[0-9]{1,2}")
_LONG = re.compile(r"[0-9]{17,20}")
_KEPT_DIGITS = 15  # significant digits of a number in a spreadsheet
_MIN_SHARE = 0.5  # of the long ids; of ids that were not rounded one in a hundred ends in zeros, or fewer


def find_rounded(ids: Sequence[str]) -> list[int]:
    """Find the ids of a column that a spreadsheet rounded.

    Args:
        ids: The column, "" where blank.

    Returns:
        The places of ids such as 1.47743E+18, and of those such as 1500112233440010000 if at least half of all long
        ids have only zeros after their 15th digit; empty for a column without.
    """
    stripped = [post_id.strip() for post_id in ids]
    scientific = [place for place, post_id in enumerate(stripped) if _SCIENTIFIC.fullmatch(post_id)]
    long = [place for place, post_id in enumerate(stripped) if _LONG.fullmatch(post_id)]
    zeros = [place for place in long if not stripped[place][_KEPT_DIGITS:].strip("0")]
    return sorted([*scientific, *(zeros if len(zeros) >= len(long) * _MIN_SHARE else ())])
