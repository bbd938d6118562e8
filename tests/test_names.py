"""Names of batches: no two equal in one workspace, however many people name one at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from tests.scored import checked, media_with_image, some_posts


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home", Settings(max_name_chars=20))


def add(workspace: Workspace, name: str, batch_id: str | None = None) -> Batch:
    media = media_with_image(workspace.folder.parent.with_name("media"))
    return workspace.create(checked(some_posts(3)), media, name, batch_id)


def names(workspace: Workspace) -> list[str]:
    return sorted(batch.name for batch in workspace.batches())


def test_a_second_batch_of_a_name_gets_a_number(workspace: Workspace) -> None:
    for _ in range(3):
        add(workspace, "Posts")
    assert names(workspace) == ["Posts", "Posts (2)", "Posts (3)"]


def test_names_that_differ_in_case_or_spaces_are_equal(workspace: Workspace) -> None:
    add(workspace, "Posts of May")
    assert add(workspace, "  posts  of\nmay ").manifest.name == "posts of may (2)"


def test_a_number_in_use_is_skipped(workspace: Workspace) -> None:
    add(workspace, "Posts (2)")
    add(workspace, "Posts")
    assert add(workspace, "Posts").manifest.name == "Posts (3)"


def test_a_long_name_is_cut_before_its_number(workspace: Workspace) -> None:
    add(workspace, "x" * 50)
    assert add(workspace, "x" * 50).manifest.name == "x" * 16 + " (2)"


def test_a_batch_without_a_name_is_called_by_its_id(workspace: Workspace) -> None:
    assert add(workspace, "  ", "spring").manifest.name == "spring"


def test_renaming_to_the_name_of_another_batch_adds_a_number(workspace: Workspace) -> None:
    add(workspace, "Posts")
    other = add(workspace, "Others")
    other.rename("Posts")
    assert names(workspace) == ["Posts", "Posts (2)"]


def test_renaming_a_batch_to_its_own_name_changes_nothing(workspace: Workspace) -> None:
    batch = add(workspace, "Posts")
    batch.rename("Posts")
    assert names(workspace) == ["Posts"]


def test_batches_made_at_the_same_moment_get_different_names(workspace: Workspace) -> None:
    media_with_image(workspace.folder.parent.with_name("media"))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: add(workspace, "Posts"), range(6)))
    assert names(workspace) == ["Posts", *(f"Posts ({n})" for n in range(2, 7))]


def test_a_damaged_batch_does_not_hinder_naming(workspace: Workspace) -> None:
    add(workspace, "Posts", "damaged").folder.joinpath("manifest.json").write_text("[1]")
    assert add(workspace, "Posts").manifest.name == "Posts"


def test_a_name_that_is_no_unicode_text_is_made_one(workspace: Workspace) -> None:
    assert add(workspace, "posts\udcff").manifest.name == "posts?"
