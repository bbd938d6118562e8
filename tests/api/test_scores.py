"""Scores: tables, reports, explanations, and the lifetime of images."""

import gc
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import analysis as pl
from analysis.columns import report_columns
from analysis.model.bundle import Bundle
from tests.scored import texts_and_images


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


@pytest.mark.slow
def test_reports_and_explanations_are_saved_with_pseudonyms(model: pl.Model, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id,text,author\n1234567,good day @Ann_Smith,bob_b\n1234568,bad,bob_b\n")
    scores, salt = model.score(table), tmp_path / "key.salt"
    scores.save(tmp_path / "a.csv", "pseudonyms", salt)
    scores.save(tmp_path / "b.csv", privacy="pseudonyms", salt_file=salt)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    saved = pd.read_csv(tmp_path / "a.csv")
    assert saved["author"].nunique() == 1
    scores.save(tmp_path / "c.csv", "scores-only")
    assert "text" not in pd.read_csv(tmp_path / "c.csv")
    scores.explain(0).save(tmp_path / "why.html", "pseudonyms", salt)
    pages = [(tmp_path / name).read_text("utf-8-sig") for name in ("a.csv", "c.csv", "why.html")]
    assert saved["author"][0] in pages[2]
    assert not [word for word in ("Ann_Smith", "bob_b", "123456") for page in pages if word in page]


def test_an_unknown_privacy_or_a_salt_without_pseudonyms_is_refused(
    scores: pl.Scores, tmp_path: Path
) -> None:
    with pytest.raises(pl.PostLensError, match=r"'secret' is not known\. Use one of everything, pseudonyms"):
        scores.save(tmp_path / "scores.csv", "secret")
    with pytest.raises(pl.PostLensError, match="posts are shown as given"):
        scores.save(tmp_path / "scores.csv", salt_file=tmp_path / "key.salt")
    assert not list(tmp_path.iterdir())


def test_a_notebook_shows_counts_and_the_first_rows_escaped(scores: pl.Scores) -> None:
    assert repr(scores).startswith("Scores(3 posts by tiny@")
    page = scores._repr_html_()
    assert "good day" in page
    assert "<script>" not in page


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_custom_topics_are_columns_in_memory_as_on_disk(
    model: pl.Model, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    names = ["lovely day", "red phone"]
    stored = model.score(texts_and_images(tmp_path, tiny_bundle), topics=names).to_pandas()
    table = model.score(list(stored["text"][:5]), topics=names).to_pandas()
    columns = [f"similarity: {name}" for name in names]
    assert [name for name in table if name.startswith("similarity: ")] == columns
    assert table["own_topics"][0].split("; ")[0] == "lovely day"
    pd.testing.assert_frame_equal(
        table[["own_topics", *columns]], stored[["own_topics", *columns]][:5], atol=5e-3
    )
    assert "own_topics" not in model.score("good day").to_pandas()
    assert "own_topics" in model.score([], topics=names).to_pandas()


@pytest.mark.slow
def test_topics_may_have_thresholds_and_examples(model: pl.Model, tmp_path: Path) -> None:
    path = tmp_path / "topics.txt"
    path.write_text("red phone", encoding="utf-8")
    example = pl.TopicExample("what a lovely day")
    never, always = pl.CustomTopic("never", threshold=1.0), pl.CustomTopic("day", "", -1.0, (example,))
    table = model.score(["good day"], topics=[never, always, *pl.read_topics(path)]).to_pandas()
    names = table["own_topics"][0].split("; ")
    assert "day" in names
    assert "never" not in names
    assert {"similarity: day", "similarity: red phone"} <= set(table)
    plain = model.score(["good day"], topics=["day"]).to_pandas()
    assert plain["similarity: day"][0] != table["similarity: day"][0]


@pytest.mark.parametrize(
    ("topics", "message"), [("rain", "topics"), ([1], "topics"), ([" "], "A topic needs a name")]
)
def test_topics_that_are_no_list_of_names_are_refused(model: pl.Model, topics: object, message: str) -> None:
    with pytest.raises(pl.PostLensError, match=message):
        model.score("good day", topics=topics)  # type: ignore[arg-type]
