"""Tasks of Label Studio as JSON: what was labelled is in `data`, with names that its users chose.

`created_at` is the time of the task, not of the post.
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="label-studio",
    label="Label Studio",
    recognised_by=[
        ["id", "annotations", "predictions", "project"],
        ["id", "annotations", "meta", "updated_at"],
    ],
    fields={"post_id": ["data.post_id", "data.id", "id"]},
    guess_in="data.",
)
