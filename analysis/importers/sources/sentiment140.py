"""The training file of Sentiment140: six columns without a header."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="sentiment140",
    label="Sentiment140",
    recognised_by=[["column 1", "column 2", "column 3", "column 4", "column 5", "column 6"]],
    fields={
        "post_id": ["column 2"],
        "text": ["column 6"],
        "author": ["column 5"],
        "created_at": ["column 3"],
    },
    values={
        "column 1": r"[024]",
        "column 2": r"\d+",
        "column 3": r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z]{3,4} \d{4}",
    },
)
