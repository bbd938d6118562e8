"""Labels of people on the command line, with the tiny model."""

import json
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from tests.test_cli import read, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table of two posts, in a folder of its own."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "posts.csv").write_text("post_id,text\na,good day\nb,awful\n", encoding="utf-8")
    return tmp_path / "in"


def test_labels_override_scores_and_are_reproduced(folder: Path, tiny_bundle: Bundle) -> None:
    labels, out = folder.parent / "labels.csv", folder.parent / "report.csv"
    labels.write_text("post_id,sentiment,note\na,negative,why?\nc,positive,\nb,odd,\n", encoding="utf-8")
    manifest = folder.parent / "manifest.json"
    options = ("--labels", labels, "--model", tiny_bundle.folder, "--manifest", manifest)
    done = run("score", folder, "--out", out, *options)
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
    again = run("reproduce", manifest, folder, "--model", tiny_bundle.folder)
    assert again.exit_code == 0, again.output


def test_a_file_that_is_no_table_is_named(folder: Path, tiny_bundle: Bundle) -> None:
    labels = folder.parent / "labels.pdf"
    labels.write_bytes(b"%PDF-1.4")
    done = run(
        "report", folder, "--out", folder.parent / "r.html", "--labels", labels, "--model", tiny_bundle.folder
    )
    assert done.exit_code == 2
    assert "labels.pdf" in done.stderr


def test_corrected_shares_of_a_summary_are_reproduced(folder: Path, tiny_bundle: Bundle) -> None:
    rows = [f"p{row},{'good day' if row % 3 else 'awful rain'} number {row}" for row in range(40)]
    (folder / "posts.csv").write_text("post_id,text\n" + "\n".join(rows), encoding="utf-8")
    labels, out = folder.parent / "labels.csv", folder.parent / "report.html"
    labels.write_text(
        "post_id,sentiment\n"
        + "\n".join(f"p{row},{'positive' if row % 3 else 'negative'}" for row in range(40))
    )
    manifest = folder.parent / "manifest.json"
    options = ("--labels", labels, "--model", tiny_bundle.folder, "--manifest", manifest)
    assert run("report", folder, "--out", out, *options).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "Corrected by people" in page
    assert "random sample of 40 posts of 40" in page
    again = run("reproduce", manifest, folder, "--model", tiny_bundle.folder)
    assert again.exit_code == 0, again.output
