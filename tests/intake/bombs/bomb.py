"""What a bomb is, and the list that the generators add to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_ALL: dict[str, Bomb] = {}


@dataclass(frozen=True)
class Bomb:
    """A file that is small, or cheap to make, and costly to read.

    Attributes:
        name: Says what it does; unique.
        kind: What it is: "parquet", "xlsx", "delimited", "json", "zip", "image", "ods", "xls", "xlsb" or
            "compressed".
        file: The name it is dropped under.
        build: Makes its content.
    """

    name: str
    kind: str
    file: str
    build: Callable[[], bytes]


def add(kind: str, name: str, ending: str, build: Callable[[], bytes]) -> None:
    """Add a bomb to the list."""
    if name in _ALL:
        raise ValueError(f"two bombs are called {name}")
    _ALL[name] = Bomb(name, kind, f"{name}.{ending}", build)


def bomb(kind: str, ending: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add the bomb that the decorated function builds, under the function's name."""

    def decorate(build: Callable[[], bytes]) -> Callable[[], bytes]:
        add(kind, f"{kind}_{build.__name__}", ending, build)
        return build

    return decorate


def all_bombs() -> dict[str, Bomb]:
    """Every bomb added so far, by name."""
    return dict(_ALL)
