"""Reasons of a batch: the deciding modality, shares of text and image, and the most influential words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table, top_words_of
from tests.scored import new_batch, score, words_of


def test_posts_are_found_by_the_modality_that_decided(batch: Batch) -> None:
    rows = table(batch)
    split = rows["text_sentiment"].notna() & rows["image_sentiment"].notna()
    split &= rows["text_sentiment"] != rows["image_sentiment"]
    counts = query.count_by_deciding_modality(batch)
    for modality in ("text", "image"):
        expected = rows[split & (rows["sentiment"] == rows[f"{modality}_sentiment"])]
        assert ids(batch, Filters(decided_by=(modality,))) == list(expected["post_id"])
        assert counts[modality] == len(expected)
    assert sum(counts.values()) > 0


@pytest.mark.parametrize("column", ["sentiment", "topic"])
def test_shares_are_means_over_posts_with_both(batch: Batch, column: str) -> None:
    rows = table(batch)
    rows = rows[(rows["inputs_used"] == "both") & rows["share_text"].notna()]
    found = query.average_shares_by(batch, EVERY_POST, column).set_index(column)
    expected = rows.groupby(column)[["share_text", "share_image"]].mean()
    pd.testing.assert_frame_equal(
        found[["share_text", "share_image"]].sort_index(), expected, check_dtype=False, check_names=False
    )
    assert found["posts"].to_dict() == rows.groupby(column).size().to_dict()
    with pytest.raises(ValueError, match="not by author"):
        query.average_shares_by(batch, EVERY_POST, "author")


def test_influential_words_are_averaged_over_their_posts(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    words = words_of(batch.posts())
    lists = [
        [("good", 0.50), ("a;b", 0.40), ("bad", -0.90)],
        [("good", 0.30)],
        [("1,5x", -0.20), ("good", 0.10)],
        [("lone", 3.00)],
        [],
    ]
    words["top_words"] = [lists[number % 5] for number in range(len(words))]
    batch.write_part("words", 0, words)
    sentiments = table(batch).assign(top_words=words["top_words"])
    of_one = sentiments[sentiments["sentiment"] == "positive"]
    found = top_words_of(batch, EVERY_POST, "positive", least=1).set_index("word")
    values = [value for each in of_one["top_words"] for word, value in each if word == "good"]
    assert found.loc["good", "posts"] == len(values)
    assert found.loc["good", "value"] == pytest.approx(sum(values) / len(values))
    assert not {"bad", "1,5x", ""} & set(found.index)
    assert len(top_words_of(batch, EVERY_POST, "positive", least=21)) == 0
    assert len(top_words_of(batch, EVERY_POST, "positive", least=1, most=1)) == 1


def test_shares_of_words_that_every_sentiment_has_are_left_out(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    sentiments = query.read_page(batch, limit=20)["sentiment"].tolist()
    assert len(set(sentiments)) > 1
    words = [
        [("the", 0.09), *([("awful", 0.05)] if sentiment == "negative" else [])] for sentiment in sentiments
    ]
    posts = batch.posts()
    batch.write_part(
        "words", 0, pd.DataFrame({"post_id": list(posts["post_id"]), "top_words": words, "image_map": None})
    )
    assert top_words_of(batch, EVERY_POST, "negative").empty  # below 0.1 logits
    batch.set_bundle("compact@1a2b3c4d", shares="0" * 16)
    found = top_words_of(batch, EVERY_POST, "negative")
    assert found["word"].tolist() == ["awful"]
    assert found["value"].tolist() == pytest.approx([0.05])
    alone = top_words_of(batch, Filters(sentiments=("negative",)), "negative")
    assert alone["word"].tolist() == ["the", "awful"]
