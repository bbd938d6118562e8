"""Posts in a Facebook account download of the newer form, in which each value has a display label."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Source


def open_labels(document: Any) -> list[Any] | None:
    """Return records with their values by label; None for other documents."""
    records = document if isinstance(document, list) else [document]
    if not records or not all(_has_labels(record) for record in records):
        return None
    return [{**record, "labels": _by_label(record["label_values"])} for record in records]


def _has_labels(record: Any) -> bool:
    return isinstance(record, dict) and isinstance(record.get("label_values"), list)


def _by_label(values: list[Any]) -> dict[str, Any]:
    return {
        str(each["label"]): each.get("value")
        for each in values
        if isinstance(each, dict) and "label" in each and not isinstance(each.get("value"), dict | list)
    }


SOURCE = Source(
    name="facebook-labels",
    label="Facebook download, labels",
    recognised_by=[["label_values", "timestamp"]],
    fields={
        "post_id": ["fbid", "labels.URL"],
        "text": ["labels.Text", "labels.Post", "labels.Message", "labels.Comment", "labels.Caption"],
        "created_at": ["timestamp"],
        "images": ["media[].uri"],
    },
    open=open_labels,
    guess_in="labels.",
)
