"""An exporter of heat maps, registered by tests: the names of the images, one per line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from analysis.exporters import HeatMapExporter
from analysis.exporters.heatmaps import HeatMap


def write_names(maps: Iterable[HeatMap], target: IO[bytes]) -> None:
    """Write the names of the images whose heat maps are drawn."""
    target.write("\n".join(each.name for each in maps if each.drawn).encode())


EXPORTER = HeatMapExporter("names", "Names", (".names",), "text/plain", write_names)
