"""The salt of pseudonyms: made once, private, and never overwritten."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.errors import WorkspaceError
from analysis.exporters import (
    Privacy,
    PrivacyLevel,
)
from analysis.workspace import read_salt_file, read_workspace_salt
from tests.exporters.private_posts import (
    PSEUDONYMS,
    SALT,
)


def test_the_salt_of_a_workspace_is_made_once_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as pool:
        salts = set(pool.map(lambda _: read_workspace_salt(home), range(24)))
    assert len(salts) == 1
    (path,) = home.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(salts.pop()) == 32
    assert read_workspace_salt(tmp_path / "other") != read_workspace_salt(home)


@pytest.mark.parametrize("content", [b"", b"ab" * 31, b"not hexadecimal", b"ab" * 3_000])
def test_another_file_is_no_salt_and_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"notes\.txt is not a salt .* Choose another file"):
        read_salt_file(path)
    assert path.read_bytes() == content


def test_the_salt_is_neither_shown_nor_forgotten() -> None:
    assert str(SALT) not in repr(PSEUDONYMS) + repr(PSEUDONYMS.pseudonyms)
    assert "salt" not in repr(PSEUDONYMS)
    with pytest.raises(ValueError, match="need a salt"):
        Privacy(PrivacyLevel.PSEUDONYMS)
