"""Parse a table given as text or bytes, and get its cells or the reason it is refused."""

from __future__ import annotations

import pytest

from analysis.importers import RefusedError
from analysis.intake import InputFile, Table, parse_table
from analysis.settings import Settings


def table(content: str | bytes, name: str = "posts.csv", **limits: int) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return parse_table(InputFile(name, data), Settings(**limits))


def cells(read: Table) -> list[list[str]]:
    return read.rows.to_numpy().tolist()


def refusal(content: str | bytes, name: str = "posts.csv", **limits: int) -> str:
    with pytest.raises(RefusedError) as refused:
        table(content, name, **limits)
    assert refused.value.remedy
    return refused.value.reason
