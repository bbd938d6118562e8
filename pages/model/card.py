"""Model card: what the model is, what it was tested on, where it fails.

The card is drawn as Markdown; one that did not come with PostLens without its links and pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analysis.charts import evaluation as charts
from analysis.model.bundle import SHIPPED
from analysis.wording import percent
from pages.shared import labels
from pages.shared.choices import unique_labels
from pages.shared.engine import heads, model
from pages.shared.messages import plain, without_links

FIGURES = {
    "accuracy": ("Accuracy", "Part of the posts that got the class that people gave them."),
    "weighted_f1": ("Weighted F1", "Precision and recall in one; common classes count more."),
    "macro_f1": ("Macro F1", "Precision and recall in one; every class counts the same."),
    "macro_recall": ("Macro recall", "The part of each class that was found, every class counting the same."),
    "ece": ("Calibration error", "Mean gap between how sure it was and how often it was right."),
}


def show_evaluation(found: Mapping[str, Any]) -> None:
    """Show one evaluation: its figures with intervals, three charts and the classes.

    Args:
        found: As `analysis.evaluation` measures it.
    """
    with st.grid(min_column_width=150):
        for name, (title, meaning) in FIGURES.items():
            low, high = (percent(limit) for limit in found["intervals"][name])
            st.metric(
                title,
                percent(found[name]),
                border=True,
                help=f"{meaning} Below it: where it lies in 95 % of samples of such posts.{_by_chance(found, name)}",
                delta=f"{low} to {high}",
                delta_color="off",
                delta_arrow="off",
            )
    head = heads().get(found["head"])
    titles = dict(zip(head.classes, head.titles, strict=True)) if head else {}
    figures = {
        "How sure it was, and how often it was right": charts.reliability_diagram(found),
        "What people said, and what the model said": charts.confusion_matrix(found, titles),
        "Kinds of posts, by accuracy": charts.accuracy_by_slice(found),
    }
    with st.grid(min_column_width=330):
        for title, figure in figures.items():
            with st.container():
                st.markdown(f"**{title}**")
                st.plotly_chart(figure, config={"displayModeBar": False})
        with st.container():
            st.markdown("**By class**")
            classes = pd.DataFrame.from_dict(found["classes"], orient="index")
            classes.index = [titles.get(name, name) for name in classes.index]
            shown = {"precision": "Precision", "recall": "Recall", "f1": "F1", "support": "Posts"}
            st.dataframe(
                classes.rename(columns=shown),
                column_config={
                    title: st.column_config.NumberColumn(format="%.2f") for title in list(shown.values())[:3]
                },
            )


def _by_chance(found: Mapping[str, Any], name: str) -> str:
    """Say what calibration error so few posts show by chance alone, where it was measured."""
    if name != "ece" or "ece_by_chance" not in found:
        return ""
    return f" With perfect confidence, so few posts would show {percent(found['ece_by_chance'])} by chance."


with st.spinner("Loading the model"):
    bundle = model()
st.title("Model card")
st.caption(f"{plain(bundle.id)}, SHA-256 {plain(bundle.sha256)}")
if base := bundle.metrics.get("trained_from"):
    st.caption(f"Trained on own labels, from {plain(str(base))}")
evaluations = {**bundle.metrics.get("own_labels", {}), **bundle.metrics.get("evaluations", {})}
if evaluations:
    chosen = st.selectbox(
        "Tested on posts that it was not trained on",
        list(evaluations),
        format_func=unique_labels(
            evaluations, lambda key: f"{evaluations[key]['title']}, {labels.posts(evaluations[key]['posts'])}"
        ),
    )
    show_evaluation(evaluations[chosen])
card = bundle.card.removeprefix(f"# {bundle.name}: model card")
st.markdown(card if bundle.folder.parent == SHIPPED else without_links(card))
