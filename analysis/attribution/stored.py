"""Rebuilds the explanation of a post's sentiment from its stored scores, without the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from analysis.attribution.decision import describe_decision
from analysis.attribution.ledger import ImageValue, Ledger, Output, WordValue, split_cells
from analysis.attribution.sentences import title_of_explained_output
from analysis.columns import TEXT_AND_IMAGE
from analysis.wording import NO_TITLES


def read_stored_ledger(
    post: Mapping[str, Any], titles: Mapping[str, str], base_is_average: bool = False
) -> Ledger:
    """Rebuild the ledger of the predicted sentiment from the columns of a post.

    Args:
        post: A scored post (`query.read_page`).
        titles: Titles of the model's modalities by name (`ModelConfig.modalities`).
        base_is_average: Whether the model is additive, so that its base is the average post.

    Returns:
        A ledger with modality values, without the base. Its words are the stored top words, without their places in
        the text; its images have the cells of the stored image map, and no regions. Both are empty where they were
        not computed.
    """
    phi = {name: _to_number(post.get(f"phi_{name}")) for name in titles}
    used = post["inputs_used"]
    present = TEXT_AND_IMAGE if used == "both" else used.split("+")
    words, cells, images = (
        _to_list(post.get("top_words")),
        _to_list(post.get("image_map")),
        list(post["images"]),
    )
    grids = split_cells(cells, len(images)) if cells and images else []
    empty = np.zeros((0, 0), dtype=np.int64), np.zeros(0)
    return Ledger(
        output=Output("sentiment", str(post["sentiment"])),
        base=0.0,
        total=sum(phi.values()),
        phi=phi,
        interaction=0.0,
        present={name: name in present for name in titles},
        words=tuple(WordValue(str(word), 0, 0, float(value)) for word, value in words),
        images=tuple(
            ImageValue(name, float(grid.sum()), *empty, grid)
            for name, grid in zip(images, grids, strict=True)
        )
        if grids
        else (),
        titles=titles,
        base_is_average=base_is_average,
    )


def describe_stored_decision(
    post: Mapping[str, Any],
    modalities: Mapping[str, str],
    titles: Mapping[str, str] = NO_TITLES,
    base_is_average: bool = False,
) -> str:
    """Describe why a post got its sentiment, from its stored scores; see `describe_decision`.

    Args:
        post: The columns of a post (`query.read_page`).
        modalities: Titles of the model's modalities by name.
        titles: Titles of classes by name.
        base_is_average: See `read_stored_ledger`.

    Returns:
        One sentence; "" if the post is not scored.
    """
    if not isinstance(post["sentiment"], str):
        return ""
    ledger = read_stored_ledger(post, modalities, base_is_average)
    title = title_of_explained_output(ledger.output, titles)
    return describe_decision(ledger, title, uncertain=post["uncertain"] is True)


def _to_number(value: Any) -> float:
    return 0.0 if value is None or np.isnan(value) else float(value)


def _to_list(values: Iterable[Any] | float | None) -> list[Any]:
    return list(values) if isinstance(values, Iterable) else []
