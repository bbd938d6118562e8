"""The explanation of one output: waterfall, words and image regions, each with its reliability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from analysis.attribution import Checks, Completeness, Faithfulness, Ledger
from analysis.attribution.sentences import (
    describe_baseline_agreement,
    describe_completeness,
    describe_contributions,
    describe_faithfulness,
    describe_reliability,
)
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.wording import format_signed
from analysis.workspace import Batch
from pages.review.explained import Alone, ablation_of, overview_of
from pages.shared import cards, labels
from pages.shared.engine import model

RELIABLE, UNRELIABLE = ":material/verified:", ":material/warning:"


def show_explanation(batch: Batch, post: pd.Series, ledger: Ledger, checks: Checks, title: str) -> None:
    """Show a ledger as sentences, waterfall, highlighted words and heat maps, each with its reliability."""
    st.markdown(describe_contributions(ledger, title))
    st.plotly_chart(
        charts.waterfall_chart(ledger, labels.titles()), key="waterfall", config={"displayModeBar": False}
    )
    if checks.firm is not None:
        st.caption(f"{RELIABLE if checks.firm else UNRELIABLE} {describe_baseline_agreement(checks.firm)}")
    if ledger.words:
        st.markdown(f"**Words** that raise (solid line) or lower (dashed line) the score for {title}")
        if show_reliability(ledger.word_check, checks.words, "words", ledger.text_remainder):
            st.html(highlights.highlighted_words(post["text"], ledger.words))
    if ledger.images:
        st.markdown(
            f"**Image regions** that raise (blue, outlined) or lower (orange, hatched) the score for {title}"
        )
        if show_reliability(ledger.pixel_check, checks.regions, "regions", ledger.image_remainder):
            show_regions(batch, ledger)


def show_regions(batch: Batch, ledger: Ledger) -> None:
    """Show each image with its regions coloured by their values."""
    strongest = max(float(np.abs(image.heat()).max()) for image in ledger.images)
    with st.grid(min(len(ledger.images), 2), min_column_width=220):
        for image in ledger.images:
            stored = cards.open_stored_image(batch.media_path(image.media_id))
            if stored is None:
                cards.show_missing_image()
                continue
            st.image(
                highlights.heat_map_overlay(stored, image, strongest),
                width="stretch",
                alt="Heat map of the image",
                caption=f"{format_signed(image.value)} logits" if len(ledger.images) > 1 else None,
            )


def show_details(batch: Batch, post: pd.Series, ledger: Ledger, title: str) -> None:
    """Show the most influential words with their values, and the images by two other methods."""
    if ledger.words and not (ledger.word_check and ledger.word_check.refused):
        st.markdown(f"**Most influential words**, by their effect on {title} in logits")
        st.plotly_chart(
            charts.word_values_bar(ledger.words), key="word_values_bar", config={"displayModeBar": False}
        )
    if not ledger.images:
        return
    key = (batch.id, post["post_id"], model().id, ledger.output.head, ledger.output.name)
    with st.spinner("Computing details..."):
        ablated, heat_maps = ablation_of(*key), overview_of(*key)
    st.markdown("**Regions removed one at a time** (feature ablation)")
    st.caption(
        "How much the score drops when one region is blacked out. Regions share information, so the drops need not "
        f"add up: {format_signed(sum(each.value for each in ablated.images))} of "
        f"{format_signed(ablated.phi['image'])} logits."
    )
    show_regions(batch, ablated)
    st.markdown("**Where the model looks** (Grad-CAM)")
    st.caption("Yellow regions matter; the colour does not show how much or in which direction.")
    with st.grid(min(len(heat_maps), 2), min_column_width=220):
        for image, heat in zip(ledger.images, heat_maps, strict=True):
            stored = cards.open_stored_image(batch.media_path(image.media_id))
            if stored is None:
                cards.show_missing_image()
            else:
                st.image(
                    highlights.grad_cam_overlay(stored, heat), width="stretch", alt="Where the model looks"
                )


def show_reliability(
    check: Completeness | None, ranking: Faithfulness | None, parts: str, remainder: float
) -> bool:
    """Show how reliable an attribution is; False, with a warning, if it must not be shown at all."""
    sentences = [describe_completeness(check, parts, remainder)] if check else []
    sentences += [describe_faithfulness(ranking, parts)] if ranking else []
    if check and check.refused:
        st.warning(f"Not shown, because the {parts} do not add up. {sentences[0]}", icon=UNRELIABLE)
        return False
    doubtful = (check and check.verdict != "ok") or (ranking and ranking.verdict in ("mixed", "fails"))
    icon = UNRELIABLE if doubtful else RELIABLE
    st.caption(f"{icon} {describe_reliability(check, ranking, parts)}", help="  \n".join(sentences))
    return True


def show_probabilities(alone: Alone, head: str, modalities: Mapping[str, str]) -> None:
    """Show the probabilities of one head's classes."""
    figure = charts.class_probabilities_bar(alone, head, labels.titles(), modalities)
    st.plotly_chart(figure, key=f"probabilities_{head}", config={"displayModeBar": False})
