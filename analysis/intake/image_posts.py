"""Posts from images that no table names, and the lists of images that belong to the posts of a table."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import PurePosixPath

from analysis.intake.admission import Admission, Candidate
from analysis.intake.albums import group_albums, split_decorations
from analysis.intake.binding import Listing, MatchedImages
from analysis.intake.companions import Companion, list_image_keys
from analysis.intake.inputs import Inputs
from analysis.intake.rejections import Rejection
from analysis.intake.unused import (
    decoration_rejection,
    unreferenced_image_rejection,
    unused_companion_rejection,
)

_OF_ONE_POST = frozenset({"caption", "post"})


def accept_images_as_posts(admission: Admission, inputs: Inputs, named: Set[str]) -> list[Rejection]:
    """Turn images that no table names into posts if they have captions, or if there is nothing else.

    Args:
        admission: Gets the posts.
        inputs: The upload.
        named: The names of the images that tables name.

    Returns:
        The images and companions that were not used.
    """
    has_tables = bool(inputs.tables)
    images, decorations = split_decorations(each for each in inputs.images.values() if each.name not in named)
    named_keys = {key for name in named for key in list_image_keys(name)}
    spare: list[Companion] = []  # of images that a table names
    free: list[Companion] = []
    others: list[Companion] = []  # lists and descriptions
    for each in inputs.companions:
        of_named = spare if each.key in named_keys else free
        (of_named if each.kind in _OF_ONE_POST else others).append(each)
    albums = group_albums(images, free, times_in_names=not has_tables)
    for album in albums:
        admission.admit(
            Candidate(
                album.name,
                MatchedImages(tuple(album.images)),
                post_id=album.post_id,
                text=album.text,
                fields=album.fields(),
            )
        )
    used = {image.name for album in albums for image in album.images}
    unnamed = [image for image in images if image.name not in used]
    if not has_tables and not albums:
        for image in unnamed:
            admission.admit(Candidate(image.name, MatchedImages((image,))))
        unnamed = []
    idle = [
        each for each in others if each.name not in inputs.used and not (has_tables and each.kind == "images")
    ]
    return [
        *(unreferenced_image_rejection(image.name) for image in unnamed),
        *(decoration_rejection(image.name) for image in decorations),
        *(unused_companion_rejection(companion) for companion in (*spare, *idle)),
    ]


def find_image_listings(companions: Iterable[Companion]) -> list[Listing]:
    """Return the entries of the lists of downloaded images."""
    return [
        Listing(address, name, tuple(post_ids), PurePosixPath(companion.name).parent.as_posix())
        for companion in companions
        if companion.kind == "images"
        for address, name, post_ids in companion.content["listings"]
    ]
