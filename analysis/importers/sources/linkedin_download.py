"""The `Shares.csv` of a member's download from LinkedIn."""

from analysis.importers.sources.source import NO_IMAGE, Source

SOURCE = Source(
    name="linkedin-download",
    label="LinkedIn download",
    recognised_by=[["Date", "ShareLink", "ShareCommentary"]],
    fields={
        "post_id": ["ShareLink"],
        "text": ["ShareCommentary"],
        "created_at": ["Date"],
        "images": ["MediaUrl"],
    },
    blank={"images": NO_IMAGE},
)
