"""What differs between segments: cards with the words, emoji and images that are typical of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analysis import query
from analysis.comparison import (
    MIN_Z,
    TypicalImages,
    TypicalWord,
    filter_word,
    find_typical_images,
    find_typical_words,
)
from analysis.query import Members, Segment
from pages.shared import cards, labels, places
from pages.shared.cache_keys import make_cache_key
from pages.shared.messages import plain

WORDS, IMAGES = 10, 3
_CARD_WIDTH, _IMAGE_WIDTH = 310, 84  # pixels

_METHOD = f"""
- Words and emoji are ranked by the log-odds ratio of their frequency in the segment and in the posts that are only in
  the others, divided by its standard error: z, with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008).
  The prior is the frequency in all of these posts, so words that are frequent everywhere need a larger difference.
- Words with z above {MIN_Z} are shown, at most {WORDS}. This is a ranking and not a test: it is not corrected for the
  number of words.
- Forms of a word, such as its plural, count separately. A word that is mostly a hashtag is shown as one. Stop words
  of the languages of the posts, mentions, links and numbers are left out. Chinese texts are
  compared by pairs of characters; Japanese ones by pairs of Chinese characters and by words in katakana. Thai, Lao,
  Khmer and Burmese are not divided into words, so that only equal phrases are found.
- Images are those whose embeddings lie furthest in the direction from the mean of the other segments to the mean of
  the segment. Of images that are nearly equal, one is shown.
"""

STYLE = """<style>
[class*=st-key-typical_] a { padding: 0 0.35rem; min-height: 1.6rem; }
</style>"""


@dataclass(frozen=True)
class Differences:
    """What differs.

    Attributes:
        words: For each segment, the words and emoji that are typical of it.
        counted: Posts whose words were counted.
        posts: Posts in any segment.
        images: Posts with typical images; None if they cannot be compared.
    """

    words: list[list[TypicalWord]]
    counted: int
    posts: int
    images: TypicalImages | None


def show_what_differs(members: Members) -> None:
    """Show a card for each segment."""
    st.header("What differs", anchor=False)
    key = tuple(make_cache_key(each.batch, each.filters) for each in members.segments)
    found = _find_differences(members, key)
    posts = _read_image_posts(members, found.images)
    st.html(STYLE)
    with st.grid(min_column_width=_CARD_WIDTH):
        for number, segment in enumerate(members.segments):
            with st.container(border=True, height="stretch"):
                st.subheader(plain(segment.name), anchor=False)
                words = found.words[number]
                _show_words("Words", segment, number, [each for each in words if each.kind != "emoji"])
                if not segment.filters.chosen("emoji"):
                    _show_words("Emoji", segment, number, [each for each in words if each.kind == "emoji"])
                if found.images and found.images.compared:
                    _show_images(segment, [posts[place] for place in found.images.posts[number]])
    _explain(found)


@st.cache_data(max_entries=20, show_spinner="Comparing words and images...")
def _find_differences(_members: Members, key: tuple[object, ...]) -> Differences:
    settings, segments = _members.segments[0].batch.settings, len(_members.segments)
    words = query.count_segment_words(_members, settings.compared_texts)
    return Differences(
        find_typical_words(words.table, segments, WORDS),
        words.counted,
        words.posts,
        find_typical_images(_members, IMAGES, settings.compared_embeddings),
    )


def _read_image_posts(
    members: Members, images: TypicalImages | None
) -> Mapping[tuple[str, int], Mapping[str, Any]]:
    """Read the posts with typical images, by batch and position."""
    places_ = {place for of_segment in (images.posts if images else ()) for place in of_segment}
    found = {}
    for batch in {each.batch.id: each.batch for each in members.segments}.values():
        positions = sorted(position for batch_id, position in places_ if batch_id == batch.id)
        rows = query.read_posts_at(batch, positions, ["post_id", "images"]) if positions else None
        for position, post in zip(positions, [] if rows is None else query.list_rows(rows), strict=True):
            found[batch.id, position] = post
    return found


def _show_words(title: str, segment: Segment, number: int, words: Sequence[TypicalWord]) -> None:
    """Show words or emoji as links to their posts."""
    st.caption(f"**{title}**")
    if not words:
        st.caption("None stand out.")
        return
    with st.container(horizontal=True, gap="small", key=f"typical_{title}_{number}"):
        for word in words:
            only = filter_word(segment.filters, word)
            st.page_link(
                places.POSTS,
                label=f"{plain(word.title)} **{word.posts:,}**",
                query_params=places.link(only, batch=segment.batch.id),
                help=f"In {labels.posts(word.posts)}; z = {word.z:.1f}",
            )


def _show_images(segment: Segment, posts: Sequence[Mapping[str, Any]]) -> None:
    """Show the first image of posts, each with a link to its post."""
    st.caption("**Images**")
    if not posts:
        st.caption("No images to compare.")
        return
    with st.container(horizontal=True, gap="small"):
        for post in posts:
            with st.container(width=_IMAGE_WIDTH, gap=None):
                cards.show_cover([segment.batch.media_path(media_id) for media_id in post["images"][:1]])
                st.page_link(
                    places.EXPLAIN,
                    label="Open post",
                    query_params=places.link(segment.filters, batch=segment.batch.id, post=post["post_id"]),
                )


def _explain(found: Differences) -> None:
    """Say how words and images were found, and what that leaves out."""
    about = [
        "Each word counts once per post, in any case, also as a hashtag. A click opens the segment's posts with it."
    ]
    if found.counted < found.posts:
        about.append(
            f"Words and their numbers are from a random sample of {found.counted:,} of {labels.posts(found.posts)}, "
            "always the same one."
        )
    if found.images is None:
        about.append("Images are not compared: posts were scored without embeddings, or by different models.")
    elif found.images.is_sample:
        about.append(
            f"Images are from a part of the posts, with {labels.posts(found.images.compared)} with images."
        )
    st.caption(" ".join(about))
    with st.expander("How words and images are compared"):
        st.markdown(_METHOD)
