"""Heat maps of many posts as PNG files: the regions of each image that speak for and against the post's sentiment.

They are stored in the batch's folder under a name that depends on all their inputs, so that none is drawn twice.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
from PIL import Image

from analysis.attribution import INTEGRATED_GRADIENTS, Output
from analysis.charts.highlights import heat_map_overlay
from analysis.columns.posts import INPUTS
from analysis.errors import ScoringError, WorkspaceError
from analysis.exporters.csv_report import csv_of
from analysis.exporters.exporter import HeatMapExporter
from analysis.model.bundle import Bundle
from analysis.settings import Settings
from analysis.workspace import Batch
from analysis.workspace.files import replacing, writing

BASELINE = "black"
PHASE = "heat maps"
LIST = ("file", "post_id", "image", "sentiment")
REFUSED = "not drawn: its regions do not add up"


@dataclass(frozen=True)
class HeatMap:
    """One image's heat map.

    Attributes:
        post_id: Of its post.
        position: The post's place in the batch, from 0.
        number: The image's place in the post, from 0.
        name: The image's name as it came.
        sentiment: What is explained.
        path: Its file; an empty file marks one that is refused, since its regions do not add up.
    """

    post_id: str
    position: int
    number: int
    name: str
    sentiment: str
    path: Path

    @property
    def file(self) -> str:
        """The name that it is handed out under: the post's place in the batch and the image's in the post."""
        return f"{self.position + 1:06d}-{self.number + 1}.png"

    @property
    def made(self) -> bool:
        """Whether it was worked out, drawn or refused."""
        return self.path.exists()

    @property
    def drawn(self) -> bool:
        """Whether there is an image to look at."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False


def heat_maps_of(
    batch: Batch, posts: Iterable[pd.DataFrame], settings: Settings | None = None
) -> Iterator[HeatMap]:
    """List the heat maps of scored posts with images, made or not.

    Args:
        batch: Their batch.
        posts: Chunks of posts with their scores (`analysis.query.chunks`).
        settings: Steps and regions, which the maps depend on.
    """
    settings = settings or Settings()
    for chunk in posts:
        for post in chunk.to_dict("records"):
            if not isinstance(post["sentiment"], str):
                continue
            for number, (media_id, name) in enumerate(zip(post["images"], post["image_names"], strict=True)):
                inputs = (
                    post["model"], "sentiment", post["sentiment"], INTEGRATED_GRADIENTS, BASELINE,
                    settings.pixel_steps, settings.superpixels, post["text"], *post["images"], number, media_id,
                    *([] if post["inputs_used"] in INPUTS else [post["extra"]]),  # content of further modalities
                )  # fmt: skip
                key = hashlib.sha256("\0".join(map(str, inputs)).encode("utf-8", "replace")).hexdigest()
                path = batch.heat_map_path(key)
                yield HeatMap(post["post_id"], post["position"], number, name, post["sentiment"], path)


def make_heat_maps(
    batch: Batch,
    bundle: Bundle,
    wanted: Iterable[HeatMap],
    settings: Settings | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Draw the heat maps that are not made yet; each is written whole, so that a stop loses one at most.

    Args:
        batch: The batch.
        bundle: The model that scored it.
        wanted: Of `heat_maps_of`.
        settings: The same as there.
        progress: Told the phase, posts done and posts in all.
        cancelled: Asked before each post.

    Returns:
        True when all are made, False when cancelled.

    Raises:
        ScoringError: The batch was scored by another model, or an image is missing.
        WorkspaceError: A file cannot be written.
    """
    # Imported here since they bring torch, which a page that only lists the maps need not wait for.
    from analysis.attribution import encode_post, explain_post, further_contents
    from analysis.scoring.encodings import stored_image

    settings = settings or Settings()
    if batch.manifest.bundle != bundle.id:
        raise ScoringError(
            f"Batch {batch.id}",
            f"was scored with {batch.manifest.bundle}, not {bundle.id}",
            "Score it again.",
        )
    by_post: dict[int, list[HeatMap]] = {}
    for each in wanted:
        by_post.setdefault(each.position, []).append(each)
    posts = batch.posts()
    missing = {position: maps for position, maps in by_post.items() if not all(each.made for each in maps)}
    done = len(by_post) - len(missing)
    progress(PHASE, done, len(by_post))
    for position, maps in missing.items():
        if cancelled():
            return False
        post = posts.iloc[position]
        with batch.deletion_named():
            images = [
                (media_id, stored_image(batch.media_path(media_id), media_id)) for media_id in post["images"]
            ]
        encoded = encode_post(bundle, post["text"], images, further_contents(bundle.model.modalities, post))
        ledger = explain_post(bundle, encoded, Output("sentiment", maps[0].sentiment), settings)
        refused = ledger.pixel_check is not None and ledger.pixel_check.refused
        strongest = max(float(abs(value.heat()).max()) for value in ledger.images)
        for each, value, (_, image) in zip(maps, ledger.images, images, strict=True):
            with batch.writing(f"Heat map of post {position + 1}"):
                batch.make_parent(each.path)
                with replacing(each.path, batch.temporary_root) as file:
                    if not refused:
                        heat_map_overlay(image, value, strongest).save(file, "PNG")
        done += 1
        progress(PHASE, done, len(by_post))
    return True


def write_heat_maps(maps: Iterable[HeatMap], folder: Path) -> int:
    """Copy the heat maps that are drawn into a folder, with a list of all as heatmaps.csv.

    Returns:
        How many images were written.

    Raises:
        WorkspaceError: The folder cannot be written, or a heat map is damaged.
    """
    listed = list(maps)
    with writing(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "heatmaps.csv").write_bytes(_list(listed))
        for each in listed:
            if each.drawn:
                (folder / each.file).write_bytes(_content(each))
    return sum(each.drawn for each in listed)


def zip_heat_maps(maps: Iterable[HeatMap], target: IO[bytes]) -> None:
    """Pack the heat maps that are drawn, with the same list, into a zip.

    Raises:
        WorkspaceError: A heat map is damaged.
    """
    listed = [each for each in maps if each.made]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # PNG is packed already
        archive.writestr("heatmaps.csv", _list(listed))
        for each in listed:
            if each.drawn:
                content = _content(each)
                archive.writestr(zipfile.ZipInfo.from_file(each.path, each.file), content)


def _content(heat_map: HeatMap) -> bytes:
    """Read a drawn heat map; one that is damaged is removed, so that it is drawn again."""
    try:
        content = heat_map.path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.verify()  # compares the checksums that PNG has
    except (OSError, ValueError, SyntaxError) as error:
        with writing(f"Heat map of post {heat_map.position + 1}"):
            heat_map.path.unlink(missing_ok=True)
        raise WorkspaceError(
            f"The heat map of post {heat_map.position + 1}",
            "was damaged and is removed",
            "Draw the heat maps again.",
        ) from error
    return content


def _list(maps: Iterable[HeatMap]) -> bytes:
    rows = ((each.file if each.drawn else REFUSED, each.post_id, each.name, each.sentiment) for each in maps)
    return csv_of(LIST, rows)


EXPORTER = HeatMapExporter("zip", "ZIP", (".zip",), "application/zip", zip_heat_maps)
