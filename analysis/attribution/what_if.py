"""A post with something changed: words taken out, a picture cut to a part or with a part covered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image

from analysis.errors import AttributionError
from analysis.model.text import clean_text


@dataclass(frozen=True)
class Box:
    """A part of a picture; each edge is a part of its width or height, 0..1 from the left or the top.

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
                "The box", "has no width or no height in the picture", "Draw its edges further apart."
            )

    def pixels(self, picture: Image.Image) -> tuple[int, int, int, int]:
        """Give left, top, right and bottom in pixels; at least one pixel wide and high."""
        width, height = picture.size
        left, top = min(int(self.left * width), width - 1), min(int(self.top * height), height - 1)
        right, bottom = max(round(self.right * width), left + 1), max(round(self.bottom * height), top + 1)
        return left, top, right, bottom


def words_of(text: str) -> list[str]:
    """List the words of a text as written, as explanations count them."""
    return [text[word.start : word.end] for word in clean_text(text).words]


def without_words(text: str, numbers: Collection[int]) -> str:
    """Take words out of a text; the rest stays as written, a gap of white space as one.

    Args:
        text: As written.
        numbers: Of the words of `words_of`.
    """
    kept, position = [], 0
    for number, word in enumerate(clean_text(text).words):
        if number in numbers:
            kept.append(text[position : word.start])
            position = word.end
            if not text[position : position + 1].strip() and kept[-1][-1:].isspace():
                kept[-1] = kept[-1][:-1]  # of the white space on both sides one is enough
    return "".join([*kept, text[position:]])


def cropped(picture: Image.Image, box: Box) -> Image.Image:
    """Cut a picture to a part of it."""
    return picture.crop(box.pixels(picture))


def covered(picture: Image.Image, box: Box) -> Image.Image:
    """Cover a part of a picture with its mean colour, so that nothing new stands out."""
    shown = picture.convert("RGB")
    mean = shown.resize((1, 1), Image.Resampling.BOX)
    left, top, right, bottom = box.pixels(shown)
    shown.paste(mean.resize((right - left, bottom - top)), (left, top))
    return shown
