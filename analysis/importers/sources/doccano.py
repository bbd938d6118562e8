"""Texts that were labelled with doccano: one JSON object a line."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="doccano",
    label="doccano",
    recognised_by=[["id", "text", "label", "Comments"], ["id", "text", "entities", "relations", "Comments"]],
    fields={
        "post_id": ["id"],
        "text": ["text"],
    },
    values={"Comments": r"\[.*\]"},
)
