"""Rejections in words."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.intake import describe_rejected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], ""),
        (["row", "file", "sheet"], "3 rejected"),
        (["column"], "1 column with unreadable values"),
        (
            ["row", "reference", "reference", "column"],
            "1 rejected, 2 images not found, 1 column with unreadable values",
        ),
    ],
)
def test_columns_and_images_are_not_called_rejected_rows(kinds: list[str], expected: str) -> None:
    assert describe_rejected(pd.DataFrame({"kind": kinds})) == expected
