"""Changes to the files of a bundle, and the check that it is then refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import BundleError
from analysis.model.bundle import load_model

Change = Callable[[Any], object]


def change(folder: Path, name: str, edit: Change) -> None:
    values = json.loads((folder / name).read_text("utf-8"))
    edit(values)
    (folder / name).write_text(json.dumps(values), encoding="utf-8")


def put(path: str, value: object) -> Change:
    """Return a function that sets a value in config.json, such as heads.topic.temperature."""

    def edit(values: Any) -> None:
        *parents, last = path.split("/")
        for parent in parents:
            values = values[parent]
        values[last] = value

    return edit


def refused(folder: Path, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        load_model(folder)
    assert caught.value.thing
    assert caught.value.remedy
