"""Records of Argilla as JSON: what was labelled lies in `fields`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="argilla",
    label="Argilla",
    recognised_by=[
        ["id", "status", "fields.text"],
        ["text", "prediction", "annotation", "annotation_agent"],
    ],
    fields={
        "post_id": ["id", "external_id"],
        "text": ["fields.text", "text"],
        "author": ["metadata.author", "metadata.username"],
        "created_at": ["metadata.created_at", "metadata.date"],
        "images": ["fields.image", "metadata.image"],
    },
)
