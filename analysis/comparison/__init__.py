"""Compares segments of posts: shares with intervals, tests of differences, typical words and images.

`analysis.query.segments` counts the posts. `estimates` computes shares and net sentiments, `differences` tests them
with a correction for the number of tests, `log_odds` ranks words and emoji, `typical_images` finds images.
"""

from analysis.comparison.differences import Difference, compare_with_reference
from analysis.comparison.estimates import Estimate, estimate_net_sentiment, estimate_share
from analysis.comparison.log_odds import TypicalWord, find_typical_words
from analysis.comparison.typical_images import TypicalImages, find_typical_images

__all__ = [
    "Difference",
    "Estimate",
    "TypicalImages",
    "TypicalWord",
    "compare_with_reference",
    "estimate_net_sentiment",
    "estimate_share",
    "find_typical_images",
    "find_typical_words",
]
