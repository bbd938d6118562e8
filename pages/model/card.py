"""Model card: what the model is, what it was tested on, where it fails. The card is ours: Markdown is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analysis.charts.wording import percent
from pages.shared import labels
from pages.shared.engine import heads, model


def show_test(found: Mapping[str, Any]) -> None:
    """Show how the sentiment of text and picture together did on posts that the model had not seen.

    Args:
        found: posts, accuracy, weighted_f1, ece, confusion and reliability, as `postlens train` measures them.
    """
    st.caption(
        f"Sentiment of {labels.posts(found['posts'])} with text and picture that it was not trained on"
    )
    with st.grid(min_column_width=150):
        st.metric(
            "Accuracy",
            percent(found["accuracy"]),
            border=True,
            help="Part of the posts scored as people did.",
        )
        st.metric(
            "Weighted F1",
            f"{found['weighted_f1']:.2f}",
            border=True,
            help="Precision and recall in one, 0 to 1.",
        )
        st.metric(
            "Calibration error", percent(found["ece"]), border=True, help="Mean gap of confidence and truth."
        )
    classes = [labels.sentiment(name) for name in heads()["sentiment"].classes]
    with st.grid(min_column_width=330):
        with st.container():
            st.markdown("**What people said, and what the model said**")
            st.table(pd.DataFrame(found["confusion"], index=classes, columns=classes))
        with st.container():
            st.markdown("**How sure it was, and how often it was right**")
            bins = pd.DataFrame(found["reliability"])
            bins[["confidence", "accuracy"]] = bins[["confidence", "accuracy"]].map(percent)
            titles = {"confidence": "It was sure to", "accuracy": "It was right in", "posts": "Posts"}
            st.table(bins[list(titles)].rename(columns=titles), hide_index=True)


with st.spinner("Loading the model"):
    bundle = model()
st.title("Model card")
st.caption(f"{bundle.id}, SHA-256 {bundle.sha256}")
if "mvsa_dev" in bundle.metrics:
    show_test(bundle.metrics["mvsa_dev"]["both"])
st.markdown(bundle.card.removeprefix(f"# {bundle.name}: model card"))
