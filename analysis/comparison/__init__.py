"""Compares segments and periods of posts: shares with intervals, tests of differences, typical words and images.

`analysis.query.segments` counts the posts. `estimates` computes shares and net sentiments, `differences` tests them
with a correction for the number of tests, `log_odds` ranks words and emoji, `typical_images` finds images.
`trends` compares each period with the one before, `peaks` finds periods that stand out.
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
from analysis.comparison.log_odds import MIN_Z, TypicalWord, filter_word, find_typical_words
from analysis.comparison.peak_hits import FEWER, MORE, NEGATIVE, VIEW
from analysis.comparison.peaks import Peak, Peaks, filter_peak, find_strongest_peaks
from analysis.comparison.trends import Period, add_estimates, compare_days, compare_periods, count_tests
from analysis.comparison.typical_images import TypicalImages, find_typical_images

__all__ = [
    "FEWER",
    "MIN_Z",
    "MORE",
    "NEGATIVE",
    "VIEW",
    "Difference",
    "Estimate",
    "Peak",
    "Peaks",
    "Period",
    "SegmentEstimates",
    "TypicalImages",
    "TypicalWord",
    "add_estimates",
    "compare_days",
    "compare_periods",
    "compare_with_reference",
    "count_tests",
    "estimate_class_shares",
    "estimate_net_sentiment",
    "estimate_segments",
    "estimate_share",
    "filter_peak",
    "filter_word",
    "find_strongest_peaks",
    "find_typical_images",
    "find_typical_words",
]
