"""The model is loaded while files are read, with the same results and the same order of errors."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from analysis.cli import main
from analysis.errors import BundleError
from analysis.model.bundle import Bundle
from analysis.model.engines import OpenVinoEngine, TorchEngine
from analysis.scoring import preload
from analysis.scoring.preload import PreloadedModel, may_have_at_least, preload_model
from analysis.settings import Settings
from analysis.workspace import CompiledEncoders

pytestmark = pytest.mark.slow


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_posts(folder: Path, posts: int) -> Path:
    table = pd.DataFrame(
        {"post_id": range(posts), "text": [f"so lovely a day {n % 40}" for n in range(posts)]}
    )
    table.to_csv(folder / "posts.csv", index=False)
    return folder / "posts.csv"


def test_the_engine_is_started_if_there_may_be_many_posts(tiny_bundle: Bundle) -> None:
    few = Settings().openvino_from - 1
    with preload_model(tiny_bundle.folder, "auto", many=True) as found:
        assert found.model().id == tiny_bundle.id
        assert found.engine(few) == "auto"
        assert isinstance(found.engine(few + 1), OpenVinoEngine)


def test_the_engine_is_not_started_for_few_posts(tiny_bundle: Bundle) -> None:
    with preload_model(tiny_bundle.folder, "openvino", many=False) as found:
        assert (found.engine(1), found.engine(10_000)) == ("openvino", "openvino")


def test_an_engine_that_was_chosen_is_used_for_any_number_of_posts(tiny_bundle: Bundle) -> None:
    with preload_model(tiny_bundle.folder, "torch", many=True) as found:
        assert isinstance(found.engine(1), TorchEngine)


def test_errors_are_raised_when_the_model_is_needed(tmp_path: Path) -> None:
    with preload_model(tmp_path / "none", "auto", many=True) as found:
        with pytest.raises(BundleError, match="was not found"):
            found.model()
        with pytest.raises(BundleError, match="was not found"):
            found.engine(10_000)


def test_after_an_error_the_bundle_is_loaded_to_its_end_and_the_engine_is_not_started(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed, load, done = threading.Event(), preload._load_bundle, list[str]()

    def load_late(bundle: str | Path, cache: CompiledEncoders | None) -> Bundle:
        failed.wait()
        done.append("bundle")
        return load(bundle, cache)

    monkeypatch.setattr(preload, "_load_bundle", load_late)
    monkeypatch.setattr(PreloadedModel, "_start_engine", lambda _: done.append("engine"))
    threading.Timer(0.5, failed.set).start()
    with pytest.raises(ValueError, match="input"), preload_model(tiny_bundle.folder, "auto", many=True):
        raise ValueError("input")
    assert done == ["bundle"]


def test_the_number_of_posts_is_guessed_from_sizes(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_bytes(bytes(2_000))
    assert may_have_at_least(tmp_path / "posts.csv", 10)
    assert not may_have_at_least(tmp_path / "posts.csv", 11)
    assert may_have_at_least(tmp_path, 1)
    assert not may_have_at_least(tmp_path, 2)
    assert not may_have_at_least("s3://bucket/posts.csv", 1)
    assert not may_have_at_least(tmp_path / "none", 1)


def test_an_error_of_the_input_comes_before_one_of_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("a,b\n1,2\n")
    arguments = ["score", tmp_path / "posts.csv", "--out", tmp_path / "r.csv", "--model", tmp_path / "none"]
    done = run(*arguments)
    assert (done.exit_code, "has no post that could be scored" in done.output) == (2, True), done.output
    assert "was not found" not in done.output
    write_posts(tmp_path, 3)
    done = run(*arguments)
    assert done.exit_code == 1
    assert done.output.index("3 posts") < done.output.index("was not found")


def test_scoring_imports_no_library_that_it_does_not_need() -> None:
    modules = "analysis.scoring.pipeline, analysis.model.deferred, analysis.model.engines"
    code = f"import sys, {modules}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    imported = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    slow = {"torchvision", "timm", "captum", "matplotlib", "scipy", "sympy", "torch._dynamo", "transformers"}
    assert not slow & set(imported)


@pytest.mark.slow
def test_a_second_run_uses_the_compiled_encoders_and_gives_the_same_report(
    tmp_path: Path, additive_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    source, reports = write_posts(tmp_path, 520), list[bytes]()
    with source.open("a") as table:
        table.write("\n" * Settings().openvino_from * preload._ROW_BYTES)
    for number in range(2):
        if number:
            monkeypatch.setattr(
                "analysis.model.engines._convert_encoder", lambda *_: pytest.fail("compiled again")
            )
            monkeypatch.setattr("analysis.model.deferred.load_network", lambda *_: pytest.fail("loaded"))
        out = tmp_path / f"{number}.csv"
        done = run("score", source, "--out", out, "--model", additive_bundle.folder)
        assert done.exit_code == 0, done.output
        reports.append(out.read_bytes())
    assert reports[0] == reports[1]
    assert {path.parent.name for path in (tmp_path / "home").rglob("*.bin")} == {"compiled"}
    assert len(list((tmp_path / "home").rglob("*.bin"))) == 3  # two encoders, and what is known of the bundle
