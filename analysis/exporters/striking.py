"""Chooses the posts that a report on a batch shows, with their reasons and pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd
from PIL import Image, ImageOps

from analysis import query
from analysis.attribution.ledger import split_cells
from analysis.charts.highlights import cell_map_overlay
from analysis.query import Filters
from analysis.query.filters import FilterValue
from analysis.wording import shorten_to_one_line
from analysis.workspace import Batch

POSTS_OF_A_KIND = 3
_SIDE = 360
"""Longest side of pictures, in pixels."""
_KINDS: Sequence[tuple[str, Mapping[str, FilterValue], str]] = (
    ("Most clearly negative", {"sentiments": ("negative",), "uncertain": False}, "confidence"),
    ("Most clearly positive", {"sentiments": ("positive",), "uncertain": False}, "confidence"),
    ("The image outweighed the text", {"decided_by": ("image",)}, "phi_image"),
    ("Most liked", {}, "likes"),
)
"""Title, filters and order of each kind of posts; the highest values come first."""


@dataclass(frozen=True)
class StrikingPost:
    """A post that the report shows.

    Attributes:
        kind: Why it is shown.
        post: Its columns, as plain Python values.
        words: Its most influential words as written, with their values in logits.
        pictures: Its first image, and the same coloured by its values if these were computed; JPEG.
        reason: Why it got its sentiment, in one sentence; "" if that is not known.
    """

    kind: str
    post: Mapping[str, Any]
    words: Sequence[tuple[str, float]]
    pictures: Sequence[bytes]
    reason: str = ""


def choose_striking_posts(batch: Batch, filters: Filters) -> list[StrikingPost]:
    """Choose the posts to show, and draw their pictures."""
    return [_prepare_post(batch, kind, post) for kind, post in find_striking_posts(batch, filters)]


def find_striking_posts(
    batch: Batch, filters: Filters, of_a_kind: int = POSTS_OF_A_KIND, kinds: int = len(_KINDS)
) -> list[tuple[str, Mapping[str, Any]]]:
    """Find the posts that stand out; none is found twice, and neither are posts with the same text.

    Args:
        batch: The batch.
        filters: Which posts match.
        of_a_kind: The most posts of a kind.
        kinds: The most kinds that are shown; the first ones with matching posts are.

    Returns:
        For each post, its kind, such as "Most clearly negative", and its columns (`query.list_rows`).
    """
    candidates = _list_candidates(batch, filters, 10 * of_a_kind, kinds)
    positions = list(dict.fromkeys(each for _, _, of_kind in candidates for each in of_kind))
    rows = query.list_rows(query.read_posts_at(batch, positions)) if positions else []
    posts = dict(zip(positions, rows, strict=True))
    shown, texts = set[str](), set[str]()
    found: list[tuple[str, Mapping[str, Any]]] = []
    for kind, order, of_kind in candidates:
        number = 0
        for post in (posts[each] for each in of_kind):
            text = shorten_to_one_line(post["text"]).casefold()
            is_known = post["post_id"] in shown or (text and text in texts)
            if number < of_a_kind and not is_known and not pd.isna(post[order]) and post[order] > 0:
                found.append((kind, post))
                shown.add(post["post_id"])
                texts.add(text)
                number += 1
    return found


def _list_candidates(
    batch: Batch, filters: Filters, limit: int, kinds: int
) -> list[tuple[str, str, list[int]]]:
    """List the kinds that have matching posts: title, the column that they are sorted by, and positions of posts."""
    candidates: list[tuple[str, str, list[int]]] = []
    for kind, only, order in _KINDS:
        if len(candidates) == kinds:
            break
        if any(_excludes(filters.get(name), value) for name, value in only.items()):
            continue
        chosen = filters.with_values(only).replace(scored=True)
        positions = query.list_positions(batch, chosen, order, descending=True, limit=limit)
        if positions:
            candidates.append((kind, order, positions))
    return candidates


def _excludes(chosen: FilterValue | None, value: FilterValue) -> bool:
    """Return whether a filter of the report excludes posts that another value of it selects."""
    if isinstance(chosen, tuple) and isinstance(value, tuple):
        return not {*value} <= {*chosen}
    return chosen not in (None, value)


def _prepare_post(batch: Batch, kind: str, post: Mapping[str, Any]) -> StrikingPost:
    pictures = []
    with suppress(OSError, ValueError, Image.DecompressionBombError):  # an image that is missing or damaged
        if post["images"]:
            with Image.open(batch.media_path(post["images"][0]), formats=("JPEG",)) as stored:
                image = ImageOps.exif_transpose(stored).convert("RGB")
            pictures.append(_encode_jpeg(image))
            cells = post["image_map"]
            if cells is not None and len(cells):
                grids = split_cells(cells, len(post["images"]))
                pictures.append(_encode_jpeg(cell_map_overlay(image, grids[0])))
    return StrikingPost(kind, post, post["top_words"] or (), pictures)


def _encode_jpeg(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE))
    target = io.BytesIO()
    small.save(target, "JPEG", quality=80)
    return target.getvalue()
