"""Mutants of a bundle score finite numbers or raise a `BundleError`; none uses the network or prompts the user."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from tests.offline import run_offline

RUN = "import runpy; runpy.run_module('tests.model.fuzzed_bundles', run_name='__main__')"
MUTANTS = {"texts": 300, "weights": 100}
LARGEST_MB = 2_500
"""Limit of peak memory in MB; the libraries alone take 900."""


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [0])
def test_mutants_of_a_bundle_score_or_are_refused(tiny_bundle: Bundle, tmp_path: Path, seed: int) -> None:
    check_mutants(tiny_bundle.folder, tmp_path, seed, "texts")


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [0])
def test_mutants_of_compressed_weights_score_or_are_refused(
    compressed: Path, tmp_path: Path, seed: int
) -> None:
    check_mutants(compressed, tmp_path, seed, "weights")


def check_mutants(base: Path, folder: Path, seed: int, mutated: str) -> None:
    """Mutate the text files or the weights of a bundle, and score with each mutant in a Python of its own."""
    for name in ("run", "work"):
        (folder / name).mkdir()
    count = MUTANTS[mutated]
    run = run_offline(RUN, folder / "run", base, folder / "work", seed, count, mutated)
    assert run.attempts == []
    assert run.code == 0, run.output[-3000:]
    outcomes = json.loads(run.output.strip().splitlines()[-1])
    assert "failed" not in outcomes, run.output[-3000:]
    assert outcomes["scored"] + outcomes["refused"] == count
    assert min(outcomes["scored"], outcomes["refused"]) >= count // 20
    assert outcomes["peak_mb"] < LARGEST_MB
