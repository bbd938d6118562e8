"""Notes, tags and saved views are stored with their limits, and leave with their batch."""

from pathlib import Path

import pytest

from analysis.errors import WorkspaceError
from analysis.settings import Settings
from analysis.workspace import BatchNote, Workspace


def test_a_note_and_tags_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "batches" / "b").mkdir(parents=True)
    notes = Workspace(tmp_path).notes
    assert notes.read_all() == {}
    notes.save("b", "  first ", ["x", "x", " two\nlines ", ""])
    assert notes.read_all() == {"b": BatchNote("first", ("two lines", "x"))}
    notes.save("b", "", [])
    assert notes.read_all() == {"b": BatchNote()}


def test_notes_and_tags_have_limits(tmp_path: Path) -> None:
    (tmp_path / "batches" / "b").mkdir(parents=True)
    notes = Workspace(tmp_path, Settings(max_note_chars=3, max_tags=1, max_name_chars=2)).notes
    notes.save("b", "abcdef", ["longer", "tags"])
    assert notes.read_all() == {"b": BatchNote("abc", ("lo",))}


def test_views_are_saved_replaced_and_deleted(tmp_path: Path) -> None:
    views = Workspace(tmp_path).views
    assert views.read_all() == []
    views.save("Rain", "pages/review/posts.py", {"search": "rain"})
    views.save("all", "pages/review/overview.py", {"topics": ["a", "b"]})
    views.save("Rain", "pages/review/posts.py", {"search": "RAIN"})
    assert [(each.name, each.address) for each in views.read_all()] == [
        ("all", {"topics": ["a", "b"]}),
        ("Rain", {"search": "RAIN"}),
    ]
    views.delete("Rain")
    views.delete("Rain")
    assert [each.name for each in views.read_all()] == ["all"]


def test_a_view_with_a_long_address_is_refused(tmp_path: Path) -> None:
    views = Workspace(tmp_path, Settings(max_view_chars=40)).views
    views.save("Short", "pages/review/posts.py", {"search": "rain"})
    with pytest.raises(
        WorkspaceError, match=r"was not saved: its address has 114 characters, the limit is 40"
    ):
        views.save("Long", "pages/review/posts.py", {"search": "rain" * 25})
    assert [each.name for each in views.read_all()] == ["Short"]


def test_lone_surrogates_in_notes_and_views_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "batches" / "b").mkdir(parents=True)
    workspace = Workspace(tmp_path)
    workspace.notes.save("b", "a \ud800", ["\ud800"])
    assert workspace.notes.read_all() == {"b": BatchNote("a ?", ("?",))}
    workspace.views.save("\ud800", "pages/review/posts.py", {"search": "\ud800", "topics": ["\udfff", "é"]})
    (view,) = workspace.views.read_all()
    assert (view.name, view.address) == ("?", {"search": "?", "topics": ["?", "é"]})
