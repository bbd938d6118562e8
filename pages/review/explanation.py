"""The explanation of one output: a sentence and a bar first, then on demand the values and their verification."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analysis.attribution import Agreement, Checks, Ledger, Output, Verification
from analysis.attribution.decision import describe_decision, is_mostly_against
from analysis.attribution.sentences import (
    describe_agreement,
    describe_base,
    describe_baseline_agreement,
    describe_contributions,
    describe_questions,
    describe_share_method,
    describe_shares,
)
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.charts.palette import LOWERS, RAISES
from analysis.columns import head_title
from analysis.wording import format_signed, join_with_and
from analysis.workspace import Batch
from pages.components.stacked_bar import Segment, show_stacked_bar
from pages.review.explained import Alone, ablation_of, overview_of
from pages.review.shown_post import (
    RELIABLE,
    UNRELIABLE,
    show_highlighted_images,
    show_highlighted_text,
    show_regions,
)
from pages.shared import cards, labels
from pages.shared.charts import draw
from pages.shared.engine import config, model
from pages.shared.messages import plain


def show_decision(post: pd.Series, ledger: Ledger, title: str) -> None:
    """Show why the post got the score: one sentence, and a bar with the shares of its modalities.

    Args:
        post: The post.
        ledger: Its explanation.
        title: The explained output, such as "negative".
    """
    output = ledger.output
    predicted = post.get(output.head)
    is_predicted = output.name in ([predicted] if isinstance(predicted, str) else predicted or ())
    is_sentiment = output == Output("sentiment", post["sentiment"])
    is_uncertain = is_sentiment and post["uncertain"] is True
    sign = f"{labels.sentiment_sign(output.name)} " if is_sentiment and not is_uncertain else ""
    st.header(sign + plain(describe_decision(ledger, title, is_predicted, is_uncertain)), anchor=False)
    still_predicted = []
    if is_predicted and is_mostly_against(ledger):
        still_predicted.append(
            f"Why still {title}? Every score starts at that of {describe_base(ledger)}. This post lowers the one for "
            f"{title}, but it remains the highest."
        )
    shares = {name: ledger.share(name) for name in ledger.phi if ledger.phi[name]}
    if len(shares) < 2 or None in shares.values():
        missing = [ledger.title(name).lower() for name, is_there in ledger.present.items() if not is_there]
        about = [f"This post has no {join_with_and(missing)}."] if missing else []
        if sentences := [*about, *still_predicted]:
            st.caption(plain(" ".join(sentences)))
        return
    show_stacked_bar(
        [
            Segment(
                f"{ledger.title(name)}, {_side(ledger, name)} {title}",
                ledger.title(name),
                share or 0.0,
                RAISES if ledger.phi[name] > 0 else LOWERS,
                _side(ledger, name),
                is_hatched=ledger.phi[name] < 0,
            )
            for name, share in shares.items()
        ]
    )
    meaning = f"Each input's share of the effect on the score for {title}."
    st.caption(plain(" ".join([meaning, *still_predicted])))


def _side(ledger: Ledger, modality: str) -> str:
    return "for" if ledger.phi[modality] > 0 else "against"


def show_evidence(ledger: Ledger, checks: Checks | None, title: str, alone: Alone) -> None:
    """Show the values behind the sentence: waterfall, sums, and the probabilities of the output's head.

    Args:
        ledger: The explanation.
        checks: The checks of the ledger; None if they were not computed.
        title: The explained output, such as "negative".
        alone: Probabilities of the full post, and of each modality alone.
    """
    st.markdown(plain(describe_contributions(ledger, title)))
    draw(charts.waterfall_chart(ledger, labels.titles()), "waterfall", "What each modality adds to the score")
    if checks and checks.firm is not None:
        st.caption(f"{RELIABLE if checks.firm else UNRELIABLE} {describe_baseline_agreement(checks.firm)}")
    for modality in ("text", "image"):
        sentence = describe_shares(ledger, modality) if ledger.present[modality] else ""
        if sentence:
            st.caption(f"{RELIABLE} {sentence}", help=describe_share_method(modality))
    modalities = join_with_and(name.lower() for name in config().modalities.values())
    st.markdown(f"**Probabilities** of the full post, and of {modalities} alone")
    show_probabilities(alone, ledger.output.head, ledger.titles)


def show_verification(batch: Batch, post: pd.Series, ledger: Ledger, verification: Verification) -> None:
    """Show the same words and regions by integrated gradients, and how well both agree."""
    if ledger.words and ledger.phi["text"]:
        _show_comparison(verification.words, "words")
        show_highlighted_text(post, verification.ledger, verification.checks)
    if ledger.images and ledger.phi["image"]:
        _show_comparison(verification.regions, "regions")
        show_highlighted_images(batch, verification.ledger, verification.checks)


def _show_comparison(agreement: Agreement | None, parts: str) -> None:
    """Introduce the values by integrated gradients: how well they agree with the shares, and what both show."""
    st.markdown(f"**The same {parts} by integrated gradients**")
    sentences = [describe_agreement(agreement, parts)] if agreement else []
    st.caption(" ".join([*sentences, describe_questions(parts)]))


def show_details(batch: Batch, post: pd.Series, ledger: Ledger, title: str) -> None:
    """Show the most influential words with their values, and the images by two other methods."""
    if ledger.words and not (ledger.word_check and ledger.word_check.refused):
        st.markdown(f"**Most influential words**, by their effect on {plain(title)} in logits")
        draw(charts.word_values_bar(ledger.words), "word_values_bar", "Most influential words")
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


def show_probabilities(alone: Alone, head: str, modalities: Mapping[str, str]) -> None:
    """Show the probabilities of one head's classes."""
    figure = charts.class_probabilities_bar(alone, head, labels.titles(), modalities)
    draw(figure, f"probabilities_{head}", f"Probabilities: {head_title(head).lower()}")
