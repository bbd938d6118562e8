"""Changes a post for a what-if: removes words, crops an image or covers a part of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image

from analysis.errors import AttributionError
from analysis.model.text import CleanText


@dataclass(frozen=True)
class Box:
    """A rectangle in an image; each edge is a fraction of its width or height, 0..1 from the left or the top.

    Raises:
        AttributionError: It has no width or no height, or lies outside.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise AttributionError(
                "The box", "has no width or no height in the image", "Draw its edges further apart."
            )

    def pixels(self, image: Image.Image) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels; at least one pixel wide and high."""
        width, height = image.size
        left, top = min(int(self.left * width), width - 1), min(int(self.top * height), height - 1)
        right, bottom = max(round(self.right * width), left + 1), max(round(self.bottom * height), top + 1)
        return left, top, right, bottom


def words_of(text: CleanText) -> list[str]:
    """List the words of a text as written, as explanations count them."""
    return [text.original[word.start : word.end] for word in text.words]


def remove_words(clean: CleanText, numbers: Collection[int]) -> str:
    """Remove words from a text; the rest stays as written, and white space on both sides of a word becomes one.

    Args:
        clean: The text.
        numbers: Of the words, as `words_of` lists them.
    """
    text = clean.original
    pieces, position = [], 0
    for number, word in enumerate(clean.words):
        if number in numbers:
            pieces.append(text[position : word.start])
            position = word.end
            if not text[position : position + 1].strip() and pieces[-1][-1:].isspace():
                pieces[-1] = pieces[-1][:-1]  # white space on both sides becomes one
    return "".join([*pieces, text[position:]])


def cropped(image: Image.Image, box: Box) -> Image.Image:
    """Crop an image to a box."""
    return image.crop(box.pixels(image))


def covered(image: Image.Image, box: Box) -> Image.Image:
    """Cover a box with the image's mean colour, which adds little of its own."""
    shown = image.convert("RGB")
    mean = shown.resize((1, 1), Image.Resampling.BOX)
    left, top, right, bottom = box.pixels(shown)
    shown.paste(mean.resize((right - left, bottom - top)), (left, top))
    return shown
