"""What a batch says of itself, as one JSON file.

The files that it speaks of are in `analysis.workspace.batch`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.workspace.files import replacing


@dataclass(frozen=True)
class Manifest:
    """What a batch says of itself.

    Attributes:
        id: The batch's id, also its folder's name.
        name: The analyst's name for it.
        created_at: When it was made, UTC.
        n_posts: Posts in the batch.
        part_posts: Posts in one part of the scores; the last part may hold fewer.
        counts: For each kind of input: how many were expected, received and rejected.
        sources: For each table kept in source/: its name, file and sha256.
        settings: The limits in force when it was made.
        version: The version of PostLens that made it.
        bundle: Id of the model bundle of its scores, None before scoring.
        encoders: Hash of the encoders of its encodings (`Bundle.encoders_id`), None where there are none.
    """

    id: str
    name: str
    created_at: datetime
    n_posts: int
    part_posts: int
    counts: Mapping[str, Mapping[str, int]]
    sources: tuple[Mapping[str, str], ...]
    settings: Mapping[str, int | float]
    version: str
    bundle: str | None = None
    encoders: str | None = None

    def write(self, folder: Path) -> None:
        """Write it to a batch's folder, in place of the one there."""
        content = {**asdict(self), "created_at": self.created_at.isoformat()}
        with replacing(folder / "manifest.json") as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=2).encode())


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a batch's folder.

    Raises:
        OSError: If there is none.
        ValueError: If it is not a manifest, or one of another batch.
    """
    content = json.loads((folder / "manifest.json").read_bytes())
    try:
        made = datetime.fromisoformat(content.pop("created_at")).astimezone(UTC)
        manifest = Manifest(created_at=made, sources=tuple(content.pop("sources")), **content)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the manifest lacks entries") from error
    if manifest.id != folder.name or not isinstance(manifest.part_posts, int) or manifest.part_posts < 1:
        raise ValueError("the manifest is not one of this batch")
    return manifest
