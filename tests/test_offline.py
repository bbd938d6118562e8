"""PostLens reaches for no network: no look-up of a host name, no connection, no client id in the home folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from analysis.model.bundle import Bundle
from tests.offline import OfflineRun, run_offline

pytestmark = pytest.mark.slow

POSTS = 520
"""From 500 posts on batches are scored by OpenVINO (`Settings.openvino_from`)."""
FONT_CACHE = ".cache/matplotlib/"
"""Captum imports matplotlib, which keeps the list of this computer's fonts there."""
COMPILED = ".postlens/compiled/"
"""Compiled encoders, in the default workspace."""
SCORING = """
import sys
from pathlib import Path
from analysis.cli import main
folder, bundle = Path(sys.argv[1]), sys.argv[2]
drop = folder / "drop"
for arguments in (
    ["score", drop, "--out", folder / "report.csv", "--no-words"],
    ["embed", drop, "--out", folder / "embeddings.parquet"],
    ["explain", drop, "--post", "p1", "--out", folder / "p1.html"],
):
    main([*map(str, arguments), "--model", bundle], standalone_mode=False)
for name in ("openvino", "transformers", "timm", "captum", "py3langid", "duckdb"):
    assert name in sys.modules, name
assert "openvino_telemetry" not in sys.modules
print("all done")
"""


@pytest.fixture
def scored(tmp_path: Path, tiny_bundle: Bundle) -> OfflineRun:
    """Take posts in, score them with OpenVINO, find near copies, embed them, and explain one of them."""
    drop, run = tmp_path / "drop", tmp_path / "run"
    drop.mkdir()
    run.mkdir()
    Image.new("RGB", (60, 40), (200, 60, 20)).save(drop / "one.jpg")
    rows = [f"p{i},so lovely a day {i % 400} 😍 http://x.org/y,{'one.jpg' * (i % 2)}" for i in range(POSTS)]
    (drop / "posts.csv").write_text("\n".join(["post_id,text,images", *rows]), encoding="utf-8")
    return run_offline(SCORING, run, tmp_path, tiny_bundle.folder)


def test_scoring_embedding_and_explaining_reach_for_no_network(scored: OfflineRun) -> None:
    assert scored.attempts == []
    assert [path for path in scored.written if not path.startswith((FONT_CACHE, COMPILED))] == []
    assert len([path for path in scored.written if path.startswith(COMPILED)]) == 2
    assert "all done" in scored.output, scored.output[-3000:]
    assert scored.code == 0


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.getaddrinfo('example.org', 443)",
        "socket.gethostbyname('example.org')",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "input()",
        "urllib.request.urlopen('https://example.org')",
        "subprocess.run([sys.executable, '-c', 'import socket; socket.gethostbyname(\"example.org\")'])",
    ],
)
def test_an_attempt_is_recorded_though_its_error_is_swallowed(tmp_path: Path, attempt: str) -> None:
    code = f"import contextlib, socket, subprocess, sys, urllib.request\nwith contextlib.suppress(OSError): {attempt}"
    run = run_offline(code, tmp_path)
    assert run.code == 0
    assert len(run.attempts) == 1


def test_sockets_between_processes_and_an_empty_home_folder_are_no_attempt(tmp_path: Path) -> None:
    pair = "import socket\nfor one in socket.socketpair(): one.close()\nsocket.socket(socket.AF_UNIX).close()"
    run = run_offline(pair, tmp_path)
    assert (run.code, run.attempts, run.written) == (0, [], [])


def test_files_in_the_home_folder_are_found(tmp_path: Path) -> None:
    run = run_offline("from pathlib import Path\n(Path.home() / 'client_id').write_text('1')", tmp_path)
    assert run.written == ["client_id"]


def test_importing_openvino_by_itself_would_be_recorded(tmp_path: Path) -> None:
    run = run_offline("import openvino, time\ntime.sleep(2)", tmp_path)
    assert run.attempts
    assert run.written


def test_openvino_keeps_its_telemetry_out_of_reach_only_while_it_is_imported(tmp_path: Path) -> None:
    code = """
import sys
import openvino_telemetry
from analysis.model.engines import _block_telemetry
with _block_telemetry():
    try:
        import openvino_telemetry as hidden
        sys.exit("openvino_telemetry can be imported")
    except ImportError:
        pass
import openvino_telemetry as again
assert again is openvino_telemetry
"""
    run = run_offline(code, tmp_path)
    assert (run.code, run.attempts) == (0, []), run.output


def test_the_dashboard_gathers_no_usage_statistics_wherever_it_is_started(tmp_path: Path) -> None:
    code = """
import sys
from streamlit import config
config._main_script_path = sys.argv[1]  # as `streamlit run` sets it
config.get_config_options(force_reparse=True)
assert config.get_option("browser.gatherUsageStats") is False
assert config.get_option("server.address") == "127.0.0.1"
"""
    run = run_offline(code, tmp_path, Path(__file__).parents[1] / "app.py")
    assert (run.code, run.attempts) == (0, []), run.output
