"""Posts that are nearly alike: the same words with the same pictures, set aside what a copy changes on the way.

That is case, links, names, punctuation; the size and compression of a picture. Texts are compared by a hash of what
is left of them, pictures by perceptual hash (pHash of the package imagehash): 31 sample pictures, scaled and
compressed three ways each, stayed within 2 bits of their original; no two different ones were nearer than 20.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from glob import escape

import duckdb
import pandas as pd
from PIL import Image
from torch import Tensor

from analysis.workspace import Batch

NEAR = 3
"""Bits of 64 in which two pictures may differ; a quarter of the bits is then the same: pairs are quick to find."""
FEWEST_WORDS = 3
"""Posts of less text and no picture are not compared: "thank you" is said by many."""
_HASHED = 64
"""Pictures are hashed at about this side, pixels: twice of what pHash takes; more of them only take time."""
_LEFT_OUT = re.compile(r"\brt\s+@\w+|https?://\S+|www\.\S+|@\w+|\{\{\w+\}\}|[^\w\s]|_")


def text_key(text: str, pictures: bool = False) -> str:
    """Make a key that is equal for texts that say the same.

    Args:
        text: A post's text as written.
        pictures: Whether the post has pictures, so that few words are enough to compare it.

    Returns:
        16 hexadecimal digits; "" where there is too little to compare.
    """
    words = _LEFT_OUT.sub(" ", text.casefold()).split()
    if not words or (len(words) < FEWEST_WORDS and not pictures):
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def picture_key(square: Tensor) -> str:
    """Make a key that is nearly equal for pictures that look the same: 16 hexadecimal digits.

    Args:
        square: A picture as `analysis.model.encoding.squeezed` gives it, (3, side, side).
    """
    import imagehash  # brings scipy

    picture = Image.fromarray(square.permute(1, 2, 0).numpy())
    return str(imagehash.phash(picture.reduce(max(1, picture.width // _HASHED))))


def find_copies(batch: Batch) -> None:
    """Write the `copies` parts of a batch whose every post is encoded.

    Args:
        batch: Its `encodings` parts are read.

    Raises:
        WorkspaceError: Encodings cannot be read, or a part cannot be written.
    """
    for index in range(batch.n_parts):
        batch.check_part("encodings", index)
    files = [escape(str(batch.part_path("encodings", index))) for index in range(batch.n_parts)]
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        try:
            database.execute(
                "CREATE TABLE said AS SELECT post_id, text_key, image_key FROM read_parquet($files, file_row_number "
                "= true, filename = true, hive_partitioning = false) ORDER BY filename, file_row_number",
                {"files": files},
            )
        except duckdb.Error as error:
            raise batch.changed(str(error).partition("\n")[0]) from error
        keys = database.execute(
            "SELECT DISTINCT unnest(string_split(image_key, ' ')) FROM said WHERE image_key <> ''"
        ).fetchall()
        looks = look_alikes(key for (key,) in keys)
        pictures = pd.DataFrame({"image_key": list(looks), "look": list(looks.values())}, dtype=str)
        database.register("pictures", pictures)
        database.execute("""
            CREATE TABLE seen AS
            SELECT said.rowid AS place, post_id, text_key, coalesce(looks, '') AS looks
            FROM said LEFT JOIN (
                SELECT place, string_agg(DISTINCT look, ' ' ORDER BY look) AS looks
                FROM (SELECT rowid AS place, unnest(string_split(image_key, ' ')) AS image_key
                      FROM said WHERE image_key <> '') JOIN pictures USING (image_key)
                GROUP BY place
            ) AS found ON found.place = said.rowid""")
        database.execute("""
            CREATE TABLE alike AS
            SELECT place, arg_min(post_id, place) OVER same AS first, min(place) OVER same AS first_place,
                count(*) OVER same - 1 AS copies
            FROM seen WHERE text_key <> '' OR looks <> '' WINDOW same AS (PARTITION BY text_key, looks)""")
        for index in range(batch.n_parts):
            rows = batch.part_rows(index)
            found = database.execute(
                """
                SELECT post_id, CASE WHEN place > first_place THEN first END AS copy_of,
                    coalesce(copies, 0) AS copies
                FROM seen LEFT JOIN alike USING (place) WHERE place >= $start AND place < $stop ORDER BY place""",
                {"start": rows.start, "stop": rows.stop},
            ).fetchall()
            batch.write_part("copies", index, pd.DataFrame(found, columns=["post_id", "copy_of", "copies"]))


def look_alikes(keys: Iterable[str]) -> dict[str, str]:
    """Group picture keys that differ in at most `NEAR` bits, directly or by others between them.

    Args:
        keys: Of `picture_key`.

    Returns:
        For each key the smallest of its group.
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
    """Find the pairs within `NEAR` bits: of four quarters of their bits, such two share at least one."""
    hashes = pd.DataFrame({"key": keys, "bits": [int(key, 16) for key in keys]}).astype({"bits": "uint64"})
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        database.register("hashes", hashes)
        pairs: list[tuple[str, str]] = database.execute(
            """
            WITH quarters AS (
                SELECT key, bits, quarter, (bits >> (16 * quarter)::UBIGINT) & 65535 AS value
                FROM hashes, (SELECT unnest([0, 1, 2, 3]) AS quarter)
            )
            SELECT DISTINCT one.key, other.key FROM quarters AS one JOIN quarters AS other USING (quarter, value)
            WHERE one.key < other.key AND bit_count(xor(one.bits, other.bits)) <= $near""",
            {"near": NEAR},
        ).fetchall()
    return pairs
