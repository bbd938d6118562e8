"""Answers of a Qualtrics survey, whose header is three rows high; the texts are in columns of any name."""

from analysis.importers.sources.source import Skip, Source

SOURCE = Source(
    name="qualtrics",
    label="Qualtrics",
    recognised_by=[
        ["StartDate", "EndDate", "ResponseId"],
        ["StartDate", "EndDate", "ResponseId", "RecordedDate"],
    ],
    fields={
        "post_id": ["ResponseId"],
        "created_at": ["RecordedDate", "EndDate"],
    },
    skips=[
        Skip(
            when={"ResponseId": ["Response ID", '{"ImportId":"_recordId"}', '{"ImportId": "_recordId"}']},
            reason="is a part of the header",
        )
    ],
    guess_in="",
)
