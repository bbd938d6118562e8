"""The wheel: it contains everything that is needed, and scores posts when installed outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, since setuptools leaves files beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "analysis", folder / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, folder)
    run(
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        "dist",
        ".",
        cwd=folder,
    )
    (built,) = (folder / "dist").glob("*.whl")
    return built


def run(*arguments: str | Path, cwd: Path, python: str | Path = sys.executable) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_contains_every_file_of_the_package(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("analysis/")}
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "analysis").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - packed == set()
    assert {"analysis/py.typed", "analysis/model/bundles/compact/model.safetensors"} <= packed
    assert packed - files == set()


def test_the_installed_wheel_scores_posts_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    venv.create(folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    run("-m", "pip", "--quiet", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    site = Path(
        run(
            "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path, python=python
        ).strip()
    )
    # The dependencies of the running environment, without its .pth files, which may lead to this repository.
    (site / "dependencies.pth").write_text(str(Path(np.__file__).parents[1]))

    posts = tmp_path / "posts"
    posts.mkdir()
    for path in [*(ROOT / "sample_posts").glob("*.csv"), ROOT / "sample_posts" / "images"]:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, posts / path.name)
    imported_from = run(
        "-c", "import analysis; print(analysis.__file__)", cwd=tmp_path, python=python
    ).strip()
    assert Path(imported_from).is_relative_to(site)
    program = "from analysis.cli import main; main()"
    run("-c", program, "score", posts, "--out", "report.csv", "--no-words", cwd=tmp_path, python=python)
    lines = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 30
    assert "valence" in lines[0]
