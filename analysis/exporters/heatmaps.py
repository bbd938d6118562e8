"""Heat maps of many posts as PNG files: the regions of each image that support or oppose the post's sentiment.

Image maps that were computed with the scores (`image_map`) are drawn without running the model; for other posts,
regions come from integrated gradients. Heat maps are stored in the batch's folder under a name that depends on all
their inputs, so that none is drawn twice.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from analysis.attribution import CLASS_ACTIVATION, INTEGRATED_GRADIENTS, Output
from analysis.attribution.ledger import split_cells
from analysis.charts.highlights import cell_map_overlay, find_strongest, heat_map_overlay
from analysis.columns.posts import INPUTS
from analysis.errors import ScoringError, WorkspaceError
from analysis.exporters.csv_report import format_csv
from analysis.exporters.exporter import HeatMapExporter
from analysis.model.bundle import Bundle
from analysis.settings import Settings
from analysis.workspace import Batch
from analysis.workspace.files import open_atomically, wrap_disk_errors

BASELINE = "black"
PHASE = "heat maps"
LIST = ("file", "post_id", "image", "sentiment")
REFUSED = "not drawn: its regions do not add up"


@dataclass(frozen=True)
class HeatMap:
    """One image's heat map.

    Attributes:
        post_id: The id of its post.
        position: The position of the post in the batch, from 0.
        number: The position of the image in the post, from 0.
        name: Original file name.
        sentiment: The sentiment that is explained.
        path: Its file; an empty file marks a refused heat map, whose regions do not add up.
        cells: The stored values of a grid on the image in logits, (rows, columns); None if they were not computed
            with the scores, so that the model must run.
    """

    post_id: str
    position: int
    number: int
    name: str
    sentiment: str
    path: Path
    cells: NDArray[np.float64] | None = None

    @property
    def file(self) -> str:
        """File name in the export: the position of the post in the batch and of the image in the post, from 1."""
        return f"{self.position + 1:06d}-{self.number + 1}.png"

    @property
    def made(self) -> bool:
        """Whether it was computed (drawn or refused)."""
        return self.path.exists()

    @property
    def drawn(self) -> bool:
        """Whether an image was drawn."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False


def list_heat_maps(
    batch: Batch, posts: Iterable[pd.DataFrame], settings: Settings | None = None
) -> Iterator[HeatMap]:
    """List the heat maps of scored posts with images, whether or not they are drawn.

    Args:
        batch: The batch of the posts.
        posts: Chunks of posts with their scores (`analysis.query.read_post_chunks`).
        settings: The number of integration steps and regions.
    """
    settings = settings or Settings()
    for chunk in posts:
        for post in chunk.to_dict("records"):
            if not isinstance(post["sentiment"], str):
                continue
            grids = _split_image_map(post)
            for number, name in enumerate(post["image_names"]):
                path = batch.heat_map_path(_make_key(post, number, grids is not None, settings))
                cells = None if grids is None else grids[number]
                yield HeatMap(post["post_id"], post["position"], number, name, post["sentiment"], path, cells)


def _split_image_map(post: Mapping[Hashable, Any]) -> list[NDArray[np.float64]] | None:
    """Return the stored grid of each image of a post; None if there are none."""
    values, images = post["image_map"], post["images"]
    return None if values is None or not len(images) else split_cells(values, len(images))


def _make_key(post: Mapping[Hashable, Any], number: int, is_stored: bool, settings: Settings) -> str:
    """Hash everything that a heat map depends on."""
    further = [] if post["inputs_used"] in INPUTS else [post["extra"]]  # content of other modalities
    method = (CLASS_ACTIVATION,) if is_stored else (
        INTEGRATED_GRADIENTS, BASELINE, settings.pixel_steps, settings.superpixels
    )  # fmt: skip
    inputs = (
        post["model"], "sentiment", post["sentiment"], *method, post["text"], *post["images"], number,
        post["images"][number], *further,
    )  # fmt: skip
    return hashlib.sha256("\0".join(map(str, inputs)).encode("utf-8", "replace")).hexdigest()


