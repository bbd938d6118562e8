"""Packages of the extra `evaluate` are optional; without them the error names the remedy."""

import subprocess
import sys

import pytest

from analysis.errors import EvaluationError
from analysis.evaluation.extra import import_evaluate_extra

WITHOUT = "import sys; sys.modules['sklearn'] = sys.modules['vaderSentiment'] = None; "


@pytest.mark.parametrize(
    ("module", "package"), [("sklearn.svm", "scikit-learn"), ("vaderSentiment", "vaderSentiment")]
)
def test_a_missing_package_is_named_with_its_remedy(module: str, package: str) -> None:
    message = rf"{package} is not installed.*pip install postlens\[evaluate\]"
    with pytest.raises(EvaluationError, match=message), import_evaluate_extra():
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def test_other_missing_modules_are_not_hidden() -> None:
    with pytest.raises(ModuleNotFoundError, match="other"), import_evaluate_extra():
        raise ModuleNotFoundError("No module named 'other'", name="other")


@pytest.mark.slow
def test_a_model_is_evaluated_without_the_extra_but_baselines_need_it() -> None:
    code = WITHOUT + (
        "import analysis.evaluation.evaluate, analysis.evaluation.explanations, analysis.evaluation.table\n"
        "from analysis.errors import EvaluationError\n"
        "try:\n import analysis.evaluation.baselines\n"
        "except EvaluationError as error:\n print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == (
        "The package scikit-learn is not installed. "
        "Run `pip install postlens[evaluate]`, or `pip install .[evaluate]` in a clone."
    )
