"""`postlens bench` measures speed on the machine at hand: medians, and ratios within one run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from analysis.cli.shared import MODEL, write


@click.group()
def bench() -> None:
    """Measure how fast PostLens is here."""


@bench.command()
@MODEL
@click.option(
    "--posts", default=12, show_default=True, help="Made posts whose words and regions are explained."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Figures as JSON, beside those on the terminal.",
)
def explain(bundle: str, posts: int, out: Path | None) -> None:
    """Time explanations: modality values of 1,000 encoded posts, words and regions of single posts."""
    from analysis.attribution.timing import time_explanations
    from analysis.model import load_model

    model = load_model(bundle)
    found = time_explanations(model, posts)
    click.echo(
        f"{model.id}, {found.threads} threads, median of {posts} posts of about 21 tokens, one picture each"
    )
    for name, seconds in found.seconds.items():
        click.echo(f"{name:<44}{1000 * seconds:>9,.1f} ms")
    click.echo(f"modality values cost {found.share_of_scoring:.2%} of scoring the same posts")
    if out:
        figures = {**found.seconds, "share_of_scoring": found.share_of_scoring, "threads": found.threads}
        write(out, (json.dumps(figures, indent=1) + "\n").encode())
