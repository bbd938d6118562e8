"""What PostLens writes in its workspace is readable by its owner only, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from analysis import query
from analysis.columns import report_columns
from analysis.exporters import CSV, write_report
from analysis.exporters.heatmaps import export_heat_maps, list_heat_maps
from analysis.intake import InputFile
from analysis.model.bundle import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.temporary import release_temporary_folder
from analysis.workspace import Workspace, home
from pages.batch.drop import Drop
from tests.scored import new_batch, score


@pytest.fixture(params=[0o000, 0o022, 0o077])
def home_folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    before = os.umask(request.param)
    yield tmp_path / "home"
    os.umask(before)
    release_temporary_folder(tmp_path / "home")


def open_to_others(folder: Path) -> list[str]:
    paths = [folder, *folder.rglob("*")]
    return [str(path) for path in paths if path.stat().st_mode & 0o077]


@pytest.mark.slow
def test_a_workspace_is_private_from_the_upload_to_the_heat_maps(
    home_folder: Path, tiny_bundle: Bundle
) -> None:
    image = BytesIO()
    Image.effect_noise((60, 40), 90).convert("RGB").save(image, "PNG")
    drop = Drop()
    table = b"post_id,text,images\na,good day,one.png\nb,,\n"
    drop.add([InputFile("posts.csv", table), InputFile("one.png", image.getvalue())])
    assert open_to_others(home_folder) == []
    batch = drop.store(drop.checked({}), "Spring", Workspace(home_folder))
    score_batch(batch, tiny_bundle, words=True)
    batch.rename("Summer")
    columns = report_columns(tiny_bundle.heads)
    assert write_report(batch, Filters(), columns, lambda *_: None, lambda: False, CSV)
    assert export_heat_maps(batch, lambda: tiny_bundle, list_heat_maps(batch, query.read_post_chunks(batch)))
    names = {path.suffix for path in batch.folder.rglob("*")}
    assert {".parquet", ".sha256", ".json", ".jpg", ".csv", ".png", ".lock"} <= names
    assert open_to_others(home_folder) == []


def loosened(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_workspace_of_an_earlier_version_is_made_private_when_it_is_opened(home_folder: Path) -> None:
    batch = score(new_batch(home_folder.parent))
    release_temporary_folder(home_folder)
    loosened(home_folder)
    home._opened.clear()
    assert Workspace(home_folder).open(batch.id).scored() == 20
    assert open_to_others(home_folder / "batches") == []
    assert home_folder.stat().st_mode & 0o777 == 0o700


def test_permissions_of_other_files_in_the_folder_are_unchanged(home_folder: Path) -> None:
    batch = score(new_batch(home_folder.parent))
    (home_folder / "letters").mkdir()
    loosened(home_folder)
    home._opened.clear()
    Workspace(home_folder)
    assert open_to_others(batch.folder) == []
    assert (home_folder / "letters").stat().st_mode & 0o777 == 0o755
    assert home_folder.stat().st_mode & 0o777 == 0o755
