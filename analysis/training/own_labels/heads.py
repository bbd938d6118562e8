"""Creates heads from an analyst's label columns, and validates the labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor, nn

from analysis.columns import repeated_columns
from analysis.errors import TrainingError
from analysis.evaluation.labelled import normalise_evaluation_label
from analysis.model.bundle import Bundle
from analysis.model.config import SENTIMENTS, Head
from analysis.training.own_labels.label_counts import check_label_counts

_SEVERAL = re.compile(r"[;|]")


@dataclass(frozen=True)
class OwnHead:
    """A head to train, and its labels.

    Attributes:
        head: Classes, titles and inputs; the temperature is not fitted yet.
        rows: Row indices of the training posts, (labelled posts,).
        target: 0/1, (labelled posts, classes).
    """

    head: Head
    rows: Tensor
    target: Tensor


def find_own_heads(
    posts: pd.DataFrame, present: Tensor, bundle: Bundle, task: str | None = None
) -> list[OwnHead]:
    """Find the label columns, and create a head for each.

    Args:
        posts: The labelled posts with the original labels, "" for none.
        present: Presence mask, 0/1, (posts, modalities).
        bundle: The base bundle; its heads with the same names provide titles and inputs.
        task: Train only this head, with the labels in the column of that name or in `label`. None for all columns
            that have the name of a head of the base, and for `label`: sentiment if it contains sentiments, else
            topic.

    Returns:
        One head per column.

    Raises:
        TrainingError: There is no label column, or the labels cannot be used.
    """
    found = [
        _read_own_head(posts[column].tolist(), column, name, present, bundle)
        for name, column in _find_columns(posts, bundle, task).items()
    ]
    _check_columns({**bundle.heads, **{own.head.name: own.head for own in found}})
    return found


def _find_columns(posts: pd.DataFrame, bundle: Bundle, task: str | None) -> dict[str, str]:
    """Return the label column of each head, ignoring case."""
    columns = {name.casefold(): name for name in reversed(posts.columns)}
    if task is not None:
        column = next((columns[each] for each in (task.casefold(), "label") if each in columns), None)
        found = {normalise_evaluation_label(task): column} if column else {}
    else:
        found = {name: columns[name] for name in dict.fromkeys([*bundle.heads, "topic"]) if name in columns}
        if "label" in columns:
            labels = {normalise_evaluation_label(label) for label in posts[columns["label"]]} - {""}
            name = "sentiment" if labels <= set(SENTIMENTS) else "topic"
            if name in found:
                raise TrainingError(
                    f"Columns {columns['label']} and {found[name]}",
                    f"both have labels for {name}",
                    "Remove one, or name the task of the column label with --task.",
                )
            found[name] = columns["label"]
    if not found:
        raise TrainingError(
            "The table",
            f"has no column {task} or label" if task else "has no column sentiment, topic or label",
            "Rename the column, or use --task NAME if your labels are in a column NAME or label.",
        )
    return found


def _read_own_head(cells: list[str], column: str, name: str, present: Tensor, bundle: Bundle) -> OwnHead:
    where = f"Column {column}"
    written = [[label.strip() for label in _SEVERAL.split(cell) if label.strip()] for cell in cells]
    labels = [list(dict.fromkeys(map(normalise_evaluation_label, each))) for each in written]
    if name == "sentiment":
        _check_sentiments([";".join(each) for each in labels], where)
    titles = {
        normalise_evaluation_label(label): label for each in reversed(written) for label in reversed(each)
    }  # keep the first spelling
    _check_names(name, titles, where)
    labelled = present[[number for number, each in enumerate(labels) if each]]
    head = _describe_head(name, titles, any(len(each) > 1 for each in labels), labelled, bundle)
    read = [not head.reads or modality in head.reads for modality in bundle.model.modalities]
    readable = (present[:, torch.tensor(read)] > 0).any(1).tolist()
    rows = [number for number, each in enumerate(labels) if each and readable[number]]
    counts = Counter(label for row in rows for label in labels[row])
    check_label_counts(counts, len(rows), head.classes, where)
    target = [[float(label in labels[row]) for label in head.classes] for row in rows]
    return OwnHead(head, torch.tensor(rows), torch.tensor(target))


def _describe_head(
    name: str, titles: Mapping[str, str], several: bool, labelled: Tensor, bundle: Bundle
) -> Head:
    """Create the configuration of a head. If the base has a head with these classes, its configuration is used.

    A head with new classes only reads modalities that occur in its labelled posts; it cannot learn the others.
    """
    known = bundle.heads.get(name)
    if known is not None and set(titles) <= set(known.classes):
        columns = [
            number for number, each in enumerate(known.classes) if each in titles or name == "sentiment"
        ]
        return replace(
            known,
            classes=tuple(known.classes[number] for number in columns),
            titles=tuple(known.titles[number] for number in columns),
            values=tuple(known.values[number] for number in columns if known.values),
            exclusive=known.exclusive and not several,
            temperature=1.0,
            alone=(),  # `init_head` divides by the temperatures, and a new one is fitted
        )
    seen = dict(zip(bundle.model.modalities, labelled.any(0).tolist(), strict=True))
    classes = sorted(
        titles, key=lambda each: (not each.startswith("not_"), each)
    )  # the order `Head.mark` expects
    return Head(
        name,
        tuple(classes),
        tuple(titles[each] for each in classes),
        exclusive=name != "topic" and not several,
        reads=() if all(seen.values()) else tuple(modality for modality, shown in seen.items() if shown),
    )


def _check_names(name: str, titles: Mapping[str, str], where: str) -> None:
    if not name or hasattr(nn.ModuleDict, name):
        raise TrainingError(
            f"Task {name!r}", "cannot be the name of a head", "Choose another name, such as urgency."
        )
    if "" in titles:
        raise TrainingError(
            where,
            f"has the label {titles['']!r} without letters or digits",
            "Use a word for the class.",
        )


def _check_columns(heads: Mapping[str, Head]) -> None:
    """Reject names that would result in duplicate columns in the report."""
    for name, column in repeated_columns(heads):
        raise TrainingError(
            f"Head {name}",
            f"would add a second column {column} to the report",
            "Rename the task or the class.",
        )


def _check_sentiments(labels: list[str], where: str) -> None:
    unknown = sorted(set(labels) - {"", *SENTIMENTS})
    if unknown:
        raise TrainingError(
            where,
            f"has unknown labels: {', '.join(unknown[:5])}",
            f"Use {', '.join(SENTIMENTS)}, one per post. For your own labels use --task NAME.",
        )
