"""One post: its text and images with highlights, its metadata and its scores."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.attribution import Checks, Completeness, Faithfulness, Ledger
from analysis.attribution.sentences import describe_completeness, describe_faithfulness, describe_reliability
from analysis.charts import highlights
from analysis.columns import TOPIC_COLUMN
from analysis.custom_topics import NO_TOPIC
from analysis.posts import has_text
from analysis.wording import format_percent, format_signed, format_time, shorten_to_one_line
from analysis.workspace import Batch
from pages.shared import cards, catalogue, labels, places
from pages.shared.engine import workspace
from pages.shared.messages import plain

RELIABLE, UNRELIABLE = ":material/verified:", ":material/warning:"
_PALEST = 0.3
"""Strength of the colours of an image without influence, compared with those of the most influential input."""
_NEARLY_UNCERTAIN = 0.05
"""Confidence above the limit of an uncertain prediction up to which the limit is mentioned."""


def show_post(
    batch: Batch, post: pd.Series, ledger: Ledger | None, checks: Checks | None = None, title: str = ""
) -> None:
    """Show a post: text, images and metadata, with highlighted words and regions unless the user turned them off.

    Args:
        batch: The batch.
        post: The post.
        ledger: Its explanation; None to show the post as it is.
        checks: The checks of the ledger; None if they were not computed.
        title: The explained output, such as "negative".
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            if ledger and not st.toggle("Highlights", value=True, key="highlights", persist_state="session"):
                ledger = None
            if ledger and (ledger.words or ledger.images):
                st.html(highlights.legend(title))
        if ledger and ledger.words:
            show_highlighted_text(post, ledger, checks)
        else:
            st.text(post["text"] if has_text(post["text"]) else "(no text)")
        if ledger and ledger.images and (ledger.phi["image"] or not ledger.has_shares):
            show_highlighted_images(batch, ledger, checks)
        else:
            for media_id in post["images"]:
                cards.show_image(batch.media_path(media_id))
        st.text(_describe_metadata(post))


def keep_in_view(key: str) -> None:
    """Keep a container in view while the page scrolls, where the screen is wide enough; images fill half a screen."""
    st.html(
        f"<style>@media (min-width: 800px) {{ .st-key-{key} {{ position: sticky; top: 4rem; "
        f"max-height: calc(100vh - 5rem); overflow-y: auto; }} }} .st-key-{key} img {{ max-height: 50vh; "
        "object-fit: contain; object-position: left; }</style>"
    )


def show_highlighted_text(post: pd.Series, ledger: Ledger, checks: Checks | None) -> None:
    """Show the text with highlighted words, and how reliable they are; without highlights if they do not add up."""
    ranking = checks.words if checks else None
    is_shown = show_reliability(ledger.word_check, ranking, "words", ledger.text_remainder)
    st.html(highlights.highlighted_words(post["text"], ledger.words if is_shown else ()))


def show_highlighted_images(batch: Batch, ledger: Ledger, checks: Checks | None) -> None:
    """Show the images with coloured regions, and how reliable they are; as they are if the values do not add up."""
    ranking = checks.regions if checks else None
    if show_reliability(ledger.pixel_check, ranking, "regions", ledger.image_remainder):
        show_regions(batch, ledger)
    else:
        for image in ledger.images:
            cards.show_image(batch.media_path(image.media_id))


def show_regions(batch: Batch, ledger: Ledger) -> None:
    """Show each image with its regions coloured by their values; paler if other inputs matter more than images."""
    strongest = highlights.find_strongest(ledger.images)
    largest = max((abs(value) for value in ledger.phi.values()), default=0.0)
    strength = max(abs(ledger.phi["image"]) / largest, _PALEST) if largest else 1.0
    with st.grid(min(len(ledger.images), 2), min_column_width=220):
        for number, image in enumerate(ledger.images, start=1):
            stored = cards.open_stored_image(batch.media_path(image.media_id))
            if stored is None:
                cards.show_missing_image()
                continue
            st.image(
                highlights.heat_map_overlay(stored, image, strongest, strength),
                width="stretch",
                alt=f"Heat map of image {number}" if len(ledger.images) > 1 else "Heat map of the image",
                caption=f"Image {number}: {format_signed(image.value)} logits"
                if len(ledger.images) > 1
                else None,
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
        st.warning(f"Not highlighted, because the {parts} do not add up. {sentences[0]}", icon=UNRELIABLE)
        return False
    doubtful = (check and check.verdict != "ok") or (ranking and ranking.verdict in ("mixed", "fails"))
    icon = UNRELIABLE if doubtful else RELIABLE
    st.caption(f"{icon} {describe_reliability(check, ranking, parts)}", help="  \n".join(sentences))
    return True


def _describe_metadata(post: pd.Series) -> str:
    """List what is known about the post, one fact a line."""
    created_at = post["created_at"]
    details = {
        "Author": post["author"],
        "Posted": None if pd.isna(created_at) else format_time(created_at, places.timezone()),
        "Likes": post["likes"],
        "Shares": post["shares"],
        "Comments": post["comments"],
        "Images": ", ".join(post["image_names"]),
        "File": f"{post['source']}, row {post['row']}" if post["row"] else post["source"],
        "ID": post["post_id"],
    }
    return "\n".join(
        f"{name}: {shorten_to_one_line(str(value))}"
        for name, value in details.items()
        if not pd.isna(value) and value != ""
    )


def describe_further_scores(post: pd.Series) -> str:
    """Describe the valence, and how well text and image match; "" if the post is not scored."""
    if not isinstance(post["sentiment"], str):
        return ""
    found = f"Valence (probability of positive minus that of negative): {format_signed(post['valence'])}."
    if post["text_image_match"] is not None:
        match = format_percent(post["text_image_match"])
        found += f" Text and image match better than those of {match} of pairs from different posts."
    return found


def _confidence_caption(post: pd.Series, limit: float) -> str:
    """Describe the confidence, and say if it is just above that of an uncertain prediction."""
    caption = f"Confidence {format_percent(post['confidence'])}"
    if limit <= post["confidence"] < limit + _NEARLY_UNCERTAIN:
        caption += f" (below {format_percent(limit)} it would be “not sure”)"
    return caption


def show_scores(post: pd.Series) -> None:
    """Show badges with a post's sentiment, topic, emotion, tone and warnings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        labels.verdict_badge(post["sentiment"], post["uncertain"] is True)
        for column in catalogue.class_columns():
            value, badge = post.get(column.name), column.badge
            if isinstance(value, str) and badge and value not in badge.hidden:
                about = catalogue.kind_of([column]).help
                st.badge(plain(column.title_of(value)), icon=badge.icon, color="gray", help=plain(about))
        if post.get(TOPIC_COLUMN) and post[TOPIC_COLUMN] != NO_TOPIC:
            st.badge(plain(post[TOPIC_COLUMN]), icon=":material/label:", color="gray", help="Custom topics")
        labels.mark_badges(post)
        if post["in_language"] is False:
            language = plain(labels.language(post["language"]))
            st.badge(language, icon=":material/translate:", color="violet", help=labels.other_language())
        if post["disagree"] is True:
            st.badge("Text and image disagree", color="violet", help=labels.help_of("disagree"))
        if isinstance(post["sentiment"], str):
            st.caption(_confidence_caption(post, workspace().settings.uncertain_below), width="content")
