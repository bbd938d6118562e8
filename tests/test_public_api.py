"""The public API changes on purpose only: its names and signatures are those in `tests/public_api.txt`."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import analysis
from analysis.api.plots import Plots

SNAPSHOT = Path(__file__).with_name("public_api.txt")
UPDATE = "python -m tests.test_public_api"
ROOT = Path(__file__).parents[1]


def public_api() -> str:
    """List the public names with their signatures, one a line, with the public methods of classes below them."""
    lines = []
    for name in sorted(analysis.__all__):
        value = getattr(analysis, name)
        if not inspect.isclass(value):
            lines.append(f"{name}{inspect.signature(value)}")
            continue
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        lines.append(f"class {name}({bases})" if bases else f"class {name}")
        if not issubclass(value, Exception):
            lines += [f"    {line}" for line in members(value)]
    lines += ["Scores.plot", *(f"    {line}" for line in members(Plots))]
    return "\n".join(lines) + "\n"


def members(class_: type) -> list[str]:
    """List what a class defines for its users."""
    lines = []
    for name, value in sorted(vars(class_).items()):
        if name.startswith("_") and name not in ("__len__", "_repr_html_"):
            continue
        if isinstance(value, classmethod):
            value = value.__func__
        if inspect.isfunction(value):
            lines.append(f"{name}{inspect.signature(value)}")
        else:
            lines.append(name)
    return lines


def test_names_and_signatures_are_those_of_the_snapshot() -> None:
    assert public_api() == SNAPSHOT.read_text(encoding="utf-8"), (
        f"The public API has changed. If that is on purpose, run `{UPDATE}`, commit {SNAPSHOT.name} with the change, "
        "and mention it in CHANGELOG.md."
    )


def test_every_public_name_can_be_imported_and_has_a_docstring() -> None:
    assert set(analysis.__all__) <= set(dir(analysis))
    for name in analysis.__all__:
        assert inspect.getdoc(getattr(analysis, name)), name


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = analysis.nothing
    with pytest.raises(ImportError):
        exec("from analysis import nothing")


def test_types_are_shipped() -> None:
    assert (ROOT / "analysis" / "py.typed").is_file()


def test_importing_the_package_is_quick_and_imports_no_large_library() -> None:
    code = "import sys, time; t = time.perf_counter(); import analysis; print(time.perf_counter() - t, *sys.modules)"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(3)
    ]
    assert min(float(seconds) for seconds, *_ in runs) < 0.3
    large = {"torch", "pandas", "numpy", "pyarrow", "duckdb", "plotly", "transformers", "PIL", "streamlit"}
    assert not large & set(runs[0])


if __name__ == "__main__":
    SNAPSHOT.write_text(public_api(), encoding="utf-8")
