"""Code shared by the benchmarks: new processes, peak memory, optional packages, and table lines."""

from __future__ import annotations

import importlib
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from analysis.errors import EvaluationError

T = TypeVar("T")
HEADER = f"{'':34}{'seconds':>9}{'target':>9}"


@dataclass(frozen=True)
class Measurement:
    """One line of a benchmark table.

    Attributes:
        name: Name of the measurement.
        seconds: Time, or the median of several runs.
        target: Target time in seconds; None for no target.
        note: Additional figures.
    """

    name: str
    seconds: float
    target: float | None = None
    note: str = ""

    def line(self) -> str:
        """Format as a line under `HEADER`."""
        target = "" if self.target is None else f"{self.target:.1f}"
        return f"{self.name:34}{self.seconds:9.2f}{target:>9}  {self.note}".rstrip()


def run_in_new_process(work: Callable[..., T], *arguments: Any) -> T:
    """Run a function in a new process, with separate memory and threads."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def measure_peak_memory() -> float:
    """Return the peak memory of this process so far, in MB."""
    most: Any = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most) / (1024**2 if sys.platform == "darwin" else 1024)


def load_benchmark_module(module: str) -> Any:
    """Import a package that only some benchmarks need.

    Raises:
        EvaluationError: The package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise EvaluationError(
            f"The package {package}", "is not installed", f"Run: pip install {package}"
        ) from error
