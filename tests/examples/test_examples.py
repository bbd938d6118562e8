"""The examples run: scripts in notebook style, and those in the docstrings of the public API and in the README."""

import doctest
import importlib
import inspect
import re
import runpy
from pathlib import Path

import pytest

import analysis

FOLDER = Path(__file__).parent
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith(("test_", "__")))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert script.read_text(encoding="utf-8").count("# %%") > 5
    runpy.run_path(str(script))
    assert len(list(tmp_path.iterdir())) == 1


def public_docstrings() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = []
    for name in analysis.__all__:
        value = getattr(analysis, name)
        module = importlib.import_module(value.__module__)
        found += [each for each in finder.find(value, name, module, globs={}) if each.examples]
    return found


def test_main_functions_have_examples() -> None:
    names = {each.name for each in public_docstrings()}
    begin = {"load", "read_posts", "open_workspace", "Model.score", "Model.explain", "Scores.explain"}
    assert begin <= names


@pytest.mark.slow
def test_the_examples_in_public_docstrings_hold() -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    output: list[str] = []
    for each in public_docstrings():
        runner.run(each, out=output.append)
    assert runner.failures == 0, "".join(output)


def test_the_readme_imports_only_from_the_public_api() -> None:
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    section = re.search(r"## From Python\n(.*?)\n## ", readme, re.DOTALL)
    assert section
    block = re.search(r"```python\n(.*?)```", section[1], re.DOTALL)
    assert block
    assert re.findall(r"import .*", block[1])[0] == "import analysis as pl"
    for name in re.findall(r"\bpl\.(\w+)", block[1]):
        assert name in analysis.__all__
    assert inspect.getdoc(analysis)
