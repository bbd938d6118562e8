"""Companion files, which serve other files: captions, data of posts, lists of images, descriptions of accounts.

They are recognised by their names and those of the files around them, and read in a worker process.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from analysis.importers.decoding import decode_file_text, remove_invalid_characters
from analysis.importers.json_files import strip_js_assignment
from analysis.importers.refused import RefusedError
from analysis.intake.files import InputFile
from analysis.intake.formats import format_by_suffix
from analysis.intake.gallery import read_gallery
from analysis.intake.instaloader import read_instaloader_post
from analysis.settings import MB, Settings

Kind = Literal["caption", "post", "images", "dataset", "account"]
_LISTS = (".metadata.json", "manifest.json")
_ACCOUNTS = ("account.js", "actor.json", "personal_information.json", "profile_information.json")
_POST_ENDINGS = (".json.xz", "_UTC.json")
_XZ_MEMORY = 128 * MB  # that unpacking may take; the strongest setting of xz takes 65 MB
_NUMBERED = re.compile(r"[-_]\d{1,3}$")


@dataclass(frozen=True)
class Companion:
    """A file that was read and serves other files.

    Attributes:
        name: Its name within the upload.
        kind: "caption" of an image, data of a "post", list of "images" of posts, description of a "dataset" or of an
            "account".
        content: What it says: the fields of a post; `listings` for a list of images; `note` for a data set.
    """

    name: str
    kind: Kind
    content: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The beginning of the names of its images, with their folder."""
        key = _without(self.name, (".txt", ".json.xz", ".json"))
        return list_image_keys(key)[-1] if format_by_suffix(PurePosixPath(key).suffix.lower()) else key


def companion_names(names: Collection[str]) -> set[str]:
    """Return the names of the files that may be companions of the others."""
    visual = [PurePosixPath(name) for name in names if format_by_suffix(PurePosixPath(name).suffix.lower())]
    keys = {str(path) for path in visual} | {key for path in visual for key in list_image_keys(str(path))}
    folders = {str(path.parent) for path in visual}
    images = {str(path) for path in visual}

    def is_companion(name: str) -> bool:
        path = PurePosixPath(name)
        return (
            (path.suffix.lower() == ".txt" and _without(name, (".txt",)) in keys)
            or (path.suffix.lower() == ".json" and _without(name, (".json",)) in images)
            or (name.endswith(_POST_ENDINGS) and str(path.parent) in folders)
            or path.name.endswith(_LISTS)
            or path.name in _ACCOUNTS
        )

    return {name for name in names if is_companion(name)}


def list_image_keys(name: str) -> list[str]:
    """List the keys that a companion of an image may have, the most exact first."""
    stem = _without(name, (PurePosixPath(name).suffix,))
    return [name, stem, _NUMBERED.sub("", stem)]


def read_companion_file(file: InputFile, settings: Settings) -> Companion | None:
    """Read a file that may be a companion by its name.

    Returns:
        The companion; None if its content is of another kind.

    Raises:
        RefusedError: If it cannot be read within the limits, or describes nothing that posts need.
    """
    if file.size > settings.max_companion_bytes:
        limit = settings.max_companion_bytes / MB
        raise RefusedError(f"is {file.size / MB:,.0f} MB; the limit is {limit:,.0f} MB", "Shorten it.")
    content = file.read()
    if file.suffix == ".txt":
        return Companion(file.name, "caption", {"text": decode_file_text(content)[0].strip()})
    if file.suffix == ".xz":
        content = _unpack(content, settings)
    document = _parse(content)
    for kind, read in _READERS.items():
        if (found := read(document)) is not None:
            return Companion(file.name, kind, found)
    return None


def _read_post(document: Any) -> dict[str, Any] | None:
    """Return the fields of a post from Instaloader's data."""
    if not isinstance(document, dict) or not isinstance(document.get("instaloader"), dict):
        return None
    kind = document["instaloader"].get("node_type")
    if kind != "Post" or not isinstance(document.get("node"), dict):
        raise RefusedError(f"describes a {kind or 'thing'} of Instagram, not a post", "Nothing to do.")
    return read_instaloader_post(document["node"])


def _read_list(document: Any) -> dict[str, Any] | None:
    """Return the images in the list of a downloader: of 4CAT, or of one that writes addresses and file names."""
    found = [list(each) for each in _listed(document)]
    return {"listings": found} if found else None


def _listed(document: Any) -> Iterator[tuple[str, str, list[str]]]:
    if isinstance(document, dict):
        entries = [
            {"url": key, **value} if isinstance(value, dict) else {"url": key, "filename": value}
            for key, value in document.items()
            if "://" in key or (isinstance(value, dict) and "filename" in value)
        ]
    else:
        entries = [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
    for entry in entries:
        ids = entry.get("post_ids", entry.get("post_id", []))
        name = entry.get("filename") or entry.get("file")
        if isinstance(name, str) and ("post_ids" in entry or "post_id" in entry or "url" in entry):
            post_ids = ids if isinstance(ids, list) else [ids]
            yield (
                remove_invalid_characters(str(entry.get("url", ""))),
                remove_invalid_characters(name),
                [remove_invalid_characters(str(each)) for each in post_ids],
            )


def _read_dataset(document: Any) -> dict[str, Any] | None:
    """Return what 4CAT says of a data set."""
    if not isinstance(document, dict) or not {"key", "type", "num_rows"} <= document.keys():
        return None
    return {"note": remove_invalid_characters(f"4CAT: {document['type']}, {document['num_rows']} rows")}


def _read_account(document: Any) -> dict[str, Any] | None:
    """Return the name of an account's owner, as X, Mastodon, Instagram and Facebook write it."""
    paths = (
        ("account", "username"),
        ("preferredUsername",),
        ("profile_user", "string_map_data", "Username", "value"),
        ("profile_v2", "name", "full_name"),
    )
    for path in paths:
        value = document
        for key in path:
            value = value[0] if isinstance(value, list) and value else value
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value.strip():
            return {"author": remove_invalid_characters(value.strip())}
    return None


_READERS: Mapping[Kind, Callable[[Any], dict[str, Any] | None]] = {
    "post": lambda document: read_gallery(document) or _read_post(document),
    "dataset": _read_dataset,
    "account": _read_account,
    "images": _read_list,
}


def _unpack(content: bytes, settings: Settings) -> bytes:
    try:
        unpacked = lzma.LZMADecompressor(memlimit=_XZ_MEMORY).decompress(
            content, settings.max_companion_bytes + 1
        )
    except lzma.LZMAError as error:
        raise RefusedError("is not an xz file, or is damaged", "Download it again.") from error
    if len(unpacked) > settings.max_companion_bytes:
        limit = f"{settings.max_companion_bytes / MB:,.0f} MB"
        raise RefusedError(f"unpacks to more than {limit}", "Unpack it, and add the posts as a table.")
    return unpacked


def _parse(content: bytes) -> Any:
    try:
        return json.loads(strip_js_assignment(decode_file_text(content)[0]))
    except (ValueError, RecursionError):
        return None


def _without(name: str, endings: Collection[str]) -> str:
    ending = next((each for each in endings if name.lower().endswith(each.lower())), "")
    return name[: len(name) - len(ending)]
