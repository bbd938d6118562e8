"""`postlens bench` measures speed on the machine at hand: medians, and ratios within one run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from analysis.cli.shared import MODEL, write

OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Figures as JSON, beside those on the terminal.",
)


@click.group()
def bench() -> None:
    """Measure how fast PostLens is here."""


@bench.command()
@MODEL
@click.option("--posts", default=2_000, show_default=True, help="Made posts that PostLens scores.")
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("sample_posts/pictures"),
    show_default=True,
    help="Folder of JPEG pictures that the posts share.",
)
@click.option("--engine", default="auto", show_default=True, help="What runs the encoders.")
@OUT
def scoring(bundle: str, posts: int, pictures: Path, engine: str, out: Path | None) -> None:
    """Time scoring from files on disk, beside BERT-base with ResNet-50, and beside the bare encoders."""
    from analysis.scoring.benchmark import time_scoring

    files = sorted(pictures.glob("*.jpg"))
    if not files:
        raise click.ClickException(f"{pictures} holds no .jpg file. Name a folder of JPEG pictures.")
    found = time_scoring(bundle, files, posts, engine=engine)
    for name, rate in found.posts_per_second.items():
        click.echo(f"{name:<12}{rate:>9,.1f} posts/s")
    own, reference, limit = (found.posts_per_second[name] for name in ("PostLens", "reference", "limit"))
    click.echo(f"PostLens is {own / reference:.1f} times the reference, {own / limit:.0%} of the limit")
    first, second = found.half_seconds
    click.echo(
        f"{posts:,} posts: first half {first:,.1f} s, second half {second:,.1f} s ({second / first:.2f})"
    )
    before, after = found.peak_mb
    click.echo(f"peak memory: first half {before:,.0f} MB, in all {after:,.0f} MB ({after / before:.2f})")
    _keep(out, {**found.posts_per_second, "half_seconds": found.half_seconds, "peak_mb": found.peak_mb})


@bench.command()
@click.option(
    "--app",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("app.py"),
    show_default=True,
    help="The dashboard's app.py.",
)
@OUT
def cold(app: Path, out: Path | None) -> None:
    """Time new processes: the library, one scored post, the dashboard's first page."""
    from analysis.scoring.benchmark import time_cold_starts

    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        table = Path(folder) / "one.csv"
        table.write_text("post_id,text\na,What a lovely evening\n", encoding="utf-8")
        found = time_cold_starts(app.resolve(), table)
    for name, seconds in found.items():
        click.echo(f"{name:<28}{seconds:>7.2f} s")
    _keep(out, found)


@bench.command()
@MODEL
@click.option(
    "--posts", default=12, show_default=True, help="Made posts whose words and regions are explained."
)
@OUT
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
    _keep(out, {**found.seconds, "share_of_scoring": found.share_of_scoring, "threads": found.threads})


def _keep(out: Path | None, figures: Mapping[str, object]) -> None:
    if out:
        write(out, (json.dumps(figures, indent=1) + "\n").encode())
