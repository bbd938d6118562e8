"""The section of Review that trains a new model on labels, compares it with the one before, and chooses the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.columns import head_title
from analysis.scoring.jobs import submit_job
from analysis.training.own_labels.card import format_training_report
from analysis.training.own_labels.corrections import TrainingPlan, plan_training, train_on_corrections
from analysis.wording import format_share_with_interval, format_time
from analysis.workspace import Batch, TrainedModel
from analysis.workspace.trained_models import SHIPPED_CHOICE
from pages.shared import engine, labels, progress
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

_METRICS = {"accuracy": "Accuracy", "macro_f1": "Macro F1"}


def show_retraining(batch: Batch) -> None:
    """Let the user train on the labels of a batch, and choose the model."""
    if fixed := engine.fixed_model():
        st.info(
            f"The environment variable POSTLENS_MODEL sets the model of this dashboard: {plain(fixed)}. Unset it and "
            "start the dashboard again to train and choose models here.",
            icon=":material/lock:",
        )
        return
    _show_plan(batch)
    _show_models(batch)


def _show_plan(batch: Batch) -> None:
    st.header("Train on labels", anchor=False)
    st.caption(
        "The labels of all posts of this batch, whatever the filters, train how the model decides about sentiment "
        "and topics. The result is a new model; the one in use does not change until you choose another. Posts "
        "labelled “can't tell” or without any topic, and those on which coders disagree, are left out. Labels that "
        "you give after scoring the batch with the new model correct its shares."
    )
    plan = plan_training(batch.labels, engine.heads())
    titles = labels.titles()
    rows = [
        {
            "Trained": head_title(head),
            "Class": titles.get(name, name),
            "Labelled posts": count,
        }
        for head, counts in plan.counts.items()
        if head in plan.labels or any(counts.values())
        for name, count in counts.items()
    ]
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, width=480, height=min(35 * (len(rows) + 1) + 3, 420)
        )
    for head, reason in plan.left_out.items():
        st.caption(f":material/block: {head_title(head)} will not be trained. {plain(reason)}")
    models = engine.workspace().trained_models
    base, in_use = models.find_base(batch.id, *batch.manifest.merged_from), engine.model_in_use().model
    start = f"Training starts from {plain(base.name if base else engine.SHIPPED_MODEL)}"
    if base != in_use:
        start += (
            ", because labels of this batch trained later models: held-out posts would not be new to them"
        )
    st.caption(f"{start}.")
    st.button(
        "Train a new model",
        key="train",
        type="primary",
        icon=":material/model_training:",
        disabled=not plan.labels or progress.is_busy(batch),
        on_click=_start_training,
        args=(batch, plan),
    )


def _start_training(batch: Batch, plan: TrainingPlan) -> None:
    models = engine.workspace().trained_models
    submit_job(batch, partial(train_on_corrections, batch, plan, models, engine.SHIPPED_MODEL))


def _show_models(batch: Batch) -> None:
    models = engine.workspace().trained_models
    known, in_use = models.list_models(), engine.model_in_use().model
    st.header("Model in use", anchor=False)
    st.markdown(f"The dashboard uses **{plain(engine.model_id())}**.")
    is_current = batch.manifest.bundle == engine.model_id()
    if not is_current:
        st.caption(
            f"This batch was scored with {plain(batch.manifest.bundle or 'no model')}. Score it again to see what "
            "the model in use predicts; this takes little time, as encoded texts and images are kept."
        )
    previous = models.name_previous()
    with st.container(horizontal=True):
        st.button(
            "Score this batch again",
            key="score_again",
            icon=":material/refresh:",
            type="secondary" if is_current else "primary",
            disabled=is_current or progress.is_busy(batch),
            on_click=progress.start,
            args=(batch,),
        )
        st.button(
            "Use the previous model",
            key="use_previous",
            icon=":material/undo:",
            disabled=previous is None,
            help=f"Goes back to {plain(previous or engine.SHIPPED_MODEL)}." if previous is not None else None,
            on_click=_use_previous,
        )
    if not known:
        return
    st.header("Trained models", anchor=False)
    by_name = {model.name: model for model in known}
    name = st.selectbox(
        "Model",
        [*by_name, SHIPPED_CHOICE],
        format_func=unique_labels(
            [*by_name, SHIPPED_CHOICE], lambda name: _describe_model(by_name.get(name), in_use)
        ),
        key="trained_model",
        width=420,
    )
    if name in by_name:
        _show_metrics(by_name[name])
    with st.container(horizontal=True):
        st.button(
            "Use this model",
            key="use_model",
            icon=":material/check:",
            type="primary",
            disabled=by_name.get(name) == in_use,
            on_click=_use,
            args=(name,),
        )
        if name in by_name:
            with st.popover("Delete", icon=":material/delete:"):
                st.caption("The model will be permanently deleted. Labels and scores stay as they are.")
                st.button("Delete permanently", key="delete_model", on_click=_delete, args=(name,))


def _show_metrics(model: TrainedModel) -> None:
    metrics = model.read_metrics()
    st.dataframe(pd.DataFrame(_list_metric_rows(metrics["own_labels"])), hide_index=True)
    for sentence in format_training_report(metrics):
        st.markdown(f"- {plain(sentence)}")
    st.caption(
        "Measured by 5-fold cross-validation: each labelled post is predicted by a model that was trained on the "
        "other labels. In brackets: 95 % intervals. Macro F1 counts every class the same."
    )


def _describe_model(model: TrainedModel | None, in_use: TrainedModel | None) -> str:
    text = f"{model.name}, trained {format_time(model.created_at)}" if model else engine.SHIPPED_MODEL
    return text + ("" if model else ", ships with PostLens") + (" (in use)" if model == in_use else "")


def _list_metric_rows(figures: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """List the metrics of each trained head before and after the training."""
    rows = []
    for head, after in figures.items():
        before = after["baselines"].get("before")
        for name, title in _METRICS.items():
            row = {"Held-out labels": f"{head_title(head)}, {labels.posts(after['posts'])}", "Metric": title}
            row["Before"] = _format_metric(before, name) if before else ""
            row["After"] = _format_metric(after, name)
            row["Change"] = ""
            if before:
                row["Change"] = f"{100 * (after[name] - before[name]):+.1f} points"
                if name == "macro_f1":
                    low, high = after["gain"]["interval"]
                    row["Change"] += f" ({100 * low:+.1f} to {100 * high:+.1f})"
                row["Change"] = row["Change"].replace("-", "−")
            rows.append(row)
    return rows


def _format_metric(figures: Mapping[str, Any], name: str) -> str:
    return format_share_with_interval(figures[name], *figures["intervals"][name])


@defer_errors
def _use(name: str) -> None:
    engine.workspace().trained_models.choose(name)
    engine.forget_model()


@defer_errors
def _use_previous() -> None:
    engine.workspace().trained_models.choose_previous()
    engine.forget_model()


@defer_errors
def _delete(name: str) -> None:
    engine.workspace().trained_models.delete(name)
    engine.forget_model()
