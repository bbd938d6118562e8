"""The manifest of a batch: its name, counts, sources, settings and digests, as one JSON file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.workspace.files import open_atomically
from analysis.workspace.layout import MANIFEST


@dataclass(frozen=True)
class Manifest:
    """The description of a batch.

    Attributes:
        id: The batch's id, also its folder's name.
        name: The analyst's name for it.
        created_at: UTC.
        n_posts: Posts in the batch.
        part_posts: Posts in one part of the scores; the last part may contain fewer.
        counts: For each kind of input: how many were expected, received and rejected.
        sources: The name, file and sha256 of each original table.
        settings: The limits at its creation.
        version: The version of PostLens that created it.
        bundle: Id of the model bundle of its scores, None before scoring.
        encoders: Hash of the encoders of its encodings (`Bundle.encoders_id`), None if there are none.
        shares: Hash of what its words and image maps depend on (`Bundle.shares_id`), None if there are none.
        trained_heads: Heads of this model that labels of this batch trained (`list_heads_trained_on`).
        trained_until: For each model with such heads, by its id, the last change of labels (`Change.id`) before it
            first scored this batch: later labels did not train it.
        merged_from: Ids of the batches whose posts and labels it has, if it was merged from others.
        digests: SHA-256 of posts.parquet and rejected.parquet; None in a batch from before digests were stored.
        salt: A random part of the label of each part's digest, so that no part of another batch matches.
        kept: Columns of the analyst's own tables that are filters of the batch.
        engines: What encoded its posts (`analysis.scoring.scorer.describe_engine`), one entry for each that differs.
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
    shares: str | None = None
    trained_heads: tuple[str, ...] = ()
    trained_until: Mapping[str, int] = field(default_factory=dict)
    merged_from: tuple[str, ...] = ()
    digests: Mapping[str, str] | None = None
    salt: str = ""
    kept: tuple[str, ...] = ()
    engines: tuple[Mapping[str, Any], ...] = ()

    def write(self, folder: Path, within: Path | None = None) -> None:
        """Write the manifest to a batch's folder with a digest of its content, replacing an existing one.

        Args:
            folder: The batch's folder.
            within: See `open_atomically`.
        """
        content = {**asdict(self), "created_at": self.created_at.isoformat()}
        content["sha256"] = _manifest_digest(content)
        with open_atomically(folder / MANIFEST, within) as file:
            file.write(_encode_json(content))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a batch's folder.

    Raises:
        OSError: There is none.
        ValueError: It is not a manifest, or one of another batch.
    """
    manifest = _parse_manifest((folder / MANIFEST).read_bytes())
    if manifest.id != folder.name:
        raise ValueError("the manifest is not that of this batch")
    return manifest


@lru_cache(maxsize=64)
def _parse_manifest(data: bytes) -> Manifest:
    """Parse and check a manifest, once for the same bytes: a page opens its batch several times."""
    try:
        content = json.loads(data)
        digest = content.pop("sha256", None)
        if digest != _manifest_digest(content) and (digest is not None or content.get("digests") is not None):
            raise ValueError("the manifest does not match its digest")
        made = datetime.fromisoformat(content.pop("created_at")).astimezone(UTC)
        content["sources"] = tuple(content["sources"])
        content["trained_until"] = dict(content.get("trained_until", {}))
        lists = {
            name: tuple(content.get(name, ())) for name in ("kept", "engines", "trained_heads", "merged_from")
        }
        manifest = Manifest(**{**content, **lists, "created_at": made})
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("the manifest lacks entries") from error
    if not _is_well_formed(manifest):
        raise ValueError("the manifest has values of wrong types")
    return manifest


def _encode_json(content: Mapping[str, Any]) -> bytes:
    # File names that are not UTF-8 can contain lone surrogates.
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass")


def _manifest_digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_encode_json(content)).hexdigest()


def _is_well_formed(manifest: Manifest) -> bool:
    """Return whether the values that pages use have the expected types."""
    texts = (
        *(manifest.name, manifest.version, manifest.bundle or "", manifest.encoders or ""),
        *(*manifest.kept, *manifest.trained_heads, *manifest.merged_from),
    )
    return (
        all(isinstance(text, str) and text.encode(errors="replace").decode() == text for text in texts)
        and all(
            type(number) is int
            for number in (manifest.n_posts, manifest.part_posts, *manifest.trained_until.values())
        )
        and manifest.n_posts >= 0
        and manifest.part_posts >= 1
    )
