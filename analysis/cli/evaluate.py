"""`postlens evaluate` measures a bundle on labelled posts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.shared import MEDIA_FOLDER, show_progress, write_output_file

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.bundle import Bundle

TABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 5  # unreadable rows and images that are listed


@click.command()
@click.argument("bundle")
@click.option("--data", type=TABLE, required=True, help="Table of labelled posts: CSV, TSV, JSON or XLSX.")
@click.option("--task", default="", help="Head to evaluate, such as sentiment, topic or irony.")
@click.option(
    "--phrases",
    type=TABLE,
    help="Evaluate searches by meaning instead: topic, half, pattern of right texts, and phrases by language.",
)
@click.option(
    "--inputs",
    type=click.Choice(["both", "text", "image"]),
    default="both",
    show_default=True,
    help="Inputs that the model reads.",
)
@MEDIA_FOLDER
@click.option("--label", metavar="COLUMN", help="Column of the labels. Default: the task's name, else label.")
@click.option(
    "--where", "conditions", metavar="COLUMN=VALUE", multiple=True, help="Use only posts with this value."
)
@click.option("--by", metavar="COLUMN", help="Also show the accuracy for each value of this column.")
@click.option("--compare", "compared", is_flag=True, help="Also measure simple baselines on the same posts.")
@click.option("--train", "training", type=TABLE, help="With --compare: table to train the baselines on.")
@click.option(
    "--explanations",
    is_flag=True,
    help="Evaluate the explanations instead of the scores.",
)
@click.option(
    "--posts",
    "most",
    default=200,
    show_default=True,
    help="With --explanations: number of random posts; each takes 2 to 3 s.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="JSON file for the figures; - for the terminal.",
)
def evaluate(
    bundle: str,
    data: Path,
    task: str,
    phrases: Path | None,
    inputs: str,
    media: Path | None,
    label: str | None,
    conditions: tuple[str, ...],
    by: str | None,
    compared: bool,
    training: Path | None,
    explanations: bool,
    most: int,
    out: str | None,
) -> None:
    """Measure BUNDLE (a name or a folder) on labelled posts: figures with intervals, by class and by slice.

    Baselines are VADER's word list, TF-IDF with logistic regression, and the most common class; without --train,
    TF-IDF is cross-validated in five folds.
    """
    from analysis.evaluation.evaluate import evaluate as measure
    from analysis.evaluation.evaluate import evaluate_baselines, get_evaluated_head
    from analysis.evaluation.explanations import evaluate_explanations
    from analysis.evaluation.labelled import (
        filter_labelled_posts,
        read_evaluation_labels,
        read_evaluation_posts,
    )
    from analysis.evaluation.table import format_evaluation, format_explanations
    from analysis.model import load_model

    if training and not compared:
        raise click.UsageError("--train needs --compare: it trains the baselines.")
    if explanations and compared:
        raise click.UsageError("--explanations and --compare cannot be combined.")
    if explanations and by:
        raise click.UsageError("--explanations and --by cannot be combined.")
    if bool(task) == bool(phrases):
        raise click.UsageError("Set either --task or --phrases.")
    posts = filter_labelled_posts(
        read_evaluation_posts(data, media), [_parse_where(each) for each in conditions]
    )
    _show_unread(posts)
    model = load_model(bundle)
    if phrases:
        _evaluate_searches(model, posts, phrases, inputs, data.name, out)
        return
    head = get_evaluated_head(model, task)
    if explanations:
        with show_progress() as show:
            evidence = evaluate_explanations(model, posts, task, most, progress=partial(show, "explanations"))
        _show_figures(evidence, out, format_explanations)
        return
    training_set = None
    if training:
        rows = read_evaluation_posts(training, media)
        truth = read_evaluation_labels(rows, head, label)
        training_set = rows["text"][truth >= 0].tolist(), truth[truth >= 0]
    title = f"{task.replace('_', ' ').capitalize()} of {data.name}"
    with show_progress() as show:
        found, measured = measure(model, posts, task, inputs, label, title, partial(show, "posts"), by)
    if compared:
        found = evaluate_baselines(found, measured, head, training_set)
    _show_figures(found, out, format_evaluation)


def _evaluate_searches(
    model: Bundle, posts: pd.DataFrame, phrases: Path, inputs: str, name: str, out: str | None
) -> None:
    import pandas as pd

    from analysis.evaluation.phrases import evaluate_phrases
    from analysis.evaluation.table import format_phrases

    table = pd.read_csv(phrases, dtype=str, keep_default_na=False)
    with show_progress() as show:
        found = evaluate_phrases(model, posts, table, inputs, f"Searches of {name}", partial(show, "posts"))
    _show_figures(found, out, format_phrases)


def _show_figures(
    found: Mapping[str, Any], out: str | None, table: Callable[[Mapping[str, Any]], str]
) -> None:
    """Print figures as a table, and write them as JSON if `out` is given."""
    click.echo(table(found), err=out == "-")
    if out:
        figures = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        if out == "-":
            click.echo(figures, nl=False)
        else:
            write_output_file(Path(out), figures.encode("utf-8"))


def _parse_where(written: str) -> tuple[str, str]:
    column, given, value = written.partition("=")
    if not given:
        raise click.BadParameter(f"{written!r} is not of the form COLUMN=VALUE, such as language=en.")
    return column, value


def _show_unread(posts: pd.DataFrame) -> None:
    unread = [problem for problems in posts["unread"] for problem in problems]
    for problem in unread[:_SHOWN]:
        click.echo(problem, err=True)
    if len(unread) > _SHOWN:
        click.echo(f"and {len(unread) - _SHOWN:,} more rows or images that could not be read", err=True)
