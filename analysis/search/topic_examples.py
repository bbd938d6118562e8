"""Examples of custom topics from texts, pictures and posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.custom_topics import TopicExample, clean_text, encode_vector
from analysis.search.index import open_index
from analysis.search.vectors import Vectors, embed_image, embed_names
from analysis.settings import Settings
from analysis.workspace import Batch

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model.bundle import Bundle


def make_text_example(bundle: Bundle, text: str, belongs: bool, settings: Settings) -> TopicExample:
    """Make an example of a text; what is beyond `Settings.max_example_chars` is left out.

    Raises:
        BundleError: The bundle has no shared space.
    """
    shown = clean_text(text)[: settings.max_example_chars]
    return _make_example(shown, belongs, embed_names(bundle, [shown]), bundle.id)


def make_image_example(bundle: Bundle, image: Image.Image, belongs: bool) -> TopicExample:
    """Make an example of a picture (RGB), of which only the vector is kept.

    Raises:
        BundleError: The bundle has no shared space.
    """
    return _make_example("", belongs, embed_image(bundle, image), bundle.id)


def make_post_example(batch: Batch, position: int, text: str, belongs: bool) -> TopicExample:
    """Make an example of a post, with the vectors that it was scored with.

    Args:
        batch: Its batch.
        position: Its position there.
        text: Its text.
        belongs: Whether it belongs to the topic.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    vectors = open_index(batch).vectors_of(position).values()
    shown = clean_text(text)[: batch.settings.max_example_chars]
    return _make_example(shown, belongs, vectors, batch.manifest.bundle or "")


def _make_example(text: str, belongs: bool, vectors: Iterable[Vectors], bundle_id: str) -> TopicExample:
    return TopicExample(text, belongs, tuple(encode_vector(vector) for vector in vectors), bundle_id)
