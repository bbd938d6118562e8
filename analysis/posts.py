"""The post table: its columns, their types, and the ids of posts.

Every argument "posts" is a `pandas.DataFrame` with exactly `POST_COLUMNS`. `analysis.intake` builds posts from
files; `analysis.workspace` stores them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import pyarrow as pa

from analysis.columns import stored_columns

POST_SCHEMA = pa.schema(list(stored_columns("posts").items()))
POST_COLUMNS: tuple[str, ...] = tuple(POST_SCHEMA.names)


BLANK_POST: Mapping[str, object] = MappingProxyType(
    {"text": "", "images": [], "image_names": [], "source": "", "row": 0, "extra": "{}"}
)
"""Default values of the columns of the post table; null for all others."""


def post_frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Build a post table with the right columns and types.

    Args:
        rows: One mapping per post; the default is `BLANK_POST`.

    Returns:
        The table, one row per post, columns `POST_COLUMNS`.
    """
    return frame_from_columns(
        {name: [row.get(name, BLANK_POST.get(name)) for row in rows] for name in POST_COLUMNS}
    )


def frame_from_columns(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Build a post table from columns; see `post_frame`.

    Args:
        columns: The values of each of `POST_COLUMNS`, one per post.
    """
    return to_post_frame(post_table(columns))


def post_table(columns: Mapping[str, Sequence[object]]) -> pa.Table:
    """Build an Arrow table with the schema `POST_SCHEMA`; see `frame_from_columns`."""
    return pa.Table.from_pydict({name: columns[name] for name in POST_COLUMNS}, schema=POST_SCHEMA)


def to_post_frame(table: pa.Table) -> pd.DataFrame:
    """Convert an Arrow table with the schema `POST_SCHEMA` to a post table."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_pandas_type)
    return frame


def compute_post_id(text: str, images: Sequence[str]) -> str:
    """Compute an id from the content of a post that has none.

    Args:
        text: The post's text, "" for none.
        images: Its media ids.

    Returns:
        "p" and 16 hexadecimal digits; equal content gives an equal id.
    """
    digest = hashlib.sha256("\x00".join([text, *images]).encode("utf-8", "surrogatepass"))
    return "p" + digest.hexdigest()[:16]


def has_text(text: str) -> bool:
    """Return whether a text has visible characters, not only white space and characters such as U+200B."""
    if text[:1].isalnum():
        return True
    return any(
        not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc") for character in text
    )


def list_inputs_used(text: str, n_images: int) -> str:
    """Return which modalities a post has: "text", "image", "both", or "none"."""
    if has_text(text):
        return "both" if n_images else "text"
    return "image" if n_images else "none"


def _pandas_type(kind: pa.DataType) -> object | None:
    return pd.Int64Dtype() if pa.types.is_int64(kind) else None
