"""Heat maps of a batch: one per image, drawn once, written atomically, exported with a list without formulas."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from analysis import query
from analysis.attribution import Completeness, explain
from analysis.errors import ScoringError
from analysis.exporters.heatmaps import (
    HeatMap,
    export_heat_maps,
    list_heat_maps,
    write_heat_maps,
    zip_heat_maps,
)
from analysis.model.bundle import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch
from tests.scored import new_batch, some_posts

FEW = Settings(pixel_steps=4, superpixels=8)


@pytest.fixture
def batch(tmp_path: Path, tiny_bundle: Bundle) -> Batch:
    """Six posts, four of them with an image, scored by the tiny model."""
    posts = some_posts(6)
    posts.loc[1, "post_id"] = "=cmd()"
    batch = new_batch(tmp_path, posts)
    score_batch(batch, tiny_bundle)
    return batch


def maps_of(batch: Batch, filters: Filters = query.EVERY_POST) -> list[HeatMap]:
    return list(list_heat_maps(batch, query.read_post_chunks(batch, filters), FEW))


def test_every_image_gets_one_and_it_is_drawn_once(batch: Batch, tiny_bundle: Bundle) -> None:
    maps = maps_of(batch)
    assert [each.position for each in maps] == [1, 2, 3, 5]
    calls: list[tuple[str, int, int]] = []
    assert export_heat_maps(batch, tiny_bundle, maps, FEW, lambda *done: calls.append(done))
    assert [(done, total) for _, done, total in calls] == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    written = {each.path: each.path.stat().st_mtime_ns for each in maps}
    with Image.open(maps[0].path) as drawn:
        assert (drawn.format, drawn.mode) == ("PNG", "RGB")
    export_heat_maps(batch, tiny_bundle, maps_of(batch), FEW)
    assert {each.path: each.path.stat().st_mtime_ns for each in maps} == written


def test_other_settings_have_other_files(batch: Batch) -> None:
    one = {each.path for each in maps_of(batch)}
    two = {
        each.path
        for each in list_heat_maps(batch, query.read_post_chunks(batch), replace(FEW, pixel_steps=5))
    }
    assert not one & two


def test_a_cancelled_run_keeps_what_is_drawn_and_another_carries_on(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    checks = iter([False, True])
    maps = maps_of(batch)
    assert not export_heat_maps(batch, tiny_bundle, maps, FEW, cancelled=lambda: next(checks))
    assert sum(each.made for each in maps) == 1
    assert export_heat_maps(batch, tiny_bundle, maps, FEW)
    assert all(each.drawn for each in maps)


def test_what_does_not_add_up_is_listed_and_not_drawn(
    batch: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(explain, "check_attribution_sum", lambda *_: Completeness(1.0, 0.0, 8, "failed"))
    maps = maps_of(batch, Filters(post_ids=("p3",)))
    export_heat_maps(batch, tiny_bundle, maps, FEW)
    assert [(each.made, each.drawn) for each in maps] == [(True, False)]
    assert write_heat_maps(maps, tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["heatmaps.csv"]
    assert "not drawn" in (tmp_path / "out" / "heatmaps.csv").read_text("utf-8-sig")


def test_they_are_handed_out_with_a_list_whose_cells_are_inert(
    batch: Batch, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    maps = maps_of(batch)
    export_heat_maps(batch, tiny_bundle, maps, FEW)
    assert write_heat_maps(maps, tmp_path / "out") == 4
    with (tmp_path / "out" / "heatmaps.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert listed[0] == {
        "file": "000002-1.png", "post_id": "'=cmd()", "image": "photo 1.jpg", "sentiment": maps[0].sentiment,
    }  # fmt: skip
    assert all((tmp_path / "out" / row["file"]).exists() for row in listed)
    packed = io.BytesIO()
    zip_heat_maps(maps, packed)
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["heatmaps.csv", *(row["file"] for row in listed)]
        assert archive.read("000002-1.png") == maps[0].path.read_bytes()


def test_scores_of_another_model_are_not_explained(batch: Batch, additive_bundle: Bundle) -> None:
    with pytest.raises(ScoringError, match="was scored with"):
        export_heat_maps(batch, additive_bundle, maps_of(batch), FEW)
