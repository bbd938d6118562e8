"""Compares segments of posts: shares with intervals, tests of differences, typical words and images.

`analysis.query.segments` counts the posts. `estimates` computes shares and net sentiments, `differences` tests them
with a correction for the number of tests, `log_odds` ranks words and emoji, `typical_images` finds images.
"""

from analysis.comparison.differences import Difference, compare_with_reference
from analysis.comparison.estimates import (
    Estimate,
    SegmentEstimates,
    estimate_class_shares,
    estimate_net_sentiment,
    estimate_segments,
    estimate_share,
)
from analysis.comparison.log_odds import MIN_Z, TypicalWord, find_typical_words
from analysis.comparison.typical_images import TypicalImages, find_typical_images

__all__ = [
    "MIN_Z",
    "Difference",
    "Estimate",
    "SegmentEstimates",
    "TypicalImages",
    "TypicalWord",
    "compare_with_reference",
    "estimate_class_shares",
    "estimate_net_sentiment",
    "estimate_segments",
    "estimate_share",
    "find_typical_images",
    "find_typical_words",
]
