"""Input of wrong types: every error is a `PostLensError` that names the thing and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import analysis as pl
from analysis.model import Bundle
from analysis.workspace import BatchInfo, Workspace
from tests.scored import new_batch, score


@pytest.fixture
def model(tiny_bundle: Bundle) -> pl.Model:
    return pl.load(tiny_bundle.folder)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pl.load(None), "Model 'None' is of the type NoneType"),
        (lambda: pl.read_posts(None), "The path is of the type NoneType"),
        (lambda: pl.read_posts(["a.csv"]), "The path is of the type list"),
        (lambda: pl.read_posts("a.csv", media=3), "The folder of images is of the type int"),
        (lambda: pl.read_posts("https://example.com/x.csv"), "https://example.com/x.csv is a URL"),
        (lambda: pl.open_workspace(5), "The workspace's folder is of the type int"),
        (lambda: pl.open_workspace(__file__), "is a file. Give the folder of a workspace"),
    ],
)
def test_a_path_of_another_type_is_an_error(call: Callable[[], object], message: str) -> None:
    with pytest.raises(pl.PostLensError, match=message):
        call()


@pytest.mark.parametrize("text", [["a b"], 5, None])
def test_the_text_of_one_post_is_a_string(model: pl.Model, text: object) -> None:
    with pytest.raises(pl.PostLensError, match=r"The text is of the type .*Give one string"):
        model.explain(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("post", [1.5, True, None])
def test_a_post_is_chosen_by_number_or_id(model: pl.Model, post: object) -> None:
    scores = model.score(["a fine day", "a bad day"])
    with pytest.raises(pl.PostLensError, match=r"The post is of the type .*Give a number or a post_id"):
        scores.explain(post)  # type: ignore[arg-type]


def test_images_beside_posts_that_were_read_are_an_error(model: pl.Model, tmp_path: Path) -> None:
    (table := tmp_path / "a.csv").write_text("text\nhello\n")
    with pytest.raises(pl.PostLensError, match="Give it to read_posts"):
        model.score(pl.read_posts(table), media=tmp_path)


def test_a_batch_is_opened_before_it_is_scored(model: pl.Model, tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    (info,) = pl.open_workspace(batch.folder.parents[1]).batches()
    assert isinstance(info, BatchInfo)
    with pytest.raises(pl.PostLensError, match=r"Open it first: workspace\.open"):
        model.score(info)  # type: ignore[arg-type]
    assert repr(batch) == f"Batch('{batch.id}', 20 posts)"
    assert repr(Workspace(tmp_path)) == f"Workspace({str(tmp_path)!r})"


def test_charts_of_text_and_image_need_a_post_with_both(model: pl.Model) -> None:
    plot = model.score(["a fine day"]).plot
    for draw in (plot.agreement, plot.shares):
        with pytest.raises(pl.PostLensError, match="needs a post with text and images"):
            draw()


def test_the_names_of_the_package_are_the_public_ones() -> None:
    assert dir(pl) == sorted(pl.__all__)
