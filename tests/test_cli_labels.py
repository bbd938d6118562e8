"""Labels of people on the command line, with the tiny model."""

import json
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from tests.test_cli import read, run

pytestmark = pytest.mark.slow


def test_labels_override_scores_and_are_reproduced(two_posts: Path, tiny_bundle: Bundle) -> None:
    labels, out = two_posts.parent / "labels.csv", two_posts.parent / "report.csv"
    labels.write_text("post_id,sentiment,note\na,negative,why?\nc,positive,\nb,odd,\n", encoding="utf-8")
    manifest = two_posts.parent / "manifest.json"
    options = ("--labels", labels, "--model", tiny_bundle.folder, "--manifest", manifest)
    done = run("score", two_posts, "--out", out, *options)
    assert done.exit_code == 0, done.output
    assert "1 post with labels from" in done.stderr
    assert "Not used: row 2 has no post of this batch" in done.stderr
    assert "Not used: row 3 has the sentiment “odd”" in done.stderr
    first, second = read(out)
    assert (first["sentiment"], first["corrected_sentiment"], first["note"]) == (
        "negative",
        "negative",
        "why?",
    )
    assert (second["sentiment"], second["review"]) == (second["model_sentiment"], "no")
    recorded = json.loads(manifest.read_bytes())["choices"]["labels"]
    assert {each["field"] for each in recorded} == {"sentiment", "note"}
    again = run("reproduce", manifest, two_posts, "--model", tiny_bundle.folder)
    assert again.exit_code == 0, again.output


def test_a_file_that_is_no_table_is_named(two_posts: Path, tiny_bundle: Bundle) -> None:
    labels = two_posts.parent / "labels.pdf"
    labels.write_bytes(b"%PDF-1.4")
    done = run(
        "report",
        two_posts,
        "--out",
        two_posts.parent / "r.html",
        "--labels",
        labels,
        "--model",
        tiny_bundle.folder,
    )
    assert done.exit_code == 2
    assert "labels.pdf" in done.stderr


def test_corrected_shares_of_a_summary_are_reproduced(two_posts: Path, tiny_bundle: Bundle) -> None:
    rows = [f"p{row},{'good day' if row % 3 else 'awful rain'} number {row}" for row in range(40)]
    (two_posts / "posts.csv").write_text("post_id,text\n" + "\n".join(rows), encoding="utf-8")
    labels, out = two_posts.parent / "labels.csv", two_posts.parent / "report.html"
    labels.write_text(
        "post_id,sentiment\n"
        + "\n".join(f"p{row},{'positive' if row % 3 else 'negative'}" for row in range(40))
    )
    manifest = two_posts.parent / "manifest.json"
    options = ("--labels", labels, "--model", tiny_bundle.folder, "--manifest", manifest)
    assert run("report", two_posts, "--out", out, *options).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "Corrected by people" in page
    assert "the labels of all 40 posts" in page
    again = run("reproduce", manifest, two_posts, "--model", tiny_bundle.folder)
    assert again.exit_code == 0, again.output
