"""The account of one output: a waterfall, the words, the regions, each with how far it can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from analysis.attribution import Checks, Completeness, Faithfulness, Ledger
from analysis.attribution.sentences import (
    baseline_sentence,
    completeness_sentences,
    contribution_sentences,
    faithfulness_sentences,
    reliability_summary,
)
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.wording import signed
from analysis.workspace import Batch
from pages.review.explained import Alone, ablation_of, overview_of
from pages.shared import cards, labels
from pages.shared.engine import model

RELIABLE, UNRELIABLE = ":material/verified:", ":material/warning:"


def show_account(batch: Batch, post: pd.Series, ledger: Ledger, checks: Checks, title: str) -> None:
    """Show a ledger: in words, as a waterfall, word by word, region by region, and how far each can be trusted."""
    st.markdown(contribution_sentences(ledger, title))
    st.plotly_chart(
        charts.waterfall(ledger, labels.titles()), key="waterfall", config={"displayModeBar": False}
    )
    if checks.firm is not None:
        st.caption(f"{RELIABLE if checks.firm else UNRELIABLE} {baseline_sentence(checks.firm)}")
    if ledger.words:
        st.markdown(f"**Words** for (solid line) and against (dashed line) {title}")
        if trusted(ledger.word_check, checks.words, "words", ledger.text_remainder):
            st.html(highlights.highlighted_words(post["text"], ledger.words))
    if ledger.pictures:
        st.markdown(f"**Regions of the picture** for (blue, outlined) and against (orange, hatched) {title}")
        if trusted(ledger.pixel_check, checks.regions, "regions", ledger.image_remainder):
            show_regions(batch, ledger)


def show_regions(batch: Batch, ledger: Ledger) -> None:
    """Show each picture with its regions marked by their values."""
    strongest = max(float(np.abs(picture.heat()).max()) for picture in ledger.pictures)
    with st.grid(min(len(ledger.pictures), 2), min_column_width=220):
        for picture in ledger.pictures:
            stored = cards.open_stored(batch.media_path(picture.media_id))
            if stored is None:
                cards.no_picture()
                continue
            st.image(
                highlights.heat_map_overlay(stored, picture, strongest),
                width="stretch",
                alt="Heat map of the picture",
                caption=f"{signed(picture.value)} logits" if len(ledger.pictures) > 1 else None,
            )


def look_closer(batch: Batch, post: pd.Series, ledger: Ledger, title: str) -> None:
    """Show the strongest words with their values, and the pictures by two other methods."""
    if ledger.words and not (ledger.word_check and ledger.word_check.refused):
        st.markdown(f"**Strongest words**, in logits for (+) and against (−) {title}")
        st.plotly_chart(
            charts.word_values_bar(ledger.words), key="word_values_bar", config={"displayModeBar": False}
        )
    if not ledger.pictures:
        return
    of = (batch.id, post["post_id"], model().id, ledger.output.head, ledger.output.name)
    with st.spinner("Looking closer"):
        ablated, seen = ablation_of(*of), overview_of(*of)
    st.markdown("**Regions, each left out by itself** (feature ablation)")
    st.caption(
        "What the score loses when a region alone turns black. Regions overlap in what they say, so these do not add "
        f"up: {signed(sum(each.value for each in ablated.pictures))} of {signed(ablated.phi['image'])} logits."
    )
    show_regions(batch, ablated)
    st.markdown("**Where the model looks** (Grad-CAM)")
    st.caption("Yellow is where; it does not say how much, or whether for or against.")
    with st.grid(min(len(seen), 2), min_column_width=220):
        for picture, heat in zip(ledger.pictures, seen, strict=True):
            stored = cards.open_stored(batch.media_path(picture.media_id))
            if stored is None:
                cards.no_picture()
            else:
                st.image(
                    highlights.grad_cam_overlay(stored, heat), width="stretch", alt="Where the model looks"
                )


def trusted(check: Completeness | None, order: Faithfulness | None, parts: str, remainder: float) -> bool:
    """Say how far an attribution can be trusted; False, with a warning, where it is not to be shown at all."""
    said = [completeness_sentences(check, parts, remainder)] if check else []
    said += [faithfulness_sentences(order, parts)] if order else []
    if check and check.refused:
        st.warning(f"Not shown, since the {parts} do not add up. {said[0]}", icon=UNRELIABLE)
        return False
    doubtful = (check and check.verdict != "ok") or (order and order.verdict in ("mixed", "fails"))
    icon = UNRELIABLE if doubtful else RELIABLE
    st.caption(f"{icon} {reliability_summary(check, order, parts)}", help="  \n".join(said))
    return True


def show_probabilities(alone: Alone, head: str) -> None:
    """Show the probabilities of one head's classes."""
    figure = charts.class_probabilities(alone, head, labels.titles())
    st.plotly_chart(figure, key=f"probabilities_{head}", config={"displayModeBar": False})
