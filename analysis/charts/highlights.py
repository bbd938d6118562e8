"""Highlights on the post itself: words as HTML, and images with coloured regions.

Violet with a solid line raises the explained score. Brown with a dashed line or hatching lowers it. So both are
readable without colour. The charts are in `analysis.charts.explanations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from analysis.attribution.ledger import ImageValue, WordValue
from analysis.charts.palette import GRAD_CAM, LOWERS, RAISES
from analysis.wording import format_signed

_FAINTEST = 0.25  # share of the largest value below which a word or region is not highlighted
_OUTLINED = 3  # regions of each sign that are outlined or hatched
_TEXT_STYLE = "white-space: pre-wrap; overflow-wrap: anywhere; line-height: 2"
_STRONG = 0.5  # share of the largest value of a cell from which it is outlined or hatched
_SHOWN_SIDE = 640  # pixels of the longer side, the maximum on pages


def highlighted_words(text: str, words: Sequence[WordValue]) -> str:
    """Highlight each word of a text by its value.

    Args:
        text: The original text of the post.
        words: Its words (`Ledger.words`), in text order.

    Returns:
        HTML with the escaped text; colour and line width show the value of each word, which is also the tooltip.
    """
    strongest = max((abs(word.value) for word in words), default=0.0)
    parts, done = [], 0
    for word in words:
        parts.append(escape(text[done : word.start]))
        parts.append(_format_word(text[word.start : word.end], word.value, strongest))
        done = word.end
    parts.append(escape(text[done:]))
    return f'<div dir="auto" style="{_TEXT_STYLE}">{"".join(parts)}</div>'


def legend(title: str) -> str:
    """Return the legend of the highlights as HTML: what speaks for an output with this title, and against it."""
    words = _format_word(f"for {title}", 1.0, 1.0), _format_word("against", -1.0, 1.0)
    return f'<span style="font-size: 0.9rem">{" ".join(words)}</span>'


def find_strongest(images: Sequence[ImageValue]) -> float:
    """Return the largest |value| of a cell, or per pixel for methods without cells, of all images of a post."""
    heats = [image.heat() if image.cells is None else image.cells for image in images]
    return max((float(np.abs(heat).max()) for heat in heats), default=0.0)


def heat_map_overlay(
    image: Image.Image, value: ImageValue, strongest: float | None = None, strength: float = 1.0
) -> Image.Image:
    """Colour an image by the values of its cells, if it has any, else of its regions.

    The regions are coloured by their value per pixel, and the strongest few are outlined. See `cell_map_overlay` for
    cells.

    Args:
        image: The stored image.
        value: Its regions and their values.
        strongest: From `find_strongest`, for a common scale of all images of the post; None for that of this image.
        strength: Of the colours, 0..1; outlines and hatching do not depend on it.

    Returns:
        RGB, the longer side at most 640 px: the image in grey, violet where it raises the score, brown where it
        lowers it; the strongest raising regions outlined, the strongest lowering ones hatched.
    """
    if value.cells is not None:
        return cell_map_overlay(image, value.cells, strongest, strength)
    shown = image.convert("RGB")
    shown.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    regions = _resize_regions(value.regions, shown.size)  # (height, width)
    sizes = np.maximum(np.bincount(value.regions.ravel(), minlength=len(value.region_values)), 1)
    density = value.region_values / sizes  # (regions,), logits a pixel
    largest = np.abs(density).max(initial=0.0) if strongest is None else strongest
    heat = (np.clip(density / largest, -1, 1) if largest else np.zeros_like(density))[regions]
    order = np.argsort(density)
    raising = [region for region in order[::-1][:_OUTLINED] if density[region] > _FAINTEST * largest]
    lowering = [region for region in order[:_OUTLINED] if density[region] < -_FAINTEST * largest]
    outlined = np.where(np.isin(regions, raising), regions, -1)
    return _paint_heat(shown, strength * heat, outlined, np.isin(regions, lowering))


def cell_map_overlay(
    image: Image.Image, cells: NDArray[np.float64], strongest: float | None = None, strength: float = 1.0
) -> Image.Image:
    """Colour an image smoothly by the values of a grid of cells, interpolated between their centres.

    The mean over the pixels is that of the cells, but for rounding, so the picture has the sum of the cells.

    Args:
        image: The stored image.
        cells: Their values, (rows, columns).
        strongest: Largest |value| of a cell of all images of the post, for a common scale; None for that of this
            image.
        strength: See `heat_map_overlay`.

    Returns:
        RGB, the longer side at most 640 px: the image in grey, violet where it raises the score, brown where it
        lowers it; the strongest raising areas outlined, the strongest lowering ones hatched.
    """
    shown = image.convert("RGB")
    shown.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    largest = float(np.abs(cells).max(initial=0.0)) if strongest is None else strongest
    heat = np.clip(_interpolate(cells, shown.size) / (largest or 1.0), -1, 1)  # (height, width)
    return _paint_heat(shown, strength * heat, (heat > _STRONG).astype(np.int64), heat < -_STRONG)


def grad_cam_overlay(image: Image.Image, heat: NDArray[np.float64]) -> Image.Image:
    """Colour the regions that Grad-CAM highlights on a grey copy of the image.

    Args:
        image: The stored image.
        heat: (height, width) of any size, 0..1 (`analysis.attribution.compute_grad_cam`).

    Returns:
        RGB, the longer side at most 640 px.
    """
    shown = image.convert("RGB")
    shown.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    resized = Image.fromarray((255 * heat).round().astype(np.uint8)).resize(
        shown.size, Image.Resampling.BICUBIC
    )
    strength = 0.7 * np.asarray(resized, dtype=np.float64)[..., None] / 255
    grey = np.asarray(shown.convert("L").convert("RGB"), dtype=np.float64)
    colour = np.array(ImageColor.getrgb(GRAD_CAM))
    return Image.fromarray((grey * (1 - strength) + colour * strength).round().astype(np.uint8))


def _format_word(text: str, value: float, strongest: float) -> str:
    if not strongest or abs(value) < _FAINTEST * strongest:
        return escape(text)
    strength = abs(value) / strongest
    colour = RAISES if value > 0 else LOWERS
    ground = f"{colour}{round(255 * 0.45 * strength):02x}"
    line = f"{1 + round(2 * strength)}px {'solid' if value > 0 else 'dashed'} {colour}"
    style = f"background: {ground}; border-bottom: {line}"
    return f'<span title="{format_signed(value)}" style="{style}">{escape(text)}</span>'


def _paint_heat(
    shown: Image.Image, heat: NDArray[np.float64], outlined: NDArray[np.int64], hatched: NDArray[np.bool_]
) -> Image.Image:
    """Colour a grey copy of an image by heat, -1 to 1, outline areas of equal numbers, and hatch others."""
    grey = np.asarray(shown.convert("L").convert("RGB"), dtype=np.float64)
    colour = np.where(heat[..., None] >= 0, ImageColor.getrgb(RAISES), ImageColor.getrgb(LOWERS))
    strength = 0.75 * np.abs(heat)[..., None]
    pixels = grey * (1 - strength) + colour * strength
    pixels[_find_edges(outlined)] = (255, 255, 255)
    rows, columns = np.indices(heat.shape)
    pixels[hatched & ((rows + columns) % 20 < 2)] *= 0.3
    return Image.fromarray(pixels.round().astype(np.uint8))


def _interpolate(cells: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Interpolate between the centres of cells; outside of them, the nearest value continues: (height, width)."""
    small = Image.fromarray(cells.astype(np.float32))
    return np.asarray(small.resize(size, Image.Resampling.BILINEAR), dtype=np.float64)


def _resize_regions(regions: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.int64]:
    small = Image.fromarray(regions.astype(np.int32))
    return np.asarray(small.resize(size, Image.Resampling.NEAREST), dtype=np.int64)


def _find_edges(regions: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Find the borders of regions, two pixels wide, also where a region ends at the border of the image."""
    regions = np.pad(regions, 1, constant_values=regions.min(initial=0))
    edges = np.zeros(regions.shape, dtype=bool)
    down, right = regions[1:] != regions[:-1], regions[:, 1:] != regions[:, :-1]
    edges[1:] |= down
    edges[:-1] |= down
    edges[:, 1:] |= right
    edges[:, :-1] |= right
    return edges[1:-1, 1:-1]
