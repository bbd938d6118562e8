"""Finds near copies: posts with the same words and the same images.

Differences in letter case, links, user names and punctuation, and in the size and compression of images are ignored.
Texts are compared by a hash of the remaining words, images by perceptual hash (pHash of the package imagehash): 31
sample images, scaled and compressed three ways each, stayed within 2 bits of their original; different images
differed in 20 bits or more.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import escape

import duckdb
import pandas as pd
from PIL import Image
from torch import Tensor

from analysis.workspace import Batch

MAX_BITS = 3
"""Bits of 64 in which near copies of an image may differ. With 3, at least one of four quarters is equal, which makes
pairs fast to find."""
MIN_WORDS = 3
"""Posts with fewer words and no image are not compared: many people write "thank you"."""
_HASHED = 64
"""Side in pixels at which images are hashed: twice what pHash needs; larger ones only take time."""
_IGNORED = re.compile(r"\brt\s+@\w+|https?://\S+|www\.\S+|@\w+|\{\{\w+\}\}|[^\w\s]|_")


def compute_text_copy_key(text: str, images: bool = False) -> str:
    """Compute a key that is equal for near copies of a text.

    Args:
        text: A post's text as written.
        images: Whether the post has images; if so, `MIN_WORDS` does not apply.

    Returns:
        16 hexadecimal digits; "" if there is too little to compare.
    """
    words = _IGNORED.sub(" ", text.casefold()).split()
    if not words or (len(words) < MIN_WORDS and not images):
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def compute_image_copy_key(square: Tensor) -> str:
    """Compute a key that is nearly equal for images that look the same: 16 hexadecimal digits.

    Args:
        square: An image from `analysis.model.encoding.resize_to_square`, (3, side, side).
    """
    import imagehash  # imports scipy

    image = Image.fromarray(square.permute(1, 2, 0).numpy())
    return str(imagehash.phash(image.reduce(max(1, image.width // _HASHED))))


def find_copies(batch: Batch) -> None:
    """Write the `copies` parts of a fully encoded batch.

    Args:
        batch: Its `encodings` parts are read.

    Raises:
        WorkspaceError: Encodings cannot be read, or a part cannot be written.
    """
    for index in range(batch.n_parts):
        batch.check_part("encodings", index)
    files = [escape(str(batch.part_path("encodings", index))) for index in range(batch.n_parts)]
    with _memory_database() as database:
        try:
            database.execute(
                "CREATE TABLE keys AS SELECT post_id, text_key, image_key FROM read_parquet($files, file_row_number "
                "= true, filename = true, hive_partitioning = false) ORDER BY filename, file_row_number",
                {"files": files},
            )
        except duckdb.Error as error:
            raise batch.changed_error(str(error).partition("\n")[0]) from error
        _group_copies(database)
        for index in range(batch.n_parts):
            batch.write_part("copies", index, _read_copies(database, batch.part_rows(index)))


def find_copies_in_table(keys: pd.DataFrame) -> pd.DataFrame:
    """Find the near copies among posts in memory.

    Args:
        keys: post_id, text_key and image_key, one row per post, in the posts' order.

    Returns:
        post_id, copy_of (the first of the near copies; None for itself), copies (the number of others).
    """
    with _memory_database() as database:
        database.register("given", keys[["post_id", "text_key", "image_key"]])
        database.execute("CREATE TABLE keys AS SELECT * FROM given")
        _group_copies(database)
        return _read_copies(database, slice(0, len(keys)))


@contextmanager
def _memory_database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        yield database


def _group_copies(database: duckdb.DuckDBPyConnection) -> None:
    """Create the tables `seen` and `alike` from the table `keys`, whose row numbers are the posts' positions."""
    rows = database.execute(
        "SELECT DISTINCT unnest(string_split(image_key, ' ')) FROM keys WHERE image_key <> ''"
    ).fetchall()
    looks = group_similar_images(key for (key,) in rows)
    images = pd.DataFrame({"image_key": list(looks), "look": list(looks.values())}, dtype=str)
    database.register("images", images)
    database.execute("""
        CREATE TABLE seen AS
        SELECT keys.rowid AS place, post_id, text_key, coalesce(looks, '') AS looks
        FROM keys LEFT JOIN (
            SELECT place, string_agg(DISTINCT look, ' ' ORDER BY look) AS looks
            FROM (SELECT rowid AS place, unnest(string_split(image_key, ' ')) AS image_key
                  FROM keys WHERE image_key <> '') JOIN images USING (image_key)
            GROUP BY place
        ) AS found ON found.place = keys.rowid""")
    database.execute("""
        CREATE TABLE alike AS
        SELECT place, arg_min(post_id, place) OVER same AS first, min(place) OVER same AS first_place,
            count(*) OVER same - 1 AS copies
        FROM seen WHERE text_key <> '' OR looks <> '' WINDOW same AS (PARTITION BY text_key, looks)""")


def _read_copies(database: duckdb.DuckDBPyConnection, rows: slice) -> pd.DataFrame:
    found = database.execute(
        """
        SELECT post_id, CASE WHEN place > first_place THEN first END AS copy_of, coalesce(copies, 0) AS copies
        FROM seen LEFT JOIN alike USING (place) WHERE place >= $start AND place < $stop ORDER BY place""",
        {"start": rows.start, "stop": rows.stop},
    ).fetchall()
    return pd.DataFrame(found, columns=["post_id", "copy_of", "copies"])


def group_similar_images(keys: Iterable[str]) -> dict[str, str]:
    """Group image keys that differ in at most `MAX_BITS` bits, directly or through others.

    Args:
        keys: From `compute_image_copy_key`.

    Returns:
        The smallest key of each key's group.
    """
    group = {key: key for key in sorted(set(keys))}

    def smallest(key: str) -> str:
        while group[key] != key:
            group[key] = group[group[key]]
            key = group[key]
        return key

    for one, other in _near_pairs(list(group)):
        first, second = sorted((smallest(one), smallest(other)))
        group[second] = first
    return {key: smallest(key) for key in group}


def _near_pairs(keys: list[str]) -> list[tuple[str, str]]:
    """Find the pairs within `MAX_BITS` bits: such pairs share at least one of the four quarters of their bits."""
    hashes = pd.DataFrame({"key": keys, "bits": [int(key, 16) for key in keys]}).astype({"bits": "uint64"})
    with _memory_database() as database:
        database.register("hashes", hashes)
        pairs: list[tuple[str, str]] = database.execute(
            """
            WITH quarters AS (
                SELECT key, bits, quarter, (bits >> (16 * quarter)::UBIGINT) & 65535 AS value
                FROM hashes, (SELECT unnest([0, 1, 2, 3]) AS quarter)
            )
            SELECT DISTINCT one.key, other.key FROM quarters AS one JOIN quarters AS other USING (quarter, value)
            WHERE one.key < other.key AND bit_count(xor(one.bits, other.bits)) <= $near""",
            {"near": MAX_BITS},
        ).fetchall()
    return pairs
