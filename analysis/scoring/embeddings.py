"""Embeds posts: vectors in the space that texts and images share, for search and `postlens embed`.

`analysis.search` compares them; the space itself is `analysis.model.space`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.engines import choose_engine
from analysis.scoring.encodings import PostEncoder
from analysis.settings import Settings
from analysis.workspace import Batch, open_compiled_encoders

EMBEDDING_SCHEMA = pa.schema(
    [
        ("post_id", pa.string()),
        ("text_embedding", pa.list_(pa.float32())),  # length 1; null for a post without text
        (
            "image_embedding",
            pa.list_(pa.float32()),
        ),  # the mean of its images, length 1; null without images
    ]
)


def embedding_table(
    bundle: Bundle,
    post_ids: Sequence[str],
    encoded: Mapping[str, Tensor],
    present: Tensor,
    dtype: type[np.floating] = np.float16,
) -> pd.DataFrame:
    """Project encoded posts into the shared space.

    Args:
        bundle: The model; hold its lock.
        post_ids: One per post.
        encoded: (posts, dim) by modality, in the model's order.
        present: 0/1, (posts, modalities).
        dtype: Type of the vectors; parts on disk have half precision, which is enough for search.

    Returns:
        post_id, text_embedding, image_embedding: vectors of length 1, None where a post lacks the modality.

    Raises:
        BundleError: The bundle has no shared space.
    """
    table = pd.DataFrame({"post_id": list(post_ids)})
    for modality, has in zip(bundle.model.modalities, present.bool().T.tolist(), strict=True):
        with torch.inference_mode():
            vectors = bundle.model.embed(modality, encoded[modality]).numpy().astype(dtype)
        column = [vector if there else None for vector, there in zip(vectors, has, strict=True)]
        table[f"{modality}_embedding"] = pd.Series(column, dtype=object)
    return table


def embed_batch(batch: Batch, bundle: Bundle, settings: Settings | None = None) -> Iterator[pa.Table]:
    """Embed every post of a batch, whether it is scored or not.

    Args:
        batch: The posts.
        bundle: The model.
        settings: Batch sizes.

    Yields:
        Tables of `EMBEDDING_SCHEMA`, one per part.

    Raises:
        BundleError: The bundle has no shared space.
        ScoringError: An image of the batch is missing or damaged on disk.
    """
    settings = settings or Settings()
    cache = open_compiled_encoders(settings)
    engine = choose_engine(bundle, "auto", batch.manifest.n_posts, settings.openvino_from, cache=cache)
    encoder = PostEncoder(bundle, batch.media_path, settings, engine)
    for index in range(batch.n_parts):
        posts = batch.part_of_posts(index)
        encoded = encoder.encode(posts)
        with bundle.lock:
            ids = posts["post_id"].tolist()
            table = embedding_table(bundle, ids, encoded.vectors, encoded.present, np.float32)
        yield pa.Table.from_pandas(table, schema=EMBEDDING_SCHEMA, preserve_index=False)
