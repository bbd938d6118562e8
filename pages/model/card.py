"""Model card: what the model is, what it was tested on, and where it fails.

The card is rendered as Markdown. Links and images are disabled in cards that do not ship with PostLens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analysis.charts import evaluation as charts
from analysis.model.bundle import SHIPPED
from analysis.wording import format_percent
from pages.shared import labels
from pages.shared.charts import draw
from pages.shared.choices import unique_labels
from pages.shared.engine import heads, model
from pages.shared.messages import plain, without_links

METRICS = {
    "accuracy": ("Accuracy", "Share of posts whose predicted class is the actual one."),
    "weighted_f1": ("Weighted F1", "Harmonic mean of precision and recall; common classes count more."),
    "macro_f1": ("Macro F1", "Harmonic mean of precision and recall; every class counts the same."),
    "macro_recall": ("Macro recall", "Mean share of each class that was found; every class counts the same."),
    "ece": ("Calibration error", "Mean gap between confidence and accuracy."),
}


def show_evaluation(found: Mapping[str, Any]) -> None:
    """Show one evaluation: its metrics with intervals, three charts and a table by class.

    Args:
        found: A result of `analysis.evaluation`.
    """
    with st.grid(min_column_width=150):
        for name, (title, meaning) in METRICS.items():
            low, high = (format_percent(limit) for limit in found["intervals"][name])
            st.metric(
                title,
                format_percent(found[name]),
                border=True,
                help=f"{meaning} Below: 95 % confidence interval.{_chance_level(found, name)}",
                delta=f"{low} to {high}",
                delta_color="off",
                delta_arrow="off",
            )
    head = heads().get(found["head"])
    titles = dict(zip(head.classes, head.titles, strict=True)) if head else {}
    figures = {
        "Confidence and accuracy": charts.reliability_diagram(found),
        "Predicted and actual classes": charts.confusion_matrix_chart(found, titles),
        "Accuracy by kind of post": charts.accuracy_by_slice_bar(found),
    }
    with st.grid(min_column_width=330):
        for title, figure in figures.items():
            with st.container():
                st.subheader(title, anchor=False)
                draw(figure, title, title)
        with st.container():
            st.subheader("By class", anchor=False)
            classes = pd.DataFrame.from_dict(found["classes"], orient="index")
            classes.index = [titles.get(name, name) for name in classes.index]
            shown = {"precision": "Precision", "recall": "Recall", "f1": "F1", "support": "Posts"}
            st.dataframe(
                classes.rename(columns=shown),
                column_config={
                    title: st.column_config.NumberColumn(format="%.2f") for title in list(shown.values())[:3]
                },
            )


def _chance_level(found: Mapping[str, Any], name: str) -> str:
    """Describe the calibration error that a sample of this size shows by chance, if it was measured."""
    if name != "ece" or "ece_by_chance" not in found:
        return ""
    chance = format_percent(found["ece_by_chance"])
    return f" A perfectly calibrated model would show {chance} on so few posts by chance."


with st.spinner("Loading the model..."):
    bundle = model()
st.title("Model card")
st.caption(f"{plain(bundle.id)}, SHA-256 {plain(bundle.sha256)}")
if base := bundle.metrics.get("trained_from"):
    st.caption(f"Trained on custom labels, starting from {plain(str(base))}")
evaluations = {**bundle.metrics.get("own_labels", {}), **bundle.metrics.get("evaluations", {})}
if evaluations:
    st.header("Evaluation", anchor=False)
    chosen = st.selectbox(
        "Posts not used for training",
        list(evaluations),
        format_func=unique_labels(
            evaluations, lambda key: f"{evaluations[key]['title']}, {labels.posts(evaluations[key]['posts'])}"
        ),
    )
    show_evaluation(evaluations[chosen])
card = bundle.card.removeprefix(f"# {bundle.name}: model card")
st.markdown(card if bundle.folder.parent == SHIPPED else without_links(card))
