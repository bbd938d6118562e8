"""Records of Argilla: the labelled content is in `fields`, or in `text` and `inputs` before version 2.

Records of version 1 in the same form: https://huggingface.co/datasets/rubrix/_simple_test
`event_timestamp` is the time of a prediction or a label, not of the post.
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="argilla",
    label="Argilla",
    recognised_by=[
        ["id", "status", "fields.text"],
        ["text", "prediction", "annotation", "annotation_agent"],
        ["inputs.text", "prediction", "annotation", "annotation_agent"],
    ],
    fields={
        "post_id": ["id", "external_id"],
        "text": ["fields.text", "text", "inputs.text"],
        "author": ["metadata.author", "metadata.username"],
        "created_at": ["metadata.created_at", "metadata.date"],
        "images": ["fields.image", "metadata.image"],
    },
)
