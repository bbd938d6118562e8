"""What the charts of a page count: posts, their likes, or their interactions; the choice is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from analysis import query
from analysis.query import UNWEIGHTED, Engagement, Filters
from analysis.workspace import Batch
from pages.shared import labels, places

_HELP = (
    "Counts every post once, or by its likes or interactions: 100 likes weigh as much as 100 posts with one like. "
    "Interactions are the known likes, shares and comments together. Numbers below zero count as zero."
)


@dataclass(frozen=True)
class Counting:
    """What is counted.

    Attributes:
        weight: "posts", "likes" or "interactions".
        engagement: Likes and interactions of the matching posts, as far as any is known.
    """

    weight: str
    engagement: Mapping[str, Engagement]

    @property
    def is_weighted(self) -> bool:
        """Whether likes or interactions are counted."""
        return self.weight != UNWEIGHTED

    def title(self, title: str) -> str:
        """Add what is counted to the title of a chart: "Topics, by likes"."""
        return f"{title}, by {self.weight}" if self.is_weighted else title

    def describe_excluded(self) -> str:
        """Say how many posts are left out, such as "12 of 34 posts have no known number of likes."; "" for none."""
        if not self.is_weighted:
            return ""
        found = self.engagement[self.weight]
        left = found.scored - found.known
        if not left:
            return ""
        have = "has" if left == 1 else "have"
        return (
            f"{left:,} of {labels.posts(found.scored)} {have} no known number of {self.weight} and "
            f"{'is' if left == 1 else 'are'} not counted."
        )


def choose_counting(batch: Batch, filters: Filters) -> Counting:
    """Show the choice of what is counted, if the matching posts have likes or other reactions; return it.

    Args:
        batch: The batch.
        filters: Which posts match.
    """
    engagement = query.sum_engagement(batch, filters)
    offered = [UNWEIGHTED, *engagement]
    weight = places.counted() if places.counted() in offered else UNWEIGHTED
    if engagement:
        st.session_state["counted"] = weight
        st.segmented_control(
            "Count",
            offered,
            format_func=str.capitalize,
            required=True,
            key="counted",
            help=_HELP,
            on_change=lambda: places.set_counted(st.session_state["counted"]),
        )
    return Counting(weight, engagement)
