"""Scores: tables, reports, explanations, and the lifetime of images."""

import gc
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import analysis as pl
from analysis.columns import report_columns


@pytest.fixture
def scores(model: pl.Model, photo: Image.Image) -> pl.Scores:
    frame = pd.DataFrame({"text": ["good day", "=1+1 <script>bad", ""], "images": [photo, None, photo]})
    return model.score(frame)


def test_the_table_has_the_columns_of_the_report_in_their_order(model: pl.Model, scores: pl.Scores) -> None:
    expected = [column.name for column in report_columns(model.bundle.heads)]
    assert scores.to_pandas().columns.tolist() == expected


def test_the_file_extension_selects_the_report_format(scores: pl.Scores, tmp_path: Path) -> None:
    scores.save(str(tmp_path / "new" / "scores.CSV"))
    table = pd.read_csv(tmp_path / "new" / "scores.CSV")
    assert len(table) == 3
    assert table["text"].iloc[1] == "'=1+1 <script>bad"


@pytest.mark.parametrize("name", ["scores.pdf", "scores"])
def test_an_unknown_extension_is_refused_with_the_known_ones(
    scores: pl.Scores, tmp_path: Path, name: str
) -> None:
    with pytest.raises(pl.PostLensError, match=r"for which there is no report format\. Use \.csv"):
        scores.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_named(scores: pl.Scores, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(pl.PostLensError, match=r"scores\.csv cannot be written"):
        scores.save(tmp_path / "file" / "scores.csv")


def test_a_notebook_shows_counts_and_the_first_rows_escaped(scores: pl.Scores) -> None:
    assert repr(scores).startswith("Scores(3 posts by tiny@")
    page = scores._repr_html_()
    assert "good day" in page
    assert "<script>" not in page


def test_posts_are_explained_by_position_or_id(scores: pl.Scores) -> None:
    assert scores.explain(1).post["post_id"] == "1"
    assert scores.explain("1").post["post_id"] == "1"
    assert scores.explain(-1).post["post_id"] == "2"
    predicted = scores.to_pandas()["sentiment"].iloc[0]
    assert scores.explain(0).output == scores.explain(0, f"sentiment={predicted}").output
    assert scores.explain(0, "topic").output.head == "topic"


@pytest.mark.parametrize("post", [3, -4, "no such id"])
def test_an_unknown_post_is_an_error_that_names_it(scores: pl.Scores, post: object) -> None:
    with pytest.raises(pl.PostLensError, match="is not among the 3 scored posts"):
        scores.explain(post)


@pytest.mark.parametrize("output", ["nothing", "sentiment=", "topic=nothing", "emotion"])
def test_an_output_that_does_not_exist_is_named(scores: pl.Scores, output: str) -> None:
    with pytest.raises(pl.AttributionError, match="Choose from"):
        scores.explain(2, output)


def test_images_are_kept_only_while_scores_are_in_use(scores: pl.Scores, model: pl.Model) -> None:
    folder = scores._image_path("0" * 64).parents[1]
    assert list(folder.rglob("*.jpg"))
    posts = model.score(pd.DataFrame({"images": [Image.new("RGB", (30, 30))]}))
    other = posts._image_path("0" * 64).parents[1]
    assert posts.explain(0).modalities["image"] != 0
    del posts
    gc.collect()
    assert not other.exists()
    assert folder.exists()
