"""A bundle names the batches whose labels trained its heads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analysis.errors import BundleError
from analysis.model import Bundle, load_model
from analysis.model.label_batches import list_heads_trained_on, read_label_batches


def with_metrics(bundle: Bundle, folder: Path, metrics: object) -> Bundle:
    shutil.copytree(bundle.folder, folder)
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return load_model(folder)


def test_a_bundle_without_labels_of_people_names_none(tiny_bundle: Bundle) -> None:
    assert read_label_batches(tiny_bundle) == {}
    assert list_heads_trained_on(tiny_bundle, {"spring"}) == ()


def test_heads_are_listed_by_batch(tiny_bundle: Bundle, tmp_path: Path) -> None:
    batches = {"topic": ["spring"], "sentiment": ["spring", "autumn"]}
    bundle = with_metrics(tiny_bundle, tmp_path / "mine", {"label_batches": batches})
    assert list_heads_trained_on(bundle, {"spring"}) == ("sentiment", "topic")
    assert list_heads_trained_on(bundle, {"autumn"}) == ("sentiment",)


@pytest.mark.parametrize("batches", [["spring"], {"topic": "spring"}, {"topic": [1]}])
def test_a_malformed_table_is_an_error(tiny_bundle: Bundle, tmp_path: Path, batches: object) -> None:
    bundle = with_metrics(tiny_bundle, tmp_path / "mine", {"label_batches": batches})
    with pytest.raises(BundleError, match="invalid label_batches table"):
        read_label_batches(bundle)
