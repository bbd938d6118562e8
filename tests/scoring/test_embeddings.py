"""Embeddings of posts: what is written, and what is yielded for `postlens embed`."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.errors import BundleError
from analysis.model.bundle import Bundle
from analysis.scoring.embeddings import EMBEDDING_SCHEMA, embed_batch
from analysis.workspace import Batch
from tests.scored import texts_and_images


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Batch:
    """Six texts, the last with an image, and an image alone, in three parts; scored."""
    return texts_and_images(tmp_path_factory.mktemp("meaning"), tiny_bundle)


def vectors(batch: Batch, bundle: Bundle) -> pd.DataFrame:
    tables = [table.to_pandas() for table in embed_batch(batch, bundle)]
    return pd.concat(tables, ignore_index=True).set_index("post_id")


def test_embeddings_have_length_one_and_are_absent_where_a_post_lacks_the_modality(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    found = vectors(batch, tiny_bundle)
    assert list(found.index) == [*(f"p{i}" for i in range(6)), "image"]
    lengths = [np.linalg.norm(vector) for column in found for vector in found[column].dropna()]
    np.testing.assert_allclose(lengths, 1, atol=1e-5)
    assert found["text_embedding"].isna().tolist() == [False] * 6 + [True]
    assert found["image_embedding"].isna().tolist() == [True] * 5 + [False] * 2
    assert next(embed_batch(batch, tiny_bundle)).schema == EMBEDDING_SCHEMA


def test_what_scoring_wrote_are_the_same_embeddings(batch: Batch, tiny_bundle: Bundle) -> None:
    written = pd.concat([table.to_pandas() for _, table in batch.read_parts("embeddings")]).set_index(
        "post_id"
    )
    for name, column in vectors(batch, tiny_bundle).items():
        for post_id, vector in column.dropna().items():
            np.testing.assert_allclose(written.loc[post_id, name], vector, atol=1e-3)


def test_a_model_without_a_space_embeds_nothing(batch: Batch, tiny_bundle: Bundle) -> None:
    model = copy_without_space(tiny_bundle)
    with pytest.raises(BundleError, match="has no shared space"):
        next(embed_batch(batch, model))


def copy_without_space(bundle: Bundle) -> Bundle:
    network = copy.deepcopy(bundle.model)
    network.space = None
    return replace(bundle, config=replace(bundle.config, space=None), model=network)
