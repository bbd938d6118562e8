"""Dataclasses as JSON, and back with every value checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from analysis.json_values import JsonValueError, from_json_value, to_json_value


@dataclass(frozen=True)
class Inner:
    name: str
    share: float = 0.5


@dataclass(frozen=True)
class Outer:
    time: datetime
    count: int
    inner: tuple[Inner, ...] = ()
    by_name: Mapping[str, bool] = field(default_factory=dict)
    maybe: str | None = None
    free: Any = None


FULL = Outer(datetime(2026, 5, 31, tzinfo=UTC), 3, (Inner("a"), Inner("é", 1.0)), {"x": True}, "y", [1, "z"])


def test_values_survive_the_way_through_json() -> None:
    assert from_json_value(Outer, json.loads(json.dumps(to_json_value(FULL)))) == FULL


def test_defaults_are_left_out() -> None:
    assert to_json_value(Outer(FULL.time, 3, (Inner("a"),))) == {
        "time": "2026-05-31T00:00:00+00:00",
        "count": 3,
        "inner": [{"name": "a"}],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 3.0}, "count must be a whole number"),
        ({"count": True}, "count must be a whole number"),
        ({"count": None}, "count must be a whole number"),
        ({"time": "2026-05-31"}, "time must be a time with a zone"),
        ({"inner": [{"name": "a"}, {"name": 1}]}, r"inner\[1\].name must be text"),
        ({"inner": [{}]}, r"inner\[0\].name is missing"),
        ({"inner": [{"name": "a", "share": float("inf")}]}, "share must be a number"),
        ({"inner": [{"name": "a", "share": 10**400}]}, "share must be a number"),
        ({"by_name": {"x": "yes"}}, "by_name.x must be true or false"),
        ({"maybe": 1}, "maybe must be text"),
        ({"maybe": "a\ud800"}, "maybe is not valid Unicode"),
        ({"inner": [{"name": "\udcff"}]}, r"inner\[0\].name is not valid Unicode"),
        ({"by_name": {"\udcff": True}}, "A name in by_name is not valid Unicode"),
        ({"free": [{"x": ["\udcff"]}]}, r"free\[0\].x\[0\] is not valid Unicode"),
        ({"other": 1}, "other is not known"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(change: dict[str, object], message: str) -> None:
    value = {"time": "2026-05-31T00:00:00+00:00", "count": 3} | change
    with pytest.raises(JsonValueError, match=message):
        from_json_value(Outer, value)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(JsonValueError, match="The content must be an object"):
        from_json_value(Outer, [])
