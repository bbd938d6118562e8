"""Metadata of videos from yt-dlp: `*.info.json` with the description and, if downloaded, the comments."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Skip, Source

_OF_FILES = frozenset(
    [
        "automatic_captions",
        "formats",
        "fragments",
        "heatmap",
        "http_headers",
        "requested_formats",
        "subtitles",
    ]
)
"""Descriptions of video files and subtitles, hundreds of fields of each video."""


def open_info(document: Any) -> list[Any] | None:
    """Return a video and its comments, or the videos of a playlist; None for other documents."""
    if not isinstance(document, dict) or "extractor" not in document or "webpage_url" not in document:
        return None
    entries = document.get("entries")
    videos = entries if isinstance(entries, list) and entries else [document]
    return [record for video in videos for record in _with_comments(video)]


def _with_comments(video: Any) -> list[Any]:
    if not isinstance(video, dict):
        return [video]
    comments = video.get("comments")
    post = {name: value for name, value in video.items() if name not in _OF_FILES and name != "comments"}
    about = {"extractor": video.get("extractor"), "video_id": video.get("id")}
    return [post | about] + [
        {**comment, **about} if isinstance(comment, dict) else comment
        for comment in (comments if isinstance(comments, list) else ())
    ]


SOURCE = Source(
    name="yt-dlp",
    label="yt-dlp",
    recognised_by=[["id", "extractor", "video_id", "webpage_url"]],
    fields={
        "post_id": ["id"],
        "text": ["text", "title + description"],
        "author": ["author", "uploader", "channel"],
        "created_at": ["timestamp", "upload_date"],
        "images": ["thumbnail"],
        "likes": ["like_count"],
        "comments": ["comment_count"],
    },
    skips=[Skip(when={"_type": ["playlist"]}, reason="describes a playlist or channel, not a video")],
    open=open_info,
)
