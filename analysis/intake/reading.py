"""What one file holds, as a worker process reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from analysis.intake.companions import Companion
from analysis.intake.media import StoredImage
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table


@dataclass(frozen=True)
class Reading:
    """What one file holds.

    Attributes:
        tables: Its table, or the sheets of a workbook.
        images: The image that it is, or those in the cells of its table.
        rejected: Sheets and images in cells that cannot be used.
        companions: The companion of other files that it is.
    """

    tables: tuple[Table, ...] = ()
    images: tuple[StoredImage, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    companions: tuple[Companion, ...] = ()

    def with_raw(self, path: Path) -> Reading:
        """Return the same with another path of the tables' file."""
        return replace(self, tables=tuple(replace(table, raw=path) for table in self.tables))
