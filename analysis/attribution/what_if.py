"""Edits a post for what-if analysis: removes words, crops an image, or covers a part of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image

from analysis.errors import AttributionError
from analysis.model.text import CleanText


@dataclass(frozen=True)
class Box:
    """A rectangle in an image; edges are fractions of the width or height, 0..1 from the left or top.

    Raises:
        AttributionError: The rectangle is empty or outside the image.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise AttributionError(
                "The box", "is empty or outside the image", "Draw its edges further apart."
            )

    def pixels(self, image: Image.Image) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels; the box is at least one pixel wide and high."""
        width, height = image.size
        left, top = min(int(self.left * width), width - 1), min(int(self.top * height), height - 1)
        right, bottom = max(round(self.right * width), left + 1), max(round(self.bottom * height), top + 1)
        return left, top, right, bottom


def list_removable_words(text: CleanText) -> list[str]:
    """List the original words of a text, numbered as in explanations."""
    return [text.original[word.start : word.end] for word in text.words]


def remove_words(clean: CleanText, numbers: Collection[int]) -> str:
    """Remove words from the original text; white space on both sides of a removed word is merged.

    Args:
        clean: The text.
        numbers: Indices of the words in the result of `list_removable_words`.
    """
    text = clean.original
    pieces, position = [], 0
    for number, word in enumerate(clean.words):
        if number in numbers:
            pieces.append(text[position : word.start])
            position = word.end
            if not text[position : position + 1].strip() and pieces[-1][-1:].isspace():
                pieces[-1] = pieces[-1][:-1]  # merge white space on both sides
    return "".join([*pieces, text[position:]])


def crop_to_box(image: Image.Image, box: Box) -> Image.Image:
    """Crop an image to a box."""
    return image.crop(box.pixels(image))


def occlude_box(image: Image.Image, box: Box) -> Image.Image:
    """Cover a box with the mean colour of the image, which adds little information."""
    shown = image.convert("RGB")
    mean = shown.resize((1, 1), Image.Resampling.BOX)
    left, top, right, bottom = box.pixels(shown)
    shown.paste(mean.resize((right - left, bottom - top)), (left, top))
    return shown
