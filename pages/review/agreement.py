"""The section of Review that compares coders."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis import review
from analysis.columns import head_title
from analysis.query import compute_share_interval
from analysis.review import Agreement
from analysis.wording import format_share_with_interval
from analysis.workspace import DECISION, Batch
from pages.shared import labels
from pages.shared.messages import plain


def show_agreement(batch: Batch) -> None:
    """Show how far coders agree, for each field and every two of them."""
    given = batch.labels
    if len(given.coders) < 2:
        st.info(
            "Agreement needs two coders who labelled the same posts. A second coder enters another name under “Label "
            "posts” and starts with the random sample, whose order is the same for all.",
            icon=":material/group:",
        )
        return
    rows = []
    for field in review.FIELDS:
        by_post = [
            {coder: value for coder, value in values.items() if coder != DECISION}
            for values in given.given[field].values()
        ]
        rows.append(
            {"Compared": f"{head_title(field)}: all coders", **_describe(review.compute_alpha(by_post), "α")}
        )
        pairs = review.compute_pairwise_kappa(given, field)
        rows += [
            {"Compared": f"{head_title(field)}: {first} and {second}", **_describe(found, "κ")}
            for (first, second), found in pairs.items()
        ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "α is Krippendorff's alpha for nominal labels, its 95 % interval from 1,000 resamples of the posts (Zapf et "
        "al. 2016). κ is Cohen's kappa with its asymptotic 95 % interval (Fleiss, Cohen & Everitt 1969). 1 is "
        "perfect agreement, 0 is what chance alone gives; labels are considered reliable from 0.8 on, and "
        "unreliable below 0.67 (Krippendorff 2004). Several topics or tones of a post count as one label."
    )
    if open_posts := given.disagreements("sentiment"):
        st.caption(
            f"Coders disagree on the sentiment of {labels.posts(len(open_posts))}. Choose the order “"
            f"{plain(review.ORDERS[review.ADJUDICATION].title)}” under “Label posts” to decide."
        )


def _format_same(found: Agreement) -> str:
    if not found.posts:
        return ""
    interval = compute_share_interval(found.same * found.posts, found.posts)
    return format_share_with_interval(found.same, *interval)


def _describe(found: Agreement, sign: str) -> dict[str, str]:
    value = "not defined: all labels are equal, or no post has two"
    if found.value is not None:
        interval = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
        value = f"{sign} {found.value:.2f}{interval}".replace("-", "−")
    return {
        "Agreement": value,
        "Posts with two labels": f"{found.posts:,}",
        "Same label": _format_same(found),
    }
