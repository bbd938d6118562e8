"""Merges batches into a new one: their posts, images, original tables, rejections, encodings and labels."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import WorkspaceError
from analysis.temporary import new_temporary_path
from analysis.workspace.batch import Batch
from analysis.workspace.files import link_or_copy_file, wrap_disk_errors
from analysis.workspace.layout import MEDIA, SOURCES
from analysis.workspace.review_store import DECISION, Label

if TYPE_CHECKING:
    from analysis.workspace.home import Workspace

BATCH_COLUMN = "Batch"
"""The column of a merged batch with the name of the batch that a post comes from; it is a filter."""
_COPIED = ("encodings", "words")
"""Kinds of parts that do not depend on other posts and take long to compute."""
_MERGED = "merged batch"
"""The coder of decisions in a merged batch."""


@dataclass
class _Merged:
    """What is known of the posts so far.

    Attributes:
        contents: A hash of the text and the images of each post by its id.
        places: The places of the kept posts: index of their batch, and position in it.
        positions: The position in the new batch of each post, also of those left out, by its place.
        kept: The position of each kept post by its id.
        repeated: For each post left out: its id, and the name of its batch.
    """

    contents: dict[str, bytes] = field(default_factory=dict)
    places: list[tuple[int, int]] = field(default_factory=list)
    positions: dict[tuple[int, int], int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)


def merge_batches(workspace: Workspace, batch_ids: Sequence[str], name: str) -> Batch:
    """Make a new batch of the posts of others, which are not changed.

    A post with the same id, text and images as an earlier one is listed as rejected. Another post with the same id
    gets a number after its id. Encodings are copied if all batches have those of the same encoders, so that scoring
    the new batch takes seconds.

    Args:
        workspace: The workspace.
        batch_ids: At least two batches, in the order of their posts.
        name: Name of the new batch.

    Returns:
        The new batch, not scored yet.

    Raises:
        WorkspaceError: There are fewer than two batches, one cannot be read, they have too many posts, or the disk
            cannot be written.
    """
    from analysis.intake import CheckedBatch, Counts, Rejection, rejected_frame
    from analysis.intake.stored_posts import StoredPosts

    batches = [workspace.open(batch_id) for batch_id in dict.fromkeys(batch_ids)]
    total, most = sum(batch.manifest.n_posts for batch in batches), workspace.settings.max_rows
    if len(batches) < 2:
        raise WorkspaceError("The batches", "are fewer than two", "Choose two batches or more.")
    if total > most:
        raise WorkspaceError(
            "The batches", f"have {total:,} posts; the limit is {most:,}", "Merge fewer of them."
        )
    media = new_temporary_path(batches[0].temporary_root)
    try:
        with wrap_disk_errors("The merged batch"):
            for batch in batches:
                _link_images(batch.folder / MEDIA, media)
            merged, posts = _Merged(), StoredPosts(batches[0].temporary_root)
            for number, batch in enumerate(batches):
                for chunk in _read_renamed(batch, number, merged):
                    posts.append({str(column): _list_values(chunk[column]) for column in chunk})
        repeated = [
            Rejection(
                "row",
                batch_name,
                "repeats a post of an earlier batch: same id, text and images",
                "Nothing needs to be done.",
                post_id,
            )
            for post_id, batch_name in merged.repeated
        ]
        counts: dict[str, Counts] = {}
        for batch in batches:
            for kind, each in batch.manifest.counts.items():
                before = counts.get(kind, Counts(0, 0, 0))
                counts[kind] = Counts(
                    before.expected + each["expected"],
                    before.received + each["received"],
                    before.rejected + each["rejected"],
                )
        if "row" in counts:
            rows, gone = counts["row"], len(repeated)
            counts["row"] = Counts(rows.expected, rows.received - gone, rows.rejected + gone)
        rejected = pd.concat(
            [*(batch.rejected() for batch in batches), rejected_frame(repeated)], ignore_index=True
        )
        new = workspace.create(
            CheckedBatch(posts, rejected, counts),
            media,
            name,
            sources=[
                (entry["name"], batch.folder / SOURCES / entry["file"])
                for batch in batches
                for entry in batch.manifest.sources
            ],
            kept=tuple(
                dict.fromkeys([BATCH_COLUMN, *(each for batch in batches for each in batch.manifest.kept)])
            ),
        )
    finally:
        shutil.rmtree(media, ignore_errors=True)
    sources = (each for batch in batches for each in (batch.id, *batch.manifest.merged_from))
    new.record_merged(list(dict.fromkeys(sources)))
    _copy_labels(workspace, batches, merged.positions, new)
    _copy_parts(batches, merged.places, new)
    return workspace.open(new.id)


def _link_images(source: Path, target: Path) -> None:
    for image in source.rglob("*") if source.is_dir() else ():
        if image.is_file() and not (linked := target / image.relative_to(source)).exists():
            link_or_copy_file(image, linked)


def _read_renamed(batch: Batch, number: int, merged: _Merged) -> Iterator[pd.DataFrame]:
    """Read the posts of a batch in chunks, without repeated ones, with new ids where others have them."""
    for index in range(batch.n_parts):
        posts = batch.part_of_posts(index)
        ids, kept = [], []
        for row, (post_id, text, images) in enumerate(
            zip(posts["post_id"], posts["text"], posts["images"], strict=True)
        ):
            written = "\0".join([text, *images]).encode("utf-8", "surrogatepass")
            content, free = sha256(written).digest(), post_id
            same, copies = merged.contents.get(post_id), 1
            while same is not None and same != content:
                copies += 1
                free = f"{post_id}-{copies}"
                same = merged.contents.get(free)
            place = (number, index * batch.part_posts + row)
            if same is not None:
                merged.positions[place] = merged.kept[free]
                merged.repeated.append((post_id, batch.manifest.name))
                continue
            merged.contents[free] = content
            merged.positions[place] = merged.kept[free] = len(merged.places)
            merged.places.append(place)
            ids.append(free)
            kept.append(row)
        chosen = posts.iloc[kept]
        yield chosen.assign(
            post_id=ids, extra=[_add_batch(extra, batch.manifest.name) for extra in chosen["extra"]]
        )


def _list_values(column: pd.Series) -> list[object]:
    """Return the values of a column, None where missing."""
    values: list[object] = column.astype(object).where(column.notna(), None).tolist()
    return values


def _add_batch(extra: str, name: str) -> str:
    """Add the name of a post's batch to the columns of its table, unless a merged batch was merged again."""
    columns = json.loads(extra)
    return json.dumps({BATCH_COLUMN: name, **columns}, ensure_ascii=False)


