"""`postlens bench cold`: measures cold starts in new processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def time_cold_starts(app: Path, runs: int = 3) -> dict[str, float]:
    """Time cold starts in new processes: median in seconds by name.

    Args:
        app: The dashboard's app.py; its first page is rendered by Streamlit's AppTest.
        runs: Number of runs.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        table = Path(folder) / "one.csv"
        table.write_text("post_id,text\na,What a lovely evening\n", encoding="utf-8")
        score = ["score", str(table), "--out", f"{table}.csv"]
        app_test = f"AppTest.from_file({str(app.resolve())!r}, default_timeout=60)"
        commands = {
            "import analysis": "import analysis",
            "postlens score, one post": f"from analysis.cli import main; main({score!r})",
            "the app's first page": f"from streamlit.testing.v1 import AppTest; {app_test}.run()",
        }
        return {name: _time_process(code, runs) for name, code in commands.items()}


def _time_process(code: str, runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 (our own code)
        times.append(time.perf_counter() - start)
    return sorted(times)[runs // 2]
