"""`postlens importers` lists the tables that PostLens reads."""

from __future__ import annotations

import click


@click.command("importers")
def list_importers() -> None:
    """List the kinds of tables that PostLens reads, with the suffixes of their files."""
    from analysis.importers import importers

    for importer in importers():
        click.echo(f"{importer.name:12} {importer.label:16} {' '.join(sorted(importer.suffixes))}")
