"""Lists of videos from YouTube Data Tools. Its column "caption" says whether a video has subtitles."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="youtube-data-tools-videos",
    label="YouTube Data Tools, videos",
    recognised_by=[["videoId", "videoTitle", "channelTitle", "publishedAt"]],
    fields={
        "post_id": ["videoId"],
        "text": ["videoTitle + videoDescription"],
        "author": ["channelTitle"],
        "created_at": ["publishedAt"],
        "images": ["thumbnail_maxres"],
        "likes": ["likeCount"],
        "comments": ["commentCount"],
    },
)
