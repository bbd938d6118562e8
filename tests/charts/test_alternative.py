"""The text alternatives of charts have the values of all bars."""

from __future__ import annotations

import pandas as pd

from analysis.charts import scores as charts
from analysis.charts.alternative import describe_chart

COUNTS = pd.DataFrame({"topic": ["prices", "<b>A & B</b>", "none of these"], "posts": [1, 5, 0]})


def test_bars_are_described_by_label_and_value() -> None:
    figure = charts.custom_topic_bar(COUNTS, total=10)
    described = describe_chart("Posts by custom topic", figure)
    assert described == "Posts by custom topic. prices 1 (10 %), <b>A & B</b> 5 (50 %)"


def test_parts_of_bars_are_described_by_sentiment() -> None:
    counts = pd.DataFrame(
        {"topic": ["a", "a", "b"], "sentiment": ["negative", "positive", "negative"], "posts": [1, 3, 2]}
    )
    described = describe_chart("Sentiment by topic", charts.sentiment_by_topic(counts, "topics"))
    assert described == "Sentiment by topic. ▼ Negative: A (4) 1, B (2) 2. ▲ Positive: A (4) 3"


def test_many_values_are_counted() -> None:
    names = [f"t{number}" for number in range(50)]
    figure = charts.custom_topic_bar(pd.DataFrame({"topic": names, "posts": 1}), total=50)
    assert describe_chart("Topics", figure).endswith("t39 1 (2 %), 10 more")
