"""The themes of a batch: which theme each post has, stored in one file in the batch's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from analysis.columns.themes import NO_THEME, THEME_COLUMN
from analysis.errors import WorkspaceError
from analysis.workspace.digests import State, get_file_state, matches_digest
from analysis.workspace.files import write_parquet
from analysis.workspace.layout import THEMES, digest_path

if TYPE_CHECKING:
    from analysis.workspace.folder import BatchFolder

_FORMAT = 1
"""Version of the file; one of another version is ignored, and themes are found again."""
_COLUMNS = {"theme": pa.int16(), "closeness": pa.float32(), "x": pa.float32(), "y": pa.float32()}
_ABOUT = b"postlens"


@dataclass(frozen=True, eq=False)
class Themes:
    """Themes of posts; arrays are in the batch's order.

    Attributes:
        names: Different names, the theme with the most posts first.
        terms: The most typical terms of each theme, the most typical first; none if its posts have no words.
        theme: (posts,) number of the theme; `len(names)` without one, -1 for posts that could not be compared.
        closeness: (posts,) cosine similarity to the mean of the post's theme, -1..1; NaN without one.
        x: (posts,) place on the map; NaN for posts that are not on it.
        y: (posts,) the same, upwards.
        fitted: Number of posts that the themes were found in; the others were given the nearest theme.
        bundle: Id of the model whose embeddings were compared.
        seed: Of the random numbers.
        found: When they were found, in UTC (ISO 8601); "" if unknown.
    """

    names: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    theme: NDArray[np.int16]
    closeness: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    fitted: int
    bundle: str
    seed: int
    found: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The names, and `NO_THEME`."""
        return (*self.names, NO_THEME)

    @cached_property
    def table(self) -> pa.Table:
        """The posts that could be compared: position, theme (number), closeness, x, y (null if not on the map)."""
        columns = {
            name: pa.array(getattr(self, name), type_, from_pandas=True) for name, type_ in _COLUMNS.items()
        }
        table = pa.table({"position": np.arange(len(self.theme)), **columns})
        return table.filter(pa.array(self.theme >= 0))

    def compute_columns(
        self, positions: NDArray[np.int64] | Sequence[int]
    ) -> Mapping[str, NDArray[np.object_]]:
        """Return the column of some posts at their positions: the name of each theme, None without a vector."""
        names = np.array([*self.values, None], object)  # -1 is the last
        return {THEME_COLUMN: names[self.theme[np.asarray(positions, np.int64)]]}


def write_themes(batch: BatchFolder, themes: Themes) -> None:
    """Store the themes of a batch; earlier ones are replaced.

    Raises:
        WorkspaceError: They cannot be written, or the batch was deleted.
    """
    about = {name: getattr(themes, name) for name in ("names", "terms", "fitted", "bundle", "seed", "found")}
    metadata = {_ABOUT: json.dumps({"format": _FORMAT, **about}).encode("ascii")}
    schema = pa.schema(list(_COLUMNS.items()), metadata=metadata)
    table = pa.table(
        [pa.array(getattr(themes, name), type_) for name, type_ in _COLUMNS.items()], schema=schema
    )
    with batch.writing(f"Batch {batch.id}"):
        path = batch.folder / THEMES
        write_parquet(path, table.to_pandas(), schema, within=batch.temporary_root, label=_label(batch))


def read_themes(batch: BatchFolder) -> Themes | None:
    """Read the themes of a batch; None if there are none, or if they are those of another model.

    Raises:
        WorkspaceError: Their file is damaged.
    """
    path = batch.folder / THEMES
    try:
        state = get_file_state(path)
    except FileNotFoundError:
        return None
    try:
        if not matches_digest(path, digest_path(path), _label(batch)):
            raise ValueError("does not match its checksum")
        themes = _read_file(path, state)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise WorkspaceError(
            f"Batch {batch.id}", f"has damaged themes ({THEMES} cannot be read)", "Find its themes again."
        ) from error
    if (
        themes is None
        or themes.bundle != batch.manifest.bundle
        or len(themes.theme) != batch.manifest.n_posts
    ):
        return None
    return themes


@lru_cache(maxsize=4)  # a page opens its batch several times; takes 14 bytes per post
def _read_file(path: Path, _state: State) -> Themes | None:
    table = pq.read_table(path, page_checksum_verification=True)
    about: dict[str, Any] = json.loads(table.schema.metadata[_ABOUT])
    if about.pop("format") != _FORMAT:
        return None
    arrays: dict[str, Any] = {name: table[name].to_numpy() for name in _COLUMNS}
    terms = tuple(map(tuple, about.pop("terms")))
    return Themes(names=tuple(about.pop("names")), terms=terms, **arrays, **about)


def _label(batch: BatchFolder) -> str:
    return f"{batch.id}/{batch.manifest.salt}/{THEMES}\n"
