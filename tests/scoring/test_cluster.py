"""Scoring on a real Ray cluster of two nodes on this machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import fsspec
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.columns import report_columns
from analysis.errors import ScoringError
from analysis.exporters import write_csv
from analysis.model.bundle import Bundle
from analysis.query import Filters
from analysis.scoring.cluster import PartScorer, score_on_cluster
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch
from analysis.workspace.layout import STOP
from tests.scored import new_batch, some_posts

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
cluster_utils = pytest.importorskip("ray.cluster_utils")
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves its processes' pipes open
    pytest.mark.filterwarnings(r"ignore:.*deprecated:DeprecationWarning:ray\.data"),  # of its own settings
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CALL = "import sys; from analysis.cli import main; main(sys.argv[1:])"
SMALL = {"object_store_memory": 80 * 1024 * 1024, "include_dashboard": False}


@pytest.fixture(scope="module")
def made() -> Iterator[cluster_utils.Cluster]:
    """A head that does no work, and misses a dead node within 2 s."""
    quick = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}
    made = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": quick, **SMALL}
    )
    yield made
    made.shutdown()


@pytest.fixture
def cluster(made: cluster_utils.Cluster) -> cluster_utils.Cluster:
    """The head and two nodes of one core."""
    while len(made.worker_nodes) < 2:
        made.add_node(num_cpus=1, **SMALL)
    return made


@pytest.fixture(autouse=True)
def one_core() -> Iterator[None]:
    """Score here as workers do: the last digit depends on the number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def report(batch: Batch, bundle: Bundle) -> bytes:
    target = BytesIO()
    write_csv(batch, Filters(), report_columns(bundle.heads), target)
    return target.getvalue()


def times(batch: Batch) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (batch.folder / "scores").glob("part-*.parquet")}


