"""Files of a bundle that are malformed, missing, too large or no regular files are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from analysis.errors import BundleError
from analysis.model.bundle import load_model
from tests.model.hostile import refused

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": ' * 100_000, b"9" * 10_000, b"null", b'"x"'],
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "metrics.json"])
def test_json_that_is_malformed_is_refused(copied: Path, name: str, content: bytes) -> None:
    (copied / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"copy/{name}"):
        _ = load_model(copied).metrics


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "metrics.json",
             "MODEL_CARD.md"]
)  # fmt: skip
@pytest.mark.parametrize("instead", ["folder", "link", "dead link", "loop", "pipe"])
def test_what_is_no_regular_file_is_refused(copied: Path, tmp_path: Path, name: str, instead: str) -> None:
    path = copied / name
    path.rename(tmp_path / "elsewhere")
    if instead == "folder":
        path.mkdir()
    elif instead == "pipe":
        os.mkfifo(path)
    else:
        targets = {"link": tmp_path / "elsewhere", "dead link": tmp_path / "nothing", "loop": path}
        path.symlink_to(targets[instead])
    with pytest.raises(BundleError, match=f"copy/{name} is (a symbolic link|not a file)"):
        _read_all(copied)


def _read_all(folder: Path) -> None:
    bundle = load_model(folder)
    _ = bundle.card, bundle.metrics, bundle.encoders_id


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_that_is_missing_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    refused(copied, f"copy/{name} is missing")


def test_files_deleted_after_loading_are_an_error_that_names_them(copied: Path) -> None:
    bundle = load_model(copied)
    (copied / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"tokenizer.json is missing"):
        _ = bundle.encoders_id


def test_files_too_large_to_be_what_they_say_are_refused(copied: Path) -> None:
    for name in ("metrics.json", "config.json"):
        with (copied / name).open("r+b") as file:
            file.truncate(17 * 2**20)
        with pytest.raises(BundleError, match=f"{name} is 17 MB; the limit is 16 MB"):
            _read_all(copied)


def test_a_binary_card_and_invalid_metrics_are_refused(copied: Path) -> None:
    bundle = load_model(copied)
    (copied / "MODEL_CARD.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleError, match=r"MODEL_CARD.md cannot be read"):
        _ = bundle.card
    for values in ({"evaluations": []}, {"evaluations": {"a": 3}}, {"own_labels": "x"}):
        (copied / "metrics.json").write_text(json.dumps(values))
        with pytest.raises(BundleError, match=r"metrics.json has an invalid .* table"):
            _ = bundle.metrics
    (copied / "metrics.json").write_text('{"evaluations": {"a": {"macro_f1": NaN}}}')
    assert "a" in bundle.metrics["evaluations"]  # a figure that could not be computed is no fault
    for name in ("MODEL_CARD.md", "metrics.json"):
        (copied / name).unlink()
    assert (bundle.card, bundle.metrics) == ("", {})
