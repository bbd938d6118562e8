"""Imports run downwards through the layers, without a cycle, and `analysis` never imports Streamlit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (
    ("app", "pages", "cli"),
    ("api",),
    ("training", "bench", "exporters", "reproduction"),
    ("evaluation", "charts", "review", "comparison"),
    ("query", "search", "scoring"),
    ("workspace", "attribution"),
    ("importers", "intake", "model"),
    (
        "columns",
        "custom_topics",
        "taxonomy",
        "wording",
        "settings",
        "errors",
        "posts",
        "logs",
        "temporary",
        "timezones",
        "imports",
        "registry",
        "stop_words",
        "general_words",
        "environment",
        "json_values",
    ),
)
"""The diagram of the architecture, from the top. A package may import its own layer and those below it."""
EXCEPTIONS: dict[tuple[str, str], str] = {}
"""Imports (from package, of package) that break the order, with the reason. Delete an entry once it is not needed."""
RANK = {name: number for number, layer in enumerate(LAYERS) for name in layer}


@dataclass(frozen=True)
class Import:
    """One import: the file and line, the package that imports, and what it imports (such as analysis.model)."""

    place: str
    package: str
    target: str

    @property
    def edge(self) -> tuple[str, str]:
        """The two packages."""
        return self.package, package_of(self.target)


def package_of(module: str) -> str:
    """Name the package of a module: "model" of analysis.model.config; "api" of analysis itself."""
    first, _, rest = module.partition(".")
    return (rest.partition(".")[0] or "api") if first == "analysis" else first


def modules_of(node: ast.AST, module: str) -> list[str]:
    """List the modules that a statement imports; of `from package import name` the submodule, if it is one."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    parent = module.split(".")[: -node.level] if node.level else []
    base = ".".join([*parent, *([node.module] if node.module else [])])
    folder = ROOT / base.replace(".", "/")
    names = [alias.name for alias in node.names]
    inside = [name for name in names if (folder / name).is_dir() or (folder / f"{name}.py").is_file()]
    return [f"{base}.{name}" for name in inside] + ([base] if len(inside) < len(names) else [])


def imports() -> Iterator[Import]:
    """Find every import of our code, also within functions and for type checking only."""
    for path in [
        ROOT / "app.py",
        *sorted(ROOT.glob("analysis/**/*.py")),
        *sorted(ROOT.glob("pages/**/*.py")),
    ]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts)  # a package's own __init__ counts as a module, so that "." is the package
        package = package_of(module.removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in modules_of(node, module):
                yield Import(f"{'/'.join(parts)}.py:{getattr(node, 'lineno', 0)}", package, target)


OWN = [each for each in imports() if each.target.partition(".")[0] in ("analysis", "pages", "app")]
EDGES = {each.edge for each in OWN if each.edge[0] != each.edge[1]}


def cycle(edges: set[tuple[str, str]]) -> list[str]:
    """Find packages in, or between, circles of imports; empty if there is none."""
    left = set(edges)
    while True:
        sources, targets = {source for source, _ in left}, {target for _, target in left}
        inner = {(source, target) for source, target in left if target in sources and source in targets}
        if inner == left:
            return sorted(sources)
        left = inner


def test_every_package_has_a_layer() -> None:
    packages = {each.package for each in OWN} | {package_of(each.target) for each in OWN}
    assert packages - set(RANK) == set()


def test_imports_run_downwards() -> None:
    upwards = [
        f"{each.place} imports {each.target}"
        for each in OWN
        if RANK[each.edge[0]] > RANK[each.edge[1]] and each.edge not in EXCEPTIONS
    ]
    assert upwards == []


def test_packages_have_no_import_cycles() -> None:
    assert cycle({edge for edge in EDGES if edge not in EXCEPTIONS}) == []


@pytest.mark.slow
def test_analysis_never_imports_streamlit() -> None:
    analysis = [each for each in imports() if each.place.startswith("analysis/")]
    assert analysis
    assert [each.place for each in analysis if each.target.partition(".")[0] == "streamlit"] == []


@pytest.mark.parametrize("edge", EXCEPTIONS)
def test_every_exception_is_still_needed(edge: tuple[str, str]) -> None:
    without = {each for each in EDGES if each == edge or each not in EXCEPTIONS}
    upwards = RANK[edge[0]] > RANK[edge[1]]
    assert edge in EDGES
    assert upwards or cycle(without), f"delete the exception {edge}: {EXCEPTIONS[edge]}"


def folders_with_functions() -> dict[str, dict[str, list[str]]]:
    """Map each folder to its top-level functions, and each function to the files that define it."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in [*sorted(ROOT.glob("analysis/**/*.py")), *sorted(ROOT.glob("pages/**/*.py"))]:
        functions = found.setdefault(path.parent.relative_to(ROOT).as_posix(), {})
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                functions.setdefault(node.name, []).append(path.name)
    return found


@pytest.mark.slow
def test_no_two_functions_of_a_folder_share_a_name() -> None:
    shared = [
        f"{folder}: {name} in {' and '.join(files)}"
        for folder, functions in folders_with_functions().items()
        for name, files in functions.items()
        if len(files) > 1
    ]
    assert shared == []


def test_an_import_cycle_is_found() -> None:
    assert cycle({("a", "b"), ("b", "c")}) == []
    assert cycle({("a", "b"), ("b", "c"), ("c", "b")}) == ["b", "c"]


def test_imports_are_found_however_they_are_written() -> None:
    source = (
        "if TYPE_CHECKING:\n import analysis.model.config\ndef f():\n from analysis import errors, unknown\n"
    )
    found = [modules_of(node, "analysis.query.x") for node in ast.walk(ast.parse(source))]
    assert [each for each in found if each] == [
        ["analysis.model.config"], ["analysis.errors", "analysis"],
    ]  # fmt: skip
    relative = ast.parse("from . import filters").body[0]
    assert modules_of(relative, "analysis.query.x") == ["analysis.query.filters"]
