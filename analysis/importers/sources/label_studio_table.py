"""Tasks of Label Studio as CSV or JSON-MIN. `created_at` is the time of the annotation."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="label-studio-table",
    label="Label Studio, CSV",
    recognised_by=[
        ["id", "text", "annotator", "annotation_id", "lead_time"],
        ["id", "caption", "annotator", "annotation_id", "lead_time"],
        ["id", "image", "annotator", "annotation_id", "lead_time"],
    ],
    fields={
        "post_id": ["id"],
        "text": ["text", "caption"],
        "author": ["author", "username", "user"],
        "created_at": ["timestamp", "date"],
        "images": ["images", "image"],
    },
)
