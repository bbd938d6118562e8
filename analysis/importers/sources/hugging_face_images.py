"""Data sets of Hugging Face with images as {bytes, path}. Other columns have names of their users and are guessed."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="hugging-face-images",
    label="Hugging Face, images",
    recognised_by=[["image.bytes", "image.path"]],
    fields={"images": ["image.path"]},
    guess_in="",
)
