"""`postlens importers` lists the tables and sources that PostLens reads."""

from __future__ import annotations

import click


@click.command("importers")
def show_importers() -> None:
    """List the kinds of tables that PostLens reads, with their suffixes, and the sources that it recognises."""
    from analysis.importers import list_importers
    from analysis.importers.sources import list_sources

    for importer in list_importers():
        click.echo(f"{importer.name:12} {importer.label:16} {' '.join(sorted(importer.suffixes))}")
    click.echo("\nSources, recognised by their columns:")
    for source in sorted(list_sources(), key=lambda each: each.name):
        click.echo(f"{source.name:28} {source.label}")
