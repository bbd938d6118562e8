"""A batch records what encoded its posts, because the last digits of scores depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from analysis.model.bundle import Bundle
from analysis.model.engines import OpenVinoEngine
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from tests.scored import checked, media_with_image, some_posts

pytestmark = pytest.mark.slow


def new_batch(folder: Path) -> Batch:
    workspace = Workspace(folder / "home", Settings(part_posts=4))
    return workspace.create(checked(some_posts(12)), media_with_image(folder / "media"), "Posts")


def names(batch: Batch) -> list[str]:
    return [engine["name"] for engine in Batch(batch.folder, batch.settings).manifest.engines]


def test_the_engine_its_threads_and_the_versions_are_recorded_once(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    batch = new_batch(tmp_path)
    assert names(batch) == []
    score_batch(batch, tiny_bundle)
    score_batch(batch, tiny_bundle)
    (engine,) = batch.manifest.engines
    assert engine["name"] == "torch (cpu)"
    assert engine["threads"] == torch.get_num_threads()
    assert engine["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert engine["processor"]


def test_scoring_that_continues_with_another_engine_records_both(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch, calls = new_batch(tmp_path), iter([False, True])
    assert not score_batch(batch, tiny_bundle, cancelled=lambda: next(calls))
    assert score_batch(batch, tiny_bundle, engine=OpenVinoEngine(tiny_bundle))
    assert names(batch) == ["torch (cpu)", "openvino"]


def test_another_model_discards_the_engines_of_the_first(
    tmp_path: Path, tiny_bundle: Bundle, additive_bundle: Bundle
) -> None:
    batch = new_batch(tmp_path)
    score_batch(batch, tiny_bundle, engine=OpenVinoEngine(tiny_bundle))
    score_batch(batch, additive_bundle)
    assert names(batch) == ["torch (cpu)"]
