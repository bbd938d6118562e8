"""Column mappings are saved by the set of columns, and a damaged file does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.importers import ColumnMapping
from analysis.settings import Settings
from analysis.workspace import SavedMappings

COLUMNS = ["Body", "Who", "pic"]
MAPPING = ColumnMapping(text="Body", author="Who", images=("pic",))


def test_a_mapping_serves_tables_with_the_same_columns_in_any_order(tmp_path: Path) -> None:
    SavedMappings(tmp_path / "home").save(COLUMNS, MAPPING)
    saved = SavedMappings(tmp_path / "home")
    assert saved.get(COLUMNS[::-1]) == MAPPING
    assert saved.get([*COLUMNS, "more"]) is None
    saved.forget(COLUMNS)
    assert saved.get(COLUMNS) is None


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    saved = SavedMappings(tmp_path / "home")
    saved.save(COLUMNS, MAPPING)
    assert saved.path.stat().st_mode & 0o077 == 0


def test_the_oldest_mappings_make_room(tmp_path: Path) -> None:
    saved = SavedMappings(tmp_path, Settings(max_saved_mappings=2))
    for name in "abc":
        saved.save([name], ColumnMapping(text=name))
    assert [saved.get([name]) is None for name in "abc"] == [True, False, False]


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"x": 1', '{"%s": {"text": 1}}', '{"%s": {"images": "pic"}}', '{"%s": {"text": "gone"}}'],
)
def test_a_damaged_file_has_no_mappings(tmp_path: Path, content: str) -> None:
    saved = SavedMappings(tmp_path)
    saved.save(COLUMNS, MAPPING)
    key = saved.path.read_text().split('"')[1]
    saved.path.write_text(content.replace("%s", key))
    assert saved.get(COLUMNS) is None
    saved.save(COLUMNS, MAPPING)
    assert saved.get(COLUMNS) == MAPPING
