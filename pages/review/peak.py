"""What made a peak: its posts, words, authors and images, and its sentiment, compared with the other posts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis import query
from analysis.comparison import (
    Peak,
    TypicalWord,
    compare_with_reference,
    estimate_share,
    filter_peak,
    filter_word,
    find_typical_images,
    find_typical_words,
)
from analysis.query import Filters, Members, Segment
from analysis.wording import format_count, shorten_to_one_line
from analysis.workspace import Batch
from pages.components.post_card import show_post_card
from pages.components.stat_strip import Stat, show_stat_strip
from pages.shared import cards, labels, places
from pages.shared.cache_keys import make_cache_key
from pages.shared.counting import Counting
from pages.shared.estimates import format_points, format_share
from pages.shared.messages import plain

_WORDS = 12
_AUTHORS = 5
_POSTS = 3


def show_peak(
    batch: Batch, filters: Filters, peak: Peak, title: str, counting: Counting, views: Sequence[Segment]
) -> None:
    """Show what made a peak; each number and word opens its posts.

    Args:
        batch: The batch.
        filters: Those that it was found with.
        peak: The peak.
        title: What it is of, and when.
        counting: What is counted.
        views: The saved views that it was found with.
    """
    only = filter_peak(filters, peak, views)
    members = query.find_members([Segment("peak", batch, only), Segment("all", batch, filters)])
    with st.container(border=True):
        st.subheader(plain(title), anchor=False)
        _show_sentiment(members, only)
        _show_typical_words(batch, filters, only, members)
        _show_authors(batch, only, counting)
        _show_posts(batch, only, counting)
        _show_typical_images(batch, members)


def _show_sentiment(members: Members, only: Filters) -> None:
    """Compare the share of negative posts of the peak with that of all other posts."""
    table = query.count_segments(members).table
    peak, rest = table.iloc[0], table.iloc[1] - table.iloc[0]
    shares = [
        estimate_share(*(each[name] for name in ("negative", "amount", "negative_squares", "squares")))
        for each in (peak, rest)
    ]
    posts = int(peak["posts"])
    stats = [Stat("Posts", f"{posts:,}", only, posts)]
    if shares[0]:
        negative = only.with_selection(("sentiments", "negative"))
        stats.append(Stat("Negative", format_share(shares[0]), negative, int(peak["negative"])))
    show_stat_strip(stats)
    if shares[0] and shares[1]:
        (change,) = compare_with_reference([(shares[0], shares[1])])
        st.caption(
            f"Of the other posts, {format_share(shares[1])} are negative. The difference is {format_points(change)} "
            "percentage points. In brackets: 95 % intervals."
        )


def _show_typical_words(batch: Batch, filters: Filters, only: Filters, members: Members) -> None:
    """Show the words, hashtags and emoji that are more frequent than in the other posts."""
    key = tuple(make_cache_key(batch, each) for each in (filters, only))
    words, counted, posts = _find_words(members, key)
    if not words:
        return
    st.markdown("**Typical words, hashtags and emoji**")
    stats = [
        Stat(plain(shorten_to_one_line(each.title)), f"z {each.z:.1f}", filter_word(only, each), each.posts)
        for each in words
    ]
    show_stat_strip(stats)
    sample = "" if counted == posts else f" Counted in a sample of {labels.posts(counted)}."
    st.caption(
        "More frequent than in the other posts, by weighted log-odds with an informative Dirichlet prior (Monroe et "
        f"al. 2008); listed from z = 1.96, without a correction for the number of words.{sample} A word opens the "
        "posts with it."
    )


@st.cache_data(max_entries=20, show_spinner="Comparing words...")
def _find_words(_members: Members, key: tuple[object, ...]) -> tuple[list[TypicalWord], int, int]:
    """Find the words of a peak; also return how many posts were read, and how many there are."""
    counts = query.count_segment_words(_members, _members.segments[0].batch.settings.compared_texts)
    return find_typical_words(counts.table, 2, _WORDS)[0], counts.counted, counts.posts


def _show_authors(batch: Batch, only: Filters, counting: Counting) -> None:
    authors = query.count_values(batch, only, "author", counting.weight, limit=_AUTHORS).table
    if authors.empty:
        return
    st.markdown("**Most active authors**")
    show_stat_strip(
        [
            Stat(
                plain(title),
                format_count(amount, counting.weight.removesuffix("s")),
                only.with_selection(("authors", key)),
                posts,
            )
            for key, title, amount, posts in zip(
                authors["key"], authors["title"], authors["amount"], authors["posts"], strict=True
            )
        ]
    )


def _show_posts(batch: Batch, only: Filters, counting: Counting) -> None:
    """Show the posts with the most reactions; without any, the ones that the model is most confident about."""
    order = next(iter(counting.engagement), "confidence")
    found = query.list_rows(query.read_page(batch, only, order, descending=True, limit=_POSTS))
    title = "Most confident predictions" if order == "confidence" else f"Most {order}"
    st.markdown(f"**{title}**")
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for post in found:
            show_post_card(batch, post, places.link(only, post=post["post_id"]))


def _show_typical_images(batch: Batch, members: Members) -> None:
    """Show the posts whose images differ most from those of the other posts."""
    if not batch.has_part("embeddings", 0):
        return
    found = find_typical_images(members, _POSTS, batch.settings.compared_embeddings)
    if not found or not found.posts[0]:
        return
    posts = query.list_rows(query.read_posts_at(batch, [position for _, position in found.posts[0]]))
    st.markdown("**Typical images**")
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for post in posts:
            show_post_card(batch, post, places.link(post=post["post_id"]))
    if found.is_sample:
        st.caption(f"Found among {found.compared:,} posts with images, a part of all.")