def test_only_missing_parts_are_scored(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    batch = new_batch(tmp_path, some_posts(60), part_posts=3)
    reported: list[int] = []
    progress = lambda _phase, done, _total: reported.append(done)  # noqa: E731
    given = {"address": cluster.address, "progress": progress}
    assert not score_on_cluster(batch, tiny_bundle, workers=1, cancelled=lambda: 6 in reported, **given)
    assert reported[:3] == [0, 3, 6]
    before = times(batch)
    assert len(before) == reported[-1] / 3 < 20
    assert not (batch.folder / STOP).exists()
    reported.clear()
    assert score_on_cluster(batch, tiny_bundle, **given)
    assert reported == list(range(3 * len(before), 61, 3))
    assert before.items() <= times(batch).items()
    assert batch.scored() == 60
    assert all(batch.has_part("copies", index) for index in range(batch.n_parts))


def test_a_missing_image_is_an_error_with_our_message(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    batch = new_batch(tmp_path)
    media_id = next(name for names in batch.posts()["images"] for name in names)
    batch.media_path(media_id).unlink()
    with pytest.raises(ScoringError, match=f"^Image {media_id[:12]}.*Upload the batch again"):
        score_on_cluster(batch, tiny_bundle, address=cluster.address)


def test_a_cluster_scores_files_in_storage_like_one_machine(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    posts = pd.DataFrame({"post_id": ["a", "b"], "text": ["good day", "awful"], "images": [["1.png"], []]})
    (tmp_path / "images").mkdir()
    posts.to_parquet(tmp_path / "posts.parquet")
    Image.new("RGB", (60, 40), (200, 60, 20)).save(tmp_path / "images" / "1.png")
    storage = fsspec.filesystem("memory")
    storage.put(str(tmp_path), "/bucket", recursive=True)
    here, spread = tmp_path / "here.csv", tmp_path / "spread.csv"
    model = ["--model", str(tiny_bundle.folder)]
    where = ["--media", f"{tmp_path}/images", "--out", str(here), *model]
    one = CliRunner().invoke(main, ["score", f"{tmp_path}/posts.parquet", *where])
    assert one.exit_code == 0, one.output
    where = ["--media", "memory://bucket/images", "--out", str(spread), *model]
    ray = ["--engine", "ray", "--address", cluster.address, "--workers", "1", "--json"]
    two = CliRunner().invoke(main, ["score", "memory://bucket/posts.parquet", *where, *ray])
    assert two.exit_code == 0, two.output
    assert json.loads(two.stdout.splitlines()[-1])["posts"] == 2
    assert "both" in spread.read_text(encoding="utf-8-sig")
    assert spread.read_bytes() == here.read_bytes()


def test_after_a_node_crash_the_report_equals_that_of_one_machine(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    posts = some_posts(150)
    alone, spread = (new_batch(tmp_path / name, posts, part_posts=3) for name in ("alone", "spread"))
    score_batch(alone, tiny_bundle)
    killed_at: list[int] = []

    def progress(_phase: str, done: int, _total: int) -> None:
        if done >= 45 and not killed_at:
            killed_at.append(done)
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    assert score_on_cluster(spread, tiny_bundle, address=cluster.address, progress=progress)
    assert killed_at
    assert killed_at[0] < 150
    assert len(cluster.worker_nodes) == 1
    assert spread.scored() == 150
    assert report(spread, tiny_bundle) == report(alone, tiny_bundle)


def test_a_run_that_is_killed_is_carried_on_by_the_command(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    table, out = tmp_path / "posts.csv", tmp_path / "report.csv"
    rows = [f"p{number},a good day number {number}" for number in range(8 * Settings().part_posts)]
    table.write_text("\n".join(["post_id,text", *rows]))
    command = ["score", str(table), "--out", str(out), "--model", str(tiny_bundle.folder), "--no-words"]
    spread = [*command, "--engine", "ray", "--address", cluster.address, "--workers", "1"]
    scores = tmp_path / ".report.csv.work/home/batches/batch/scores"
    process = subprocess.Popen([sys.executable, "-c", CALL, *spread], stderr=subprocess.DEVNULL)
    while not list(scores.glob("part-*.parquet")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    before = {path.name: path.stat().st_mtime_ns for path in scores.glob("part-*.parquet")}
    assert 0 < len(before) < 8
    assert not out.exists()
    resumed = CliRunner().invoke(main, [*spread, "--resume", "--json"])
    assert resumed.exit_code == 0, resumed.output
    first = next(line for line in map(json.loads, resumed.stdout.splitlines()) if line["phase"] == "scoring")
    assert first["done"] >= len(before) * Settings().part_posts
    alone = tmp_path / "alone.csv"
    command[3] = str(alone)
    assert CliRunner().invoke(main, command).exit_code == 0
    assert out.read_bytes() == alone.read_bytes()


def test_parts_that_are_still_missing_are_an_error(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.scoring.cluster._score_by_workers", lambda *_: iter(()))
    batch = new_batch(tmp_path, some_posts(9), part_posts=3)
    with pytest.raises(ScoringError, match=r"has 3 of 3 parts without scores.*Check Ray's logs"):
        score_on_cluster(batch, tiny_bundle, address=cluster.address)


def test_workers_request_gpus_and_a_cluster_without_gpus_is_an_error(
    tmp_path: Path, tiny_bundle: Bundle, cluster: cluster_utils.Cluster
) -> None:
    batch = new_batch(tmp_path)
    with pytest.raises(ScoringError, match="has 0 GPUs, too few for a worker with 1"):
        score_on_cluster(batch, tiny_bundle, address=cluster.address, gpus=1)
    node = cluster.add_node(num_cpus=1, num_gpus=1, **SMALL)  # says that it has one; PyTorch finds none there
    try:
        assert score_on_cluster(batch, tiny_bundle, address=cluster.address, gpus=0.5)
    finally:
        cluster.remove_node(node)


def test_a_node_without_the_batch_or_with_another_model_is_an_error(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    batch, model = new_batch(tmp_path), str(tiny_bundle.folder)
    row = PartScorer(tmp_path / "gone", Settings(), model, tiny_bundle.id)({"index": 0})
    assert "does not exist at" in row["fact"]
    assert "a disk that every node mounts" in row["remedy"]
    row = PartScorer(batch.folder, Settings(), model, "tiny@00000000")({"index": 0})
    assert "but tiny@00000000 where scoring was started" in row["fact"]
    assert batch.scored() == 0


def test_missing_ray_is_an_error_that_says_how_to_install_it(
    tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        ScoringError, match=r"Engine ray is not installed\. Run `pip install postlens\[scale\]`"
    ):
        score_on_cluster(new_batch(tmp_path), tiny_bundle)
