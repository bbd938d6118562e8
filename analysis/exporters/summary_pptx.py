"""The summary report as slides for PowerPoint and programs like it."""

from __future__ import annotations

from typing import IO

from analysis.exporters.exporter import SummaryExporter
from analysis.exporters.summary import Summary


def _write_slides(summary: Summary, target: IO[bytes]) -> None:
    from analysis.exporters.summary_slides import export_summary_slides  # its library takes 0.2 s to load

    target.write(export_summary_slides(summary))


EXPORTER = SummaryExporter(
    "slides",
    "PowerPoint",
    (".pptx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    _write_slides,
)
