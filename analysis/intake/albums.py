"""Images without a table as posts: those of one name are one post, with the caption and data next to them.

Instaloader calls them `<time>_UTC.jpg`, or `<time>_UTC_1.jpg`, `<time>_UTC_2.jpg` where a post has several.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from analysis.intake.companions import Companion, list_image_keys
from analysis.intake.media import StoredImage
from analysis.intake.values import read_count, read_times

_TIMED = re.compile(r"(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)_UTC$")
_FOLDERS = frozenset(
    {
        "avatar",
        "avatars",
        "profile",
        "emoji",
        "emojis",
        "twemoji",
        "profile_media",
        "profile_pictures",
        "profile_photos",
    }
    | {"profile_images", "stickers", "thumbs", "thumbnails"}
)
_NAMES = re.compile(
    r"(?:avatar|profile[-_ ]?(?:pic|picture|photo|image)|favicon)[-_ ]?\d*"
    r"|.+_(?:profile_pic|avatar|thumb|thumbnail)|(?:thumb|thumbnail|emoji|twemoji)[-_].+",
    re.IGNORECASE,
)


@dataclass
class Album:
    """Images and companions of one post.

    Attributes:
        key: The beginning of their names.
        images: In the order of their numbers.
        companions: Captions and data.
    """

    key: str
    images: list[StoredImage] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its first file."""
        return self.images[0].name if self.images else self.companions[0].name

    @property
    def text(self) -> str:
        """The caption, else the text in the data."""
        texts = [str(each.content.get("text", "")) for each in self.companions]
        kinds = [each.kind for each in self.companions]
        return next((text for _, text in sorted(zip(kinds, texts, strict=True)) if text), "")

    @property
    def post_id(self) -> str:
        """The id in the data, "" for none."""
        return next(
            (str(each.content["post_id"]) for each in self.companions if "post_id" in each.content), ""
        )

    def fields(self) -> dict[str, object]:
        """Return further fields of the post, from its data, and the time from its name."""
        metadata: dict[str, str] = {}
        if named := _TIMED.search(self.key):
            metadata["created_at"] = "{}T{}:{}:{}Z".format(*named.groups())
        for each in self.companions:
            metadata |= {name: str(value) for name, value in each.content.items()}
        found: dict[str, object] = {
            name: read_count(metadata[name]) for name in ("likes", "shares", "comments") if name in metadata
        }
        if "author" in metadata:
            found["author"] = metadata["author"]
        if "created_at" in metadata:
            found["created_at"] = read_times([metadata["created_at"]])[0]
        return found


def group_albums(
    images: Iterable[StoredImage], companions: Iterable[Companion], times_in_names: bool
) -> list[Album]:
    """Group images and companions into posts.

    Args:
        images: Those that no table names, and that may be posts.
        companions: Captions and data of posts.
        times_in_names: Also return images without companions that are called as Instaloader calls them.

    Returns:
        The posts with a caption, data, or such a name; other images are left out.
    """
    albums: dict[str, Album] = {}
    for companion in companions:
        albums.setdefault(companion.key, Album(companion.key)).companions.append(companion)
    numbers: Mapping[str, list[tuple[list[int], StoredImage]]] = defaultdict(list)
    for image in images:
        keys = list_image_keys(image.name)
        key = next((key for key in keys if key in albums), None)
        if key is None and times_in_names:
            key = next((key for key in keys if _TIMED.search(key)), None)
        if key is not None:
            albums.setdefault(key, Album(key))
            number = [int(each) for each in re.findall(r"\d+", image.name.removeprefix(key))]
            numbers[key].append((number, image))
    for key, found in numbers.items():
        albums[key].images += [image for _, image in sorted(found, key=lambda each: each[0])]
    return list(albums.values())


def is_decoration(name: str) -> bool:
    """Return whether an image is a profile picture, an emoji or a thumbnail by its name."""
    path = PurePosixPath(name.replace("\\", "/"))
    in_folder = not _FOLDERS.isdisjoint(part.casefold() for part in path.parts[:-1])
    return in_folder or bool(_NAMES.fullmatch(path.stem))


def split_decorations(images: Iterable[StoredImage]) -> tuple[list[StoredImage], Sequence[StoredImage]]:
    """Return the images that may be posts, and those that are not."""
    found: tuple[list[StoredImage], list[StoredImage]] = ([], [])
    for image in images:
        found[is_decoration(image.name)].append(image)
    return found
