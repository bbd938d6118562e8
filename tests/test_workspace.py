"""Batches on disk: created completely or not at all, listed, renamed, deleted, filled part by part."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkspaceError
from analysis.intake import InputFile, check_batch, read_inputs
from analysis.posts import POST_COLUMNS
from analysis.workspace import Workspace, default_workspace_home
from tests.scored import (
    IMAGE,
    checked,
    media_with_image,
    new_batch,
    score,
    scores_of,
    some_posts,
    without_digests,
    words_of,
)


def test_home_comes_from_the_environment_and_else_from_the_home_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", "/data/lens")
    assert default_workspace_home() == Path("/data/lens")
    monkeypatch.delenv("POSTLENS_HOME")
    assert default_workspace_home() == Path.home() / ".postlens"


def test_a_home_that_is_not_utf_8_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", os.fsdecode(os.fsencode(tmp_path) + b"/x\xff"))
    with pytest.raises(WorkspaceError, match=r"x\\xff has a path that is not valid UTF-8. Set POSTLENS_HOME"):
        default_workspace_home()


def test_a_workspace_that_does_not_exist_yet_has_no_batches(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "home").batches() == []


def test_a_batch_is_loaded_as_it_was_stored(tmp_path: Path) -> None:
    posts = some_posts()
    new_batch(tmp_path, posts)
    batch = Workspace(tmp_path / "home").open("spring")
    assert tuple(batch.posts().columns) == POST_COLUMNS
    pd.testing.assert_frame_equal(batch.posts(), posts)
    assert list(batch.rejected()["reason"]) == ["has neither text nor an image"]
    assert batch.manifest.counts["row"] == {"expected": 21, "received": 20, "rejected": 1}
    assert (
        batch.media_path(IMAGE).read_bytes() == (tmp_path / "media" / IMAGE[:2] / f"{IMAGE}.jpg").read_bytes()
    )


def test_a_drop_without_rejections_becomes_a_batch(tmp_path: Path) -> None:
    table = b"id,text,mood\n1,hello,calm\n2,=1+1,\n"
    dropped = check_batch(read_inputs([InputFile("posts.csv", table)], tmp_path / "media"))
    batch = Workspace(tmp_path / "home").create(
        dropped, tmp_path / "media", "Drop", sources=[("posts.csv", table)]
    )
    pd.testing.assert_frame_equal(batch.posts(), dropped.posts, check_dtype=False)
    assert (len(batch.rejected()), batch.manifest.counts["row"]["received"]) == (0, 2)


def test_sources_are_kept_under_names_of_ours_with_their_hashes(tmp_path: Path) -> None:
    table = tmp_path / "second.csv"
    table.write_bytes(b"text\nhi\n")
    batch = Workspace(tmp_path / "home").create(
        checked(some_posts()),
        media_with_image(tmp_path / "media"),
        "Two tables",
        sources=[("../../etc/passwd", b"text\nhello\n"), ("second.csv", table)],
    )
    assert sorted(path.name for path in (batch.folder / "source").iterdir()) == ["00000", "00001"]
    first, second = batch.manifest.sources
    assert (first["name"], second["name"]) == ("../../etc/passwd", "second.csv")
    assert (batch.folder / "source" / second["file"]).read_bytes() == b"text\nhi\n"
    assert len(first["sha256"]) == 64


def test_a_missing_image_leaves_no_batch_behind(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    workspace = Workspace(tmp_path / "home")
    with pytest.raises(WorkspaceError):
        workspace.create(checked(some_posts()), tmp_path / "media", "Spring")
    assert workspace.batches() == []
    assert list(workspace.folder.iterdir()) == []


def test_an_id_in_use_is_refused_and_the_first_batch_is_kept(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    with pytest.raises(WorkspaceError, match="spring already exists"):
        new_batch(tmp_path, some_posts(3))
    assert len(batch.posts()) == 20
    assert [path.name for path in batch.folder.parent.iterdir()] == ["spring"]


@pytest.mark.parametrize(
    "batch_id", ["", "../spring", "a/b", "a\\b", ".new-1", "Spring", "spring\n", "x" * 65, "é"]
)
def test_an_id_that_could_be_a_path_is_refused(tmp_path: Path, batch_id: str) -> None:
    new_batch(tmp_path)
    with pytest.raises(WorkspaceError, match="is not a batch's id"):
        Workspace(tmp_path / "home").open(batch_id)


def test_a_batch_that_does_not_exist_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"Batch autumn does not exist\. Choose another"):
        Workspace(tmp_path / "home").open("autumn")


def test_a_home_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(WorkspaceError, match=r"cannot be written.*POSTLENS_HOME"):
        new_batch(tmp_path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("manifest.json", b"{"),
        ("manifest.json", b"[]"),
        ("manifest.json", b'{"id": "spring"}'),
        ("manifest.json", None),
        ("posts.parquet", b"PAR1"),
        ("posts.parquet", None),
    ],
)
def test_a_damaged_batch_is_listed_with_its_problem_and_hides_no_other(
    tmp_path: Path, file: str, content: bytes | None
) -> None:
    damaged = new_batch(tmp_path)
    workspace = Workspace(tmp_path / "home")
    workspace.create(checked(some_posts(3)), tmp_path / "media", "Whole")
    if content is None:
        (damaged.folder / file).unlink()
    else:
        (damaged.folder / file).write_bytes(content)
    problems = {info.name: info.problem for info in workspace.batches()}
    assert problems["Whole"] is None
    assert problems["spring"] == (
        f"Batch spring is damaged: {file} cannot be read. Delete it and upload the posts again."
    )
    with pytest.raises(WorkspaceError, match="is damaged"):
        workspace.open("spring")


def test_a_damaged_batch_can_be_deleted(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    (batch.folder / "manifest.json").unlink()
    workspace = Workspace(tmp_path / "home")
    workspace.delete("spring")
    assert workspace.batches() == []


def test_a_manifest_of_another_number_of_posts_is_noticed(tmp_path: Path) -> None:
    batch = without_digests(new_batch(tmp_path))
    path = batch.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"n_posts": 7}))
    with pytest.raises(WorkspaceError, match="contains 20 posts, the manifest lists 7"):
        Workspace(tmp_path / "home").open("spring")


def test_batches_are_listed_newest_first_with_what_is_scored(tmp_path: Path) -> None:
    score(new_batch(tmp_path, part_posts=8), range(2))
    workspace = Workspace(tmp_path / "home")
    workspace.create(checked(some_posts(3)), tmp_path / "media", "Newer")
    newer, older = workspace.batches()
    assert (newer.name, newer.n_posts, newer.scored, newer.bundle) == ("Newer", 3, 0, None)
    assert (older.name, older.n_posts, older.scored, older.bundle) == ("Spring", 20, 16, "compact@1a2b3c4d")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  Summer \n posts ", "Summer posts"), (" ", "spring"), ("x" * 500, "x" * 120), ("<b>", "<b>")],
)
def test_renaming_trims_and_shortens(tmp_path: Path, typed: str, kept: str) -> None:
    batch = new_batch(tmp_path)
    batch.rename(typed)
    assert batch.manifest.name == kept
    assert Workspace(tmp_path / "home").open("spring").manifest.name == kept


def test_renaming_keeps_the_bundle_that_scoring_noted_meanwhile(tmp_path: Path) -> None:
    on_the_page = new_batch(tmp_path)
    Workspace(tmp_path / "home").open("spring").set_bundle("compact@1a2b3c4d")
    on_the_page.rename("Summer")
    assert on_the_page.manifest.bundle == "compact@1a2b3c4d"


def test_deleting_removes_the_folder_and_later_writes_are_refused(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    scores = scores_of(batch.posts())
    Workspace(tmp_path / "home").delete(batch.id)
    assert list(batch.folder.parent.iterdir()) == []
    with pytest.raises(WorkspaceError, match="Batch spring was deleted"):
        batch.write_part("scores", 0, scores)
    with pytest.raises(WorkspaceError, match="Batch spring was deleted"):
        batch.rename("Back from the dead")
    assert list(batch.folder.parent.iterdir()) == []


def test_parts_cover_every_post_once(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    rows = [index for part in range(batch.n_parts) for index in range(20)[batch.part_rows(part)]]
    assert (batch.part_posts, batch.n_parts) == (6, 4)
    assert rows == list(range(20))


def test_the_size_of_parts_stays_as_it_was_when_settings_change(tmp_path: Path) -> None:
    new_batch(tmp_path, part_posts=6)
    assert Workspace(tmp_path / "home").open("spring").part_posts == 6


def test_large_batches_get_larger_parts_instead_of_too_many(tmp_path: Path) -> None:
    assert new_batch(tmp_path, part_posts=1, max_parts=5).n_parts == 5


def test_scored_posts_are_counted_part_by_part(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    score(batch, range(3, 4))
    assert (batch.scored(), batch.has_part("scores", 3), batch.has_part("scores", 0)) == (2, True, False)
    score(batch)
    assert batch.scored() == 20
    batch.clear("scores")
    batch.clear("scores")
    assert (batch.scored(), batch.has_part("words", 0)) == (0, True)


def test_a_part_with_other_posts_or_another_order_is_refused(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    scores = scores_of(batch.posts())
    for index, frame in [
        (1, scores[:6]),
        (0, scores[:5]),
        (0, scores[:6][::-1]),
        (4, scores[:0]),
        (-1, scores[18:]),
    ]:
        with pytest.raises(ValueError, match="are not those of part"):
            batch.write_part("scores", index, frame)
    assert batch.scored() == 0


def test_a_part_with_other_columns_is_refused(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    with pytest.raises(ValueError, match="valence"):
        batch.write_part("scores", 0, scores_of(batch.posts()).drop(columns="valence"))
    with pytest.raises(ValueError, match="guess"):
        batch.write_part("words", 0, words_of(batch.posts()).assign(guess=1))


def test_columns_of_further_heads_are_kept_with_their_types(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    scores = scores_of(batch.posts()).assign(intent=None, p_buy=float("nan"))
    batch.write_part("scores", 0, scores)
    ((_, table),) = batch.read_parts("scores")
    types = {name: str(table.schema.field(name).type) for name in ("intent", "p_buy", "emotion", "p_joy")}
    assert types == {"intent": "string", "p_buy": "double", "emotion": "string", "p_joy": "double"}


def test_a_crash_while_a_part_is_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path))
    before = (batch.folder / "scores" / "part-00000.parquet").read_bytes()

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full_disk)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        batch.write_part("scores", 0, scores_of(batch.posts(), seed=1))
    assert (batch.folder / "scores" / "part-00000.parquet").read_bytes() == before
    assert {path.name for path in (batch.folder / "scores").iterdir()} == {
        "part-00000.parquet",
        "part-00000.sha256",
    }
    assert not [path for path in (tmp_path / "home" / ".temporary").rglob("*") if path.suffix == ""][1:]
