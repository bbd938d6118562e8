"""Columns of the analyst's own tables that no field of a post uses: which name the platform, links and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from analysis.importers.matching import split_column_name
from analysis.importers.names import ADDRESSES, POSTS

_MAX_NAME_CHARS = 200  # a longer cell is no name
_PLATFORM_NAMES = frozenset(
    (
        "platform", "network", "socialnetwork", "socialmedia", "socialplatform", "sourceplatform", "postplatform",
        "socialmediaplatform", "socialmedianetwork", "plattform", "netzwerk", "sozialesnetzwerk", "plateforme",
        "reseau", "reseausocial", "plataforma", "red", "redsocial", "rede", "redesocial", "piattaforma", "platforma",
    )
)  # fmt: skip
_LINK_NAMES = frozenset(
    (
        "link", "links", "urls", "outlink", "outlinks", "tcooutlinks", "expandedurl", "expandedurls", "unwoundurl",
        "sharedurl", "sharedurls", "sharedlink", "linkurl", "linkurls", "linkattachment", "externalurl",
        "externallink", "externallinks", "finallink", "linkedurl",
    )
)  # fmt: skip
PLATFORM_HOSTS = MappingProxyType(
    {
        "x.com": "X", "twitter.com": "X", "facebook.com": "Facebook", "fb.com": "Facebook",
        "instagram.com": "Instagram", "tiktok.com": "TikTok", "youtube.com": "YouTube", "youtu.be": "YouTube",
        "reddit.com": "Reddit", "threads.net": "Threads", "threads.com": "Threads", "bsky.app": "Bluesky",
        "linkedin.com": "LinkedIn", "t.me": "Telegram", "pinterest.com": "Pinterest", "tumblr.com": "Tumblr",
        "vk.com": "VK", "truthsocial.com": "Truth Social", "9gag.com": "9GAG", "imgur.com": "Imgur",
        "douyin.com": "Douyin", "xiaohongshu.com": "RedNote", "weibo.com": "Weibo", "mastodon.social": "Mastodon",
    }
)  # fmt: skip
"""Platforms by the host of the addresses of their posts, without www."""


def find_platform_columns(columns: Iterable[str]) -> list[str]:
    """Find the columns whose values name the platform of a post, such as "Social Network"."""
    return [name for name in columns if _join_words(name) in _PLATFORM_NAMES]


def find_link_columns(columns: Iterable[str]) -> list[str]:
    """Find the columns whose values are links that a post shares, such as "expanded_urls"."""
    return [name for name in columns if _join_words(name) in _LINK_NAMES]


def find_address_columns(columns: Iterable[str]) -> list[str]:
    """Find the columns whose values are the address of the post itself, such as "permalink" or "Tweet URL"."""
    return [
        name
        for name in columns
        if {_join_words(name), "".join(word for word in _split(name) if word not in POSTS)} & ADDRESSES
    ]


def _join_words(name: str) -> str:
    return "".join(_split(name))


def _split(name: str) -> tuple[str, ...]:
    """Split the last part of a path such as "post.permalink" into words; () for what is too long for a name."""
    if len(name) > _MAX_NAME_CHARS:
        return ()
    return split_column_name(name.replace("/", ".").rpartition(".")[2])
