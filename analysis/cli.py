"""The command line: `postlens score | explain | train`. The same engine and columns as the dashboard.

Exit codes: 0 done (rejected rows included), 1 an error, 2 nothing could be scored or the call is wrong.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from analysis.errors import PostLensError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.attribution import Output
    from analysis.model import Bundle
    from analysis.workspace import Batch

OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
INPUT = click.argument("source", metavar="INPUT", type=click.Path(exists=True, path_type=Path))
MEDIA = click.option("--media", type=FOLDER, help="Folder with the posts' pictures.")
MODEL = click.option(
    "--model", "bundle", default="compact", show_default=True, help="A bundle's name or folder."
)


class NothingScored(click.ClickException):
    """Nothing could be scored: exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """Shows our own errors in words, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PostLensError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postlens")
def main() -> None:
    """Score social posts for sentiment and topics, and show what drove each score."""


@main.command()
@INPUT
@click.option("--out", type=OUT, required=True, help="The CSV report.")
@MEDIA
@MODEL
@click.option("--words/--no-words", default=True, show_default=True, help="Find top words: up to 1 s a post.")
def score(source: Path, out: Path, media: Path | None, bundle: str, words: bool) -> None:
    """Score INPUT (a table, a zip or a folder) and write a CSV report.

    Rows and files that could not be taken are listed in a second file, <report>.rejected.csv.
    """
    from analysis.model import load_model
    from analysis.query import Filters
    from analysis.report import rejected_csv, report_columns, write_csv

    with _taken_in(source, media) as (batch, rejected):
        if len(rejected):
            listed = out.with_suffix(".rejected.csv")
            _write(listed, rejected_csv(rejected))
            click.echo(f"{len(rejected):,} not taken, listed with reasons in {listed}", err=True)
        if batch is None:
            raise NothingScored(f"{source} holds no post that could be scored.")
        model = load_model(bundle)
        _score(batch, model, words)
        columns = report_columns(
            dict(zip(model.heads["topic"].classes, model.heads["topic"].titles, strict=True))
        )
        with _writable(out) as target:
            written = write_csv(batch, Filters(), columns, target)
        click.echo(f"{written:,} post{'s' * (written != 1)} scored, written to {out}", err=True)


@main.command()
@INPUT
@click.option("--post", "post_id", required=True, help="The post's id.")
@click.option("--out", type=OUT, required=True, help="The HTML page.")
@click.option("--output", "wanted", help="What to explain, as topic=daily_life. Default: the sentiment.")
@MEDIA
@MODEL
def explain(
    source: Path, post_id: str, out: Path, wanted: str | None, media: Path | None, bundle: str
) -> None:
    """Explain one post of INPUT as a self-contained HTML page."""
    from PIL import Image

    from analysis import query
    from analysis.attribution import alone_scores, explain_post
    from analysis.model import load_model
    from analysis.report import explanation_html

    with _taken_in(source, media) as (batch, _):
        if batch is None:
            raise NothingScored(f"{source} holds no post that could be explained.")
        post = query.one(batch, post_id)
        pictures = [(name, Image.open(batch.media_path(name)).convert("RGB")) for name in post["images"]]
        model = load_model(bundle)
        alone = alone_scores(model, post["text"], pictures)
        ledger = explain_post(model, post["text"], pictures, _output(wanted, alone))
        titles = {
            name: title
            for head in model.heads.values()
            for name, title in zip(head.classes, head.titles, strict=True)
        }
        page = explanation_html(post, ledger, alone, pictures, model.id, titles)
    _write(out, page.encode("utf-8"))
    click.echo(f"Explanation of {post_id} written to {out}", err=True)


@main.command()
@click.option("--data", type=FOLDER, required=True, help="Folder with mvsa_single/ and topic/.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The bundle's folder."
)
@click.option("--seed", default=0, show_default=True, help="Two runs with one seed give the same figures.")
def train(data: Path, out: Path, seed: int) -> None:
    """Train the compact bundle from labelled data, and write it with its figures and model card."""
    from analysis.training.compact import train_compact
    from analysis.training.loop import TrainingConfig

    metrics = train_compact(data, out, TrainingConfig(seed=seed))
    both, topics = metrics["mvsa_dev"]["both"], metrics["topic_cross_validation"]
    click.echo(
        f"MVSA dev, text and picture: accuracy {both['accuracy']:.3f}, weighted F1 {both['weighted_f1']:.3f}"
    )
    click.echo(
        f"Topics, cross-validated: accuracy {topics['accuracy']:.3f}, macro F1 {topics['macro_f1']:.3f}"
    )
    click.echo(f"Bundle, figures and card are in {out}")


@contextmanager
def _taken_in(source: Path, media: Path | None) -> Iterator[tuple[Batch | None, pd.DataFrame]]:
    """Take INPUT in, into a workspace that lasts as long as the command.

    Yields:
        The batch, None where no post could be taken; and the table of what was rejected.
    """
    from analysis.intake import check_batch, files_in, read_inputs
    from analysis.intake.media import looks_like_picture
    from analysis.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="postlens-") as folder:
        pictures = Path(folder) / "media"
        files = files_in(source)
        if media and not media.resolve().is_relative_to(source.resolve()):
            files += [file for file in files_in(media) if looks_like_picture(file)]
        checked = check_batch(read_inputs(files, pictures))
        workspace = Workspace(Path(folder) / "home")
        batch = workspace.create(checked, pictures, source.name) if len(checked.posts) else None
        yield batch, checked.rejected


def _score(batch: Batch, model: Bundle, words: bool) -> None:
    from tqdm import tqdm

    from analysis.scoring.pipeline import score_batch

    with tqdm(total=batch.manifest.n_posts, unit="post") as bar:

        def show(phase: str, done: int, total: int) -> None:
            bar.set_description(phase)
            bar.total, bar.n = total, done
            bar.refresh()

        score_batch(batch, model, words=words, progress=show)


def _output(wanted: str | None, alone: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Output:
    """Read HEAD=CLASS; without it, the sentiment that is likeliest with everything the post has."""
    from analysis.attribution import Output

    if wanted is not None:
        head, given, name = wanted.partition("=")
        if not given:
            raise click.BadParameter(f"{wanted!r} is not of the form HEAD=CLASS, such as topic=daily_life.")
        return Output(head, name)
    sentiment = next(iter(alone.values()))["sentiment"]
    return Output("sentiment", max(sentiment, key=sentiment.__getitem__))


@contextmanager
def _writable(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, made with its folders; a refusal is told in words."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            yield target
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be written ({error.strerror}). Name another file."
        ) from error


def _write(path: Path, content: bytes) -> None:
    with _writable(path) as target:
        target.write(content)
