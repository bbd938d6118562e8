"""Shared fixtures: tiny bundles and an image, created without network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from analysis import exporters
from analysis.model.config import FusionConfig

if TYPE_CHECKING:
    from analysis.model import Bundle

# Tiny models compute faster on one thread, and the workers of pytest-xdist already use every core.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how many damaged inputs `tests/intake/test_fuzz.py` makes, and which."""
    parser.addoption("--fuzz-inputs", type=int, default=2_000, help="damaged inputs that intake is given")
    parser.addoption("--fuzz-seed", type=int, default=15, help="the seed that they are made from")


@pytest.fixture(autouse=True)
def postlens_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own workspace as it is: compiled encoders are stored in the default one."""
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path_factory.getbasetemp() / "postlens_home"))


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let the system write files when it wants to: no test depends on them after a loss of power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def scored_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace to copy, with the batch "spring" of 20 posts, scored without a model."""
    from tests.scored import new_batch, score

    return score(new_batch(tmp_path_factory.mktemp("scored"))).folder.parents[1]


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a tiny bundle whose fusion mixes the modalities."""
    return _load_tiny_bundle(tmp_path_factory, "tiny", FusionConfig(8, 8))


@pytest.fixture(scope="session")
def additive_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a tiny bundle whose logits are a sum over the modalities."""
    return _load_tiny_bundle(tmp_path_factory, "additive", FusionConfig(kind="additive", rank=0))


@pytest.fixture
def two_posts(tmp_path: Path) -> Path:
    """A table of two posts, in a folder of its own."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "posts.csv").write_text("post_id,text\na,good day\nb,awful\n", encoding="utf-8")
    return tmp_path / "in"


@pytest.fixture
def photo() -> Image.Image:
    """Give an image with a bright square on a dark background."""
    pixels = np.full((60, 80, 3), 40, dtype=np.uint8)
    pixels[20:40, 30:60] = (230, 120, 40)
    return Image.fromarray(pixels)


@pytest.fixture
def added_exporters() -> Iterator[None]:
    """Register one exporter of each kind, from three modules of `tests.exporters`."""
    modules = [f"tests.exporters.{name}" for name in ("lines", "numbers", "names")]
    for module in modules:
        exporters.register_exporter(module)
    yield
    for module in modules:
        exporters.unregister_exporter(module)


def _load_tiny_bundle(folders: pytest.TempPathFactory, name: str, fusion: FusionConfig) -> Bundle:
    # PyTorch is imported here because the process that only starts pytest-xdist's workers does not need it.
    from analysis.model.bundle import load_model
    from tests.tiny import write_tiny_bundle

    return load_model(write_tiny_bundle(folders.mktemp("bundles") / name, fusion))
