"""Mutants of a bundle score finite numbers or raise a `BundleError`; none uses the network or prompts the user."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from tests.offline import run_offline

RUN = "import runpy; runpy.run_module('tests.model.fuzzed_bundles', run_name='__main__')"
MUTANTS = 300
LARGEST_MB = 2_500
"""Limit of peak memory in MB; the libraries alone take 900."""


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [0])
def test_mutants_of_a_bundle_score_or_are_refused(tiny_bundle: Bundle, tmp_path: Path, seed: int) -> None:
    for name in ("run", "work"):
        (tmp_path / name).mkdir()
    run = run_offline(RUN, tmp_path / "run", tiny_bundle.folder, tmp_path / "work", seed, MUTANTS)
    assert run.attempts == []
    assert run.code == 0, run.output[-3000:]
    outcomes = json.loads(run.output.strip().splitlines()[-1])
    assert "failed" not in outcomes, run.output[-3000:]
    assert outcomes["scored"] + outcomes["refused"] == MUTANTS
    assert min(outcomes["scored"], outcomes["refused"]) >= MUTANTS // 20
    assert outcomes["peak_mb"] < LARGEST_MB