def export_heat_maps(
    batch: Batch,
    load: Callable[[], Bundle],
    wanted: Iterable[HeatMap],
    settings: Settings | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Draw the missing heat maps; each is written atomically, so an interruption loses at most one.

    Args:
        batch: The batch.
        load: Returns the model that scored it; not called if the image maps of all posts are stored.
        wanted: Heat maps from `list_heat_maps`.
        settings: The settings passed to `list_heat_maps`.
        progress: Called with the phase, the number of posts done and the total.
        cancelled: Checked before each post.

    Returns:
        True if all are computed, False if cancelled.

    Raises:
        ScoringError: The batch was scored by another model than the one that has to run, or an image is missing.
        WorkspaceError: A file cannot be written.
    """
    # Imports torch, which pages that only list maps need not.
    from analysis.scoring.stored_images import read_stored_image

    settings = settings or Settings()
    by_post: dict[int, list[HeatMap]] = {}
    for each in wanted:
        by_post.setdefault(each.position, []).append(each)
    posts = batch.posts()
    missing = {position: maps for position, maps in by_post.items() if not all(each.made for each in maps)}
    needs_model = any(maps[0].cells is None for maps in missing.values())
    bundle = _load_same_model(batch, load) if needs_model else None
    done = len(by_post) - len(missing)
    progress(PHASE, done, len(by_post))
    for position, maps in missing.items():
        if cancelled():
            return False
        post = posts.iloc[position]
        with batch.deletion_named():
            images = [
                (media_id, read_stored_image(batch.media_path(media_id), media_id))
                for media_id in post["images"]
            ]
        if bundle is not None and maps[0].cells is None:
            drawn = _draw_regions(bundle, post, images, maps[0].sentiment, settings)
        else:
            drawn = _draw_cells(maps, [image for _, image in images])
        for each, picture in zip(maps, drawn, strict=True):
            with batch.writing(f"Heat map of post {position + 1}"):
                batch.make_parent(each.path)
                with open_atomically(each.path, batch.temporary_root) as file:
                    if picture is not None:
                        picture.save(file, "PNG")
        done += 1
        progress(PHASE, done, len(by_post))
    return True


def _load_same_model(batch: Batch, load: Callable[[], Bundle]) -> Bundle:
    bundle = load()
    if batch.manifest.bundle != bundle.id:
        raise ScoringError(
            f"Batch {batch.id}",
            f"was scored with {batch.manifest.bundle}, not {bundle.id}",
            "Score it again.",
        )
    return bundle


def _draw_cells(maps: Sequence[HeatMap], images: Sequence[Image.Image]) -> list[Image.Image | None]:
    """Draw the stored grids of one post's images."""
    grids = [each.cells for each in maps if each.cells is not None]
    strongest = max(float(np.abs(grid).max()) for grid in grids)
    return [cell_map_overlay(image, grid, strongest) for image, grid in zip(images, grids, strict=True)]


def _draw_regions(
    bundle: Bundle,
    post: pd.Series,
    images: Sequence[tuple[str, Image.Image]],
    sentiment: str,
    settings: Settings,
) -> list[Image.Image | None]:
    """Draw the regions of one post's images by integrated gradients; None for images whose regions do not add up."""
    # Imported here because they import torch, so that pages that only list maps load fast.
    from analysis.attribution import IntegratedGradients, encode_post, explain_post, list_further_contents

    encoded = encode_post(bundle, post["text"], images, list_further_contents(bundle.model.modalities, post))
    ledger = explain_post(
        bundle, encoded, Output("sentiment", sentiment), settings, region_method=IntegratedGradients
    )
    if ledger.pixel_check is not None and ledger.pixel_check.refused:
        return [None] * len(images)
    strongest = find_strongest(ledger.images)
    return [
        heat_map_overlay(image, value, strongest)
        for (_, image), value in zip(images, ledger.images, strict=True)
    ]


def write_heat_maps(maps: Iterable[HeatMap], folder: Path) -> int:
    """Copy the heat maps that are drawn into a folder, with a list of all heat maps in heatmaps.csv.

    Returns:
        Number of images written.

    Raises:
        WorkspaceError: The folder cannot be written, or a heat map is damaged.
    """
    listed = list(maps)
    with wrap_disk_errors(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "heatmaps.csv").write_bytes(_format_list(listed))
        for each in listed:
            if each.drawn:
                (folder / each.file).write_bytes(_read_heat_map(each))
    return sum(each.drawn for each in listed)


def zip_heat_maps(maps: Iterable[HeatMap], target: IO[bytes]) -> None:
    """Pack the heat maps that are drawn, with the same list, into a zip.

    Raises:
        WorkspaceError: A heat map is damaged.
    """
    listed = [each for each in maps if each.made]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # PNG is already compressed
        archive.writestr("heatmaps.csv", _format_list(listed))
        for each in listed:
            if each.drawn:
                content = _read_heat_map(each)
                archive.writestr(zipfile.ZipInfo.from_file(each.path, each.file), content)


def _read_heat_map(heat_map: HeatMap) -> bytes:
    """Read a drawn heat map; a damaged one is deleted, so that it is drawn again."""
    try:
        content = heat_map.path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.verify()  # verifies the checksums in the PNG
    except (OSError, ValueError, SyntaxError) as error:
        with wrap_disk_errors(f"Heat map of post {heat_map.position + 1}"):
            heat_map.path.unlink(missing_ok=True)
        raise WorkspaceError(
            f"The heat map of post {heat_map.position + 1}",
            "was damaged and has been deleted",
            "Draw the heat maps again.",
        ) from error
    return content


def _format_list(maps: Iterable[HeatMap]) -> bytes:
    rows = ((each.file if each.drawn else REFUSED, each.post_id, each.name, each.sentiment) for each in maps)
    return format_csv(LIST, rows)


EXPORTER = HeatMapExporter("zip", "ZIP", (".zip",), "application/zip", zip_heat_maps)
