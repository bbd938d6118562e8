"""The histogram of similarities to a custom topic has every post on its side of the threshold."""

import numpy as np

from analysis.charts.similarities import similarity_histogram


def test_bars_count_the_posts_on_both_sides_of_the_threshold() -> None:
    similarity = np.array([0.1, 0.299, 0.301, 0.5, 0.5], np.float32)
    below, above = similarity_histogram(similarity, 0.3, (0.0, 0.6)).data
    assert (below.name, above.name) == ("Below the threshold", "In the topic")
    assert (sum(below.customdata), sum(above.customdata)) == (2, 3)
    assert max(above.y) == np.sqrt(2)


def test_a_threshold_outside_all_similarities_has_all_posts_on_one_side() -> None:
    similarity = np.array([0.1, 0.2], np.float32)
    below, above = similarity_histogram(similarity, 0.9, (0.0, 0.95)).data
    assert (sum(below.customdata), sum(above.customdata)) == (2, 0)
