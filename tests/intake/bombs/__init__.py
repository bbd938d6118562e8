"""Decompression and parsing bombs, built by code: none of them is stored.

`bomb` holds the list, the modules named after formats fill it, `thrift`, `parquet_file` and `zip_file` write files
byte by byte, `reader` reads one bomb in a process of its own, and `watch` measures that process from outside.
`python -m tests.intake.bombs` prints a table of all of them.
"""

from tests.intake.bombs import (  # noqa: F401 (fill the list)
    compressed,
    delimited,
    images,
    notation,
    open_document,
    parquet,
    png,
    workbooks,
    xlsb,
    zips,
)
from tests.intake.bombs.bomb import Bomb, all_bombs

BOMBS: dict[str, Bomb] = all_bombs()

__all__ = ["BOMBS", "Bomb"]
