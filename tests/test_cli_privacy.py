"""The privacy options of the command line, with the tiny model."""

from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from tests.test_cli import read, run

pytestmark = pytest.mark.slow

NAMED = """post_id,text,author,campaign
1234567,good day @Ann_Smith,bob_b,BOB_B
1234568,awful https://x.com/bob_b/status/9,@ann_smith,other
1234569,,,
"""


@pytest.fixture
def named_posts(tmp_path: Path) -> Path:
    """Posts of two people who mention each other, and a row without anything."""
    (tmp_path / "named.csv").write_text(NAMED, encoding="utf-8")
    return tmp_path / "named.csv"


def test_score_replaces_names_by_the_pseudonyms_of_a_salt_file(
    named_posts: Path, tiny_bundle: Bundle
) -> None:
    folder, salt = named_posts.parent, named_posts.with_name("key.salt")
    how = ("--model", tiny_bundle.folder, "--no-words", "--privacy", "pseudonyms")
    reports = []
    for name, options in (("a.csv", ("--salt-file", salt)), ("b.csv", ("--salt-file", salt)), ("c.csv", ())):
        done = run("score", named_posts, "--out", folder / name, *how, *options)
        assert done.exit_code == 0, done.output
        assert "with pseudonyms" in done.output
        reports.append((folder / name).read_bytes())
    assert reports[0] == reports[1] != reports[2]
    assert salt.stat().st_mode & 0o777 == 0o600
    assert not [word for word in (b"ann", b"bob", b"123456") for report in reports if word in report.lower()]
    first, second = read(folder / "a.csv")
    assert first["text"] == f"good day @{second['author']}"
    assert second["text"] == f"awful https://x.com/{first['author']}"
    assert not (folder / "a.rejected.csv").exists()
    assert salt.read_bytes().strip() not in reports[0]


def test_score_writes_scores_only(named_posts: Path, tiny_bundle: Bundle) -> None:
    out = named_posts.with_name("report.csv")
    done = run("score", named_posts, "--out", out, "--model", tiny_bundle.folder, "--privacy", "scores-only")
    assert done.exit_code == 0, done.output
    rows = read(out)
    assert not {"text", "author", "images", "source", "top_words"} & set(rows[0])
    assert {row["sentiment"] for row in rows} <= {"negative", "neutral", "positive"}
    assert "good day" not in out.read_text(encoding="utf-8-sig")


def test_a_summary_with_pseudonyms_says_so(named_posts: Path, tiny_bundle: Bundle) -> None:
    out = named_posts.with_name("report.html")
    done = run("report", named_posts, "--out", out, "--model", tiny_bundle.folder, "--privacy", "pseudonyms")
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert "<h3>Privacy: pseudonyms</h3>" in page
    assert not any(word in page.lower() for word in ("ann_smith", "bob_b", "123456"))
    assert "user_" in page


def test_privacy_options_that_contradict_each_other_are_refused(
    named_posts: Path, tiny_bundle: Bundle
) -> None:
    common = ("score", named_posts, "--out", named_posts.with_name("r.csv"), "--model", tiny_bundle.folder)
    done = run(*common, "--salt-file", named_posts.with_name("key.salt"))
    assert done.exit_code == 2
    assert "--salt-file is for --privacy pseudonyms" in done.output
    done = run(*common, "--privacy", "scores-only", "--pixels", named_posts.with_name("maps"))
    assert done.exit_code == 2
    assert "--pixels writes pictures" in done.output
    done = run(*common, "--privacy", "pseudonyms", "--salt-file", named_posts)
    assert done.exit_code == 1
    assert "is not a salt of pseudonyms" in done.output + str(done.exception)


@pytest.mark.parametrize("options", [(), ("--verify",)])
def test_an_explanation_has_pseudonyms_or_scores_only(
    named_posts: Path, additive_bundle: Bundle, options: tuple[str, ...]
) -> None:
    out, salt = named_posts.with_name("why.html"), named_posts.with_name("key.salt")
    common = ("explain", named_posts, "--post", "1234567", "--out", out, "--model", additive_bundle.folder)
    done = run(*common, "--privacy", "pseudonyms", "--salt-file", salt, *options)
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert "good" in page
    assert not any(word in page.lower() for word in ("ann_smith", "bob_b", "1234567"))
    done = run(*common, "--privacy", "scores-only", "--salt-file", salt, *options)
    assert done.exit_code == 0, done.output
    assert "good day" not in out.read_text(encoding="utf-8")
    done = run(*common, "--salt-file", salt)
    assert done.exit_code == 2
    assert "--salt-file is for --privacy pseudonyms" in done.output
