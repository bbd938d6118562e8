"""Charts of influence: labels and filters of the bars."""

from __future__ import annotations

import pandas as pd

from analysis.charts.influence import influential_words_bar, modality_shares_bar
from analysis.query import EVERY_POST


def test_shares_are_stacked_and_open_the_posts_with_both() -> None:
    shares = pd.DataFrame(
        {"topic": ["daily_life"], "posts": [1200], "share_text": [0.7], "share_image": [0.3]}
    )
    text, image = modality_shares_bar(shares, "topic", "topics", {"daily_life": "Daily life"}).data
    assert (list(text.text), list(image.text)) == (["70 %"], ["30 %"])
    assert list(text.y) == ["Daily life (1,200)"]
    assert text.marker.pattern.shape != image.marker.pattern.shape
    with_selection = EVERY_POST.with_selection(text.customdata[0])
    assert (with_selection.chosen("topics"), with_selection.chosen("inputs")) == (("daily_life",), ("both",))


def test_words_are_escaped_and_open_their_posts() -> None:
    words = pd.DataFrame({"word": ["<b>x</b>", "good"], "posts": [3, 1100], "value": [0.8, 0.41]})
    bars = influential_words_bar(words, "negative")
    assert list(bars.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt;", "good"]
    assert list(bars.data[0].text) == ["+0.80 (3)", "+0.41 (1,100)"]
    with_selection = EVERY_POST.with_selection(bars.data[0].customdata[0])
    assert (with_selection.search, with_selection.chosen("sentiments")) == ("<b>x</b>", ("negative",))
