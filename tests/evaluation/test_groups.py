"""Groups: every value of a column is evaluated on its own posts."""

import numpy as np

from analysis.evaluation.groups import measure_groups
from analysis.evaluation.intervals import bootstrap_intervals

GROUPS = ["b"] * 8 + ["a"] * 8 + ["c"] * 20 + [""] * 4
TRUTH = np.arange(40) % 2
PREDICTED = np.where(np.arange(40) % 4 == 0, 1 - TRUTH, TRUTH)
PREDICTED[:8] = TRUTH[:8]
CONFIDENCE = np.full(40, 0.8)


def test_each_value_has_the_accuracy_of_its_posts_and_blank_values_are_omitted() -> None:
    found = measure_groups(GROUPS, TRUTH, PREDICTED, CONFIDENCE, 2)
    assert [(each["value"], each["posts"], each["accuracy"]) for each in found] == [
        ("c", 20, 0.75), ("a", 8, 0.75), ("b", 8, 1.0),
    ]  # fmt: skip


def test_the_interval_is_the_bootstrap_interval_of_these_posts_alone() -> None:
    found = {
        each["value"]: each["interval"] for each in measure_groups(GROUPS, TRUTH, PREDICTED, CONFIDENCE, 2)
    }
    alone = bootstrap_intervals(TRUTH[16:36], PREDICTED[16:36], CONFIDENCE[16:36], 2)
    assert found["c"] == alone["accuracy"]
    assert found["b"] == [1.0, 1.0]
    assert found["a"][0] < found["c"][0] < 0.75 < found["c"][1] <= found["a"][1]
