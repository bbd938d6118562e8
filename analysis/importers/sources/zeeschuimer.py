"""Posts collected with Zeeschuimer from platforms that have no module of their own here: fields are guessed.

In 4CAT's NDJSON, `__import_meta` contains Zeeschuimer's fields; the platform's fields are at the top level.
"""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Source

_META = "__import_meta"


def open_item(document: Any) -> list[Any] | None:
    """Return an item of 4CAT's NDJSON in the form of Zeeschuimer's; None for other documents."""
    if not isinstance(document, dict) or not isinstance(document.get(_META), dict):
        return None
    return [{**document[_META], "data": {name: value for name, value in document.items() if name != _META}}]


SOURCE = Source(
    name="zeeschuimer",
    label="Zeeschuimer",
    recognised_by=[["item_id", "source_platform"]],
    fields={"post_id": ["item_id"]},
    open=open_item,
    guess_in="",
)