def _copy_parts(batches: Sequence[Batch], places: Sequence[tuple[int, int]], new: Batch) -> None:
    """Copy the parts that any batch with these posts would have, if all batches have them from the same model."""
    models = {(each.manifest.bundle, each.manifest.encoders, each.manifest.shares) for each in batches}
    bundle, encoders, shares = next(iter(models))
    if len(models) > 1 or bundle is None or encoders is None:
        return
    kinds = [
        kind
        for kind in _COPIED
        if all(batch.has_part(kind, index) for batch in batches for index in range(batch.n_parts))
    ]
    for kind in kinds:
        for index in range(new.n_parts):
            new.write_part(kind, index, _read_rows(batches, kind, places[new.part_rows(index)], new, index))
    trained_heads = {head for batch in batches for head in batch.manifest.trained_heads}
    new.set_bundle(bundle, encoders, shares, tuple(sorted(trained_heads)))


def _read_rows(
    batches: Sequence[Batch], kind: str, places: Sequence[tuple[int, int]], new: Batch, index: int
) -> pd.DataFrame:
    """Read the rows of a kind of part at some places, with the ids of the new batch."""
    frames, start = [], 0
    while start < len(places):
        number, first = places[start]
        batch = batches[number]
        part = first // batch.part_posts
        stop = start
        while (
            stop < len(places) and places[stop][0] == number and places[stop][1] // batch.part_posts == part
        ):
            stop += 1
        rows = [position - part * batch.part_posts for _, position in places[start:stop]]
        frames.append(batch.read_part(kind, part).iloc[rows])
        start = stop
    ids = new.part_of_posts(index, ["post_id"])["post_id"].tolist()
    return pd.concat(frames, ignore_index=True).assign(post_id=ids)


def _copy_labels(
    workspace: Workspace, batches: Sequence[Batch], positions: Mapping[tuple[int, int], int], new: Batch
) -> None:
    """Copy labels; of a coder who labelled a repeated post twice, the label of the earlier batch counts."""
    by_owner: dict[str, dict[tuple[int, str], Label]] = {}
    for number, batch in reversed(list(enumerate(batches))):  # earlier batches replace later ones
        for stored in workspace.reviews.read_labels(batch.id):
            position = positions.get((number, stored.position))
            if position is not None:
                found = Label(position, stored.field, stored.value)
                by_owner.setdefault(stored.owner, {})[position, stored.field] = found
    for owner, given in by_owner.items():
        labels = given.values()
        if owner == DECISION:
            workspace.reviews.save_labels(new.id, _MERGED, labels, "decide")
        else:
            workspace.reviews.save_labels(new.id, owner, labels, "import")
