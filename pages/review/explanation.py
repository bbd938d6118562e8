"""The explanation of one output: waterfall, words and image regions, each with its reliability or verification."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analysis.attribution import Agreement, Checks, Completeness, Faithfulness, Ledger, Verification
from analysis.attribution.sentences import (
    describe_agreement,
    describe_baseline_agreement,
    describe_completeness,
    describe_contributions,
    describe_faithfulness,
    describe_questions,
    describe_reliability,
    describe_share_method,
    describe_shares,
)
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.wording import format_signed
from analysis.workspace import Batch
from pages.review.explained import Alone, ablation_of, overview_of
from pages.shared import cards, labels
from pages.shared.engine import model

RELIABLE, UNRELIABLE = ":material/verified:", ":material/warning:"


def show_explanation(
    batch: Batch,
    post: pd.Series,
    ledger: Ledger,
    checks: Checks | None,
    verification: Verification | None,
    title: str,
) -> None:
    """Show a ledger as sentences, waterfall, highlighted words and heat maps, each with its reliability.

    Args:
        batch: The batch.
        post: The post.
        ledger: Its explanation.
        checks: The checks of the ledger; None if they were not computed.
        verification: The verification of the ledger; None without one.
        title: The explained output, such as "negative".
    """
    st.markdown(describe_contributions(ledger, title))
    st.plotly_chart(
        charts.waterfall_chart(ledger, labels.titles()), key="waterfall", config={"displayModeBar": False}
    )
    if checks and checks.firm is not None:
        st.caption(f"{RELIABLE if checks.firm else UNRELIABLE} {describe_baseline_agreement(checks.firm)}")
    if ledger.words:
        st.markdown(f"**Words** that raise (solid line) or lower (dashed line) the score for {title}")
        show_text(post, ledger, checks)
        if verification and ledger.phi["text"]:
            show_comparison(verification.words, "words")
            show_text(post, verification.ledger, verification.checks)
    if ledger.images:
        if ledger.phi["image"] or not ledger.has_shares:
            st.markdown(
                f"**Image regions** that raise (blue, outlined) or lower (orange, hatched) the score for {title}"
            )
        show_images(batch, ledger, checks)
        if verification and ledger.phi["image"]:
            show_comparison(verification.regions, "regions")
            show_images(batch, verification.ledger, verification.checks)


def show_comparison(agreement: Agreement | None, parts: str) -> None:
    """Introduce the values by integrated gradients: how well they agree with the shares, and what both show."""
    st.markdown(f"**The same {parts} by integrated gradients**")
    sentences = [describe_agreement(agreement, parts)] if agreement else []
    st.caption(" ".join([*sentences, describe_questions(parts)]))


def show_text(post: pd.Series, ledger: Ledger, checks: Checks | None) -> None:
    """Show the text with highlighted words, and how reliable they are."""
    ranking = checks.words if checks else None
    show_sum(ledger, "text")
    if show_reliability(ledger.word_check, ranking, "words", ledger.text_remainder):
        st.html(highlights.highlighted_words(post["text"], ledger.words))


def show_images(batch: Batch, ledger: Ledger, checks: Checks | None) -> None:
    """Show the images with their regions, and how reliable they are; only a sentence if the score ignores images."""
    ranking = checks.regions if checks else None
    show_sum(ledger, "image")
    if not ledger.phi["image"] and describe_shares(ledger, "image"):
        return
    if show_reliability(ledger.pixel_check, ranking, "regions", ledger.image_remainder):
        show_regions(batch, ledger)


def show_sum(ledger: Ledger, modality: str) -> None:
    """Show how the shares of a modality's parts add up, if that is how they were computed."""
    sentence = describe_shares(ledger, modality)
    if sentence:
        st.caption(f"{RELIABLE} {sentence}", help=describe_share_method(modality))


def show_regions(batch: Batch, ledger: Ledger) -> None:
    """Show each image with its regions coloured by their values."""
    strongest = highlights.find_strongest(ledger.images)
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
    if not check and not ranking:
        return True
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
