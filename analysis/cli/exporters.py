"""`postlens exporters` lists the formats of the files that PostLens writes."""

from __future__ import annotations

import click


@click.command("exporters")
def show_exporters() -> None:
    """List the formats of reports, summaries, explanations and heat maps, with the suffixes of their files."""
    from analysis.exporters import (
        ExplanationExporter,
        HeatMapExporter,
        ReportExporter,
        SummaryExporter,
        list_exporters,
    )

    for kind in (ReportExporter, SummaryExporter, ExplanationExporter, HeatMapExporter):
        for exporter in list_exporters(kind):
            suffixes = " ".join(exporter.suffixes)
            click.echo(f"{kind.kind:12} {exporter.name:12} {exporter.label:16} {suffixes}")
