"""The names of a batch's files are known to the workspace alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analysis.workspace import layout

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("analysis", "pages")
    for path in (ROOT / folder).rglob("*.py")
    if path.parent.name != "workspace" and path.name != "companions.py"  # names files of other tools
]
NAMES = [
    layout.MANIFEST,
    layout.POSTS,
    layout.REJECTED,
    layout.INTAKE,
    layout.REPORTS,
    layout.HEAT_MAPS,
    layout.BATCHES,
    layout.MAPPINGS,
    layout.SCORING_LOCK,
    layout.STOP,
    ".sha256",
]


def test_the_top_level_has_the_agreed_files_only() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {name.split("/")[0] for name in tracked.splitlines()}
    folders = {"pages", "analysis", "tests", "sample_posts"}
    files = {"pyproject.toml", "README.md", "app.py", "LICENSE", "CHANGELOG.md"}
    assert {name for name in top if not name.startswith(".")} == folders | files


@pytest.mark.parametrize("name", NAMES)
def test_no_other_package_names_a_file_of_a_batch(name: str) -> None:
    assert [str(path) for path in SOURCES if f'"{name}"' in path.read_text(encoding="utf-8")] == []


def test_no_other_package_names_the_file_of_a_part() -> None:
    assert [str(path) for path in SOURCES if '"part-' in path.read_text(encoding="utf-8")] == []


def test_parts_are_listed_by_index_and_other_files_ignored(tmp_path: Path) -> None:
    for index in (10, 2):
        (tmp_path / layout.part_file(index)).touch()
    layout.digest_path(tmp_path / layout.part_file(2)).touch()
    assert layout.part_files(tmp_path) == {index: tmp_path / layout.part_file(index) for index in (2, 10)}
    assert list(layout.part_files(tmp_path)) == [2, 10]
    assert layout.part_files(tmp_path / "missing") == {}


@pytest.mark.slow
def test_no_file_has_leftovers_of_a_merge() -> None:
    command = ["git", "grep", "-lE", r"^\s*(<{7}|>{7})( |$)"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout == ""
