"""An importer that is added as one file of the package works in every place, with no other change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import analysis
from tests.importers import dummy
from tests.importers.test_registry import DUMMY

pytestmark = pytest.mark.slow

PACKAGE = Path(analysis.__file__).parent
PROGRAM = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
import analysis as pl
from analysis.cli import main
from analysis.errors import IntakeError
from analysis.importers.registry import table_labels, table_suffixes
from analysis.intake import InputFile, read_table_in_worker

folder = Path(sys.argv[1])
try:
    pl.load().score("posts.dummy")
except IntakeError as error:
    path_as_text = str(error)
print(json.dumps({
    "suffixes": sorted(table_suffixes()),
    "upload": table_labels(),
    "worker": read_table_in_worker(InputFile("posts.dummy", (folder / "posts.dummy").read_bytes())).notes,
    "command": CliRunner().invoke(main, ["importers"]).output,
    "read_posts": {
        name: pl.read_posts(folder / name).table["text"].tolist() for name in ("posts.dummy", "folder", "posts.zip")
    },
    "path_as_text": path_as_text,
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process finds in a copy of the package with one more file in `analysis/importers`."""
    root, posts = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("posts")
    (root / "analysis").mkdir()
    for each in PACKAGE.iterdir():
        if each.name != "importers":
            (root / "analysis" / each.name).symlink_to(each)
    shutil.copytree(PACKAGE / "importers", root / "analysis" / "importers")
    shutil.copy(dummy.__file__, root / "analysis" / "importers" / "dummy.py")

    (posts / "folder").mkdir()
    for path in (posts / "posts.dummy", posts / "folder" / "posts.dummy"):
        path.write_bytes(DUMMY)
    with zipfile.ZipFile(posts / "posts.zip", "w") as archive:
        archive.writestr("posts.dummy", DUMMY)
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(posts)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_its_suffix_is_that_of_a_table_and_its_label_is_shown_where_files_are_uploaded(found: Any) -> None:
    assert ".dummy" in found["suffixes"]
    assert "Dummy" in found["upload"]


def test_it_reads_in_the_worker_process(found: Any) -> None:
    assert found["worker"] == ["dummy"]


def test_it_is_listed_on_the_command_line(found: Any) -> None:
    assert ["dummy", "Dummy", ".dummy"] in [line.split() for line in found["command"].splitlines()]


@pytest.mark.parametrize("source", ["posts.dummy", "folder", "posts.zip"])
def test_read_posts_reads_its_files_alone_in_a_folder_and_in_a_zip(found: Any, source: str) -> None:
    assert found["read_posts"][source] == ["hello", "world"]


def test_the_name_of_its_file_is_not_scored_as_a_text(found: Any) -> None:
    assert "looks like a path" in found["path_as_text"]
