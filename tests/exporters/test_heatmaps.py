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
from tests.scored import IMAGE, new_batch, some_posts

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
    assert export_heat_maps(batch, lambda: tiny_bundle, maps, FEW, lambda *done: calls.append(done))
    assert [(done, total) for _, done, total in calls] == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    written = {each.path: each.path.stat().st_mtime_ns for each in maps}
    with Image.open(maps[0].path) as drawn:
        assert (drawn.format, drawn.mode) == ("PNG", "RGB")
    export_heat_maps(batch, lambda: tiny_bundle, maps_of(batch), FEW)
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
    assert not export_heat_maps(batch, lambda: tiny_bundle, maps, FEW, cancelled=lambda: next(checks))
    assert sum(each.made for each in maps) == 1
    assert export_heat_maps(batch, lambda: tiny_bundle, maps, FEW)
    assert all(each.drawn for each in maps)


def test_what_does_not_add_up_is_listed_and_not_drawn(
    batch: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(explain, "check_attribution_sum", lambda *_: Completeness(1.0, 0.0, 8, "failed"))
    maps = maps_of(batch, Filters(post_ids=("p3",)))
    export_heat_maps(batch, lambda: tiny_bundle, maps, FEW)
    assert [(each.made, each.drawn) for each in maps] == [(True, False)]
    assert write_heat_maps(maps, tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["heatmaps.csv"]
    assert "not drawn" in (tmp_path / "out" / "heatmaps.csv").read_text("utf-8-sig")


def test_they_are_handed_out_with_a_list_whose_cells_are_inert(
    batch: Batch, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    maps = maps_of(batch)
    export_heat_maps(batch, lambda: tiny_bundle, maps, FEW)
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


def refuse() -> Bundle:
    raise AssertionError("the model is loaded")


@pytest.fixture
def additive(tmp_path: Path, additive_bundle: Bundle) -> Batch:
    """Six posts, four of them with an image, scored by a model that computes image maps; one has two images."""
    posts = some_posts(6)
    images, names = posts["images"].tolist(), posts["image_names"].tolist()
    images[3], names[3] = [IMAGE, IMAGE], ["one.jpg", "two.jpg"]
    posts = posts.assign(images=images, image_names=names)
    batch = new_batch(tmp_path, posts, "additive")
    score_batch(batch, additive_bundle)
    return batch


def test_stored_image_maps_are_drawn_without_the_model(additive: Batch, tmp_path: Path) -> None:
    maps = maps_of(additive)
    assert [(each.position, each.number) for each in maps] == [(1, 0), (2, 0), (3, 0), (3, 1), (5, 0)]
    assert export_heat_maps(additive, refuse, maps, FEW)
    assert all(each.drawn for each in maps)
    assert write_heat_maps(maps, tmp_path / "out") == 5
    page = query.read_page(additive)
    for each in maps:
        assert each.cells is not None
        with Image.open(each.path) as drawn:
            assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGB", (32, 24))
    total = sum(each.cells.sum() for each in maps if each.position == 3)
    assert total == pytest.approx(page["phi_image"][3], abs=1e-5)


def test_image_maps_have_other_files_than_integrated_gradients(
    additive: Batch, additive_bundle: Bundle
) -> None:
    maps = maps_of(additive)
    posts = query.read_page(additive).assign(image_map=None)
    computed = list(list_heat_maps(additive, [posts], FEW))
    assert not {each.path for each in maps} & {each.path for each in computed}
    assert export_heat_maps(additive, lambda: additive_bundle, computed, FEW)
    assert all(each.made for each in computed)
    assert not any(each.made for each in maps)


def test_the_steps_of_integrated_gradients_do_not_matter_for_image_maps(additive: Batch) -> None:
    posts = query.read_page(additive)
    one, two = (
        [each.path for each in list_heat_maps(additive, [posts], settings)]
        for settings in (FEW, replace(FEW, pixel_steps=5))
    )
    assert one == two


def test_scores_of_another_model_are_not_explained(batch: Batch, additive_bundle: Bundle) -> None:
    with pytest.raises(ScoringError, match="was scored with"):
        export_heat_maps(batch, lambda: additive_bundle, maps_of(batch), FEW)
