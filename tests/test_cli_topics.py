"""Custom topics on the command line, with the tiny model."""

from pathlib import Path

from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from tests.test_cli import read, run
from tests.tiny import write_tiny_bundle


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


def test_topics_that_are_not_valid_are_refused_before_anything_is_scored(
    two_posts: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    latin = tmp_path / "names.txt"
    latin.write_bytes("caf\xe9".encode("latin-1"))
    for given, fact in ((("--topics", " , "), "have no name"), (("--topics-file", latin), "UTF-8")):
        done = run("score", two_posts, "--out", tmp_path / "r.csv", "--model", tiny_bundle.folder, *given)
        assert done.exit_code == 2
        assert fact in done.output
    plain = write_tiny_bundle(tmp_path / "plain", FusionConfig(8, 8), space=False)
    done = run("score", two_posts, "--out", tmp_path / "r.csv", "--model", plain, "--topics", "rain")
    assert done.exit_code == 1
    assert "no shared space" in done.output
