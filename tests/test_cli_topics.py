"""Custom topics on the command line, with the tiny model."""

from pathlib import Path

import numpy as np
import pytest

from analysis.custom_topics import CustomTopic, TopicExample, encode_vector
from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from analysis.taxonomy import export_taxonomy
from tests.test_cli import read, run
from tests.tiny import write_tiny_bundle

pytestmark = pytest.mark.slow


def test_custom_topics_become_columns_and_counts(two_posts: Path, tiny_bundle: Bundle) -> None:
    out, names = two_posts.parent / "report.csv", two_posts.parent / "names.txt"
    names.write_text("prices, fees\n\ngood day\n", encoding="utf-8")
    options = ("--topics", "awful, good day", "--topics-file", names, "--model", tiny_bundle.folder)
    assert run("score", two_posts, "--out", out, *options).exit_code == 0
    rows = read(out)
    expected = ["similarity: awful", "similarity: good day", "similarity: prices, fees"]
    assert [name for name in rows[0] if name.startswith("similarity: ")] == expected
    assert "good day" in rows[0]["own_topics"].split("; ")
    page = two_posts.parent / "report.html"
    assert run("report", two_posts, "--out", page, *options).exit_code == 0
    assert "a post can have several" in page.read_text(encoding="utf-8")


def test_a_taxonomy_file_gives_thresholds_and_examples(two_posts: Path, tiny_bundle: Bundle) -> None:
    out, taxonomy = two_posts.parent / "report.csv", two_posts.parent / "topics.json"
    never, always = CustomTopic("good day", threshold=1.0), CustomTopic("prices, fees", threshold=-1.0)
    example = TopicExample("what an awful day")
    taxonomy.write_bytes(export_taxonomy([never, always, CustomTopic("awful", examples=(example,))]))
    options = ("--topics-file", taxonomy, "--model", tiny_bundle.folder)
    done = run("score", two_posts, "--out", out, *options)
    assert done.exit_code == 0, done.output
    rows = read(out)
    assert all("prices, fees" in row["own_topics"].split("; ") for row in rows)
    assert not any("good day" in row["own_topics"].split("; ") for row in rows)
    assert (
        run("score", two_posts, "--out", out, "--topics", "awful", "--model", tiny_bundle.folder).exit_code
        == 0
    )
    assert [row["similarity: awful"] for row in read(out)] != [row["similarity: awful"] for row in rows]


def test_examples_of_another_model_are_refused_before_anything_is_scored(
    two_posts: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    taxonomy = two_posts.parent / "topics.json"
    example = TopicExample(vectors=(encode_vector(np.eye(8)[0]),), bundle="other@1")
    taxonomy.write_bytes(export_taxonomy([CustomTopic("rain", examples=(example,))]))
    monkeypatch.setattr("analysis.scoring.pipeline.score_batch", pytest.fail)
    for command, out in (("score", "r.csv"), ("report", "r.html")):
        options = ("--topics-file", taxonomy, "--model", tiny_bundle.folder)
        done = run(command, two_posts, "--out", two_posts.parent / out, *options)
        assert done.exit_code == 1
        assert "read by the model other@1" in done.output


def test_topics_that_are_not_valid_are_refused_before_anything_is_scored(
    two_posts: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    latin = tmp_path / "names.txt"
    latin.write_bytes("caf\xe9".encode("latin-1"))
    broken = tmp_path / "topics.json"
    broken.write_text('{"taxonomy_format": 1, "topics": [{"name": ""}]}', encoding="utf-8")
    for given, fact in (
        (("--topics", " , "), "needs a name"),
        (("--topics-file", latin), "UTF-8"),
        (("--topics-file", broken), "is not a valid taxonomy file"),
    ):
        done = run("score", two_posts, "--out", tmp_path / "r.csv", "--model", tiny_bundle.folder, *given)
        assert done.exit_code == 2
        assert fact in done.output
    plain = write_tiny_bundle(tmp_path / "plain", FusionConfig(8, 8), space=False)
    done = run("score", two_posts, "--out", tmp_path / "r.csv", "--model", plain, "--topics", "rain")
    assert done.exit_code == 1
    assert "no shared space" in done.output
