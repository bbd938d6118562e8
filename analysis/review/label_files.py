"""Labels from files: tables with a column of labels, and exports of Label Studio and doccano."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis import query
from analysis.columns.reviews import NONE_OF_THEM, TEXT_FIELDS, UNSURE
from analysis.evaluation.labelled import normalise_evaluation_label
from analysis.importers.decoding import remove_invalid_characters
from analysis.intake import Table
from analysis.model.config import SENTIMENTS
from analysis.settings import Settings
from analysis.wording import shorten_to_one_line
from analysis.workspace import Batch, Label

_ID_COLUMNS = ("post_id", "data.post_id", "data.id", "meta.post_id", "id")
_OWN_ID = "id"
"""The last of them: in exports of tools for labels, it is the tool's own number of the text."""
_TEXT_COLUMNS = ("text", "data.text", "data")
_CODER_COLUMNS = ("coder", "annotator", "labeller", "labeler", "completed_by", "user", "username")
_FIELD_COLUMNS = {
    "sentiment": "sentiment",
    "corrected_sentiment": "sentiment",
    "topics": "topics",
    "topic": "topics",
    "corrected_topics": "topics",
    "tone": "tone",
    "tones": "tone",
    "corrected_tone": "tone",
    "tags": "tags",
    "note": "note",
    "notes": "note",
    "label": "",
    "labels": "",
    "category": "",
}
"""The field of each column by name; "" for a column whose values say which field they belong to."""
_SHORT = {"neg": "negative", "neu": "neutral", "pos": "positive", "cant_tell": UNSURE, "can_t_tell": UNSURE}


@dataclass(frozen=True)
class UnusedRow:
    """A row of a file of labels that was not used: its number, and why."""

    row: int
    reason: str


@dataclass
class ReadLabels:
    """The labels of a file.

    Attributes:
        by_coder: The labels of each coder.
        unused: Rows, or labels in them, that were not used.
    """

    by_coder: dict[str, list[Label]] = field(default_factory=dict)
    unused: list[UnusedRow] = field(default_factory=list)

    @property
    def posts(self) -> int:
        """Number of posts with labels."""
        return len({label.position for labels in self.by_coder.values() for label in labels})


@dataclass(frozen=True)
class _Given:
    """What one coder ("" if unknown) gave one post: pairs of a field, or "" if the values say it, and values."""

    coder: str
    values: Sequence[tuple[str, Sequence[str]]]


def read_labels(
    batch: Batch, table: Table, classes: Mapping[str, Collection[str]], default_coder: str
) -> ReadLabels:
    """Read the labels of a table for the posts of a batch.

    Posts are found by their ids, else by their exact texts. A column "id" may have numbers that a tool for labels
    gave the texts: it counts only if the post has the text of the row, or the row has none.

    Args:
        batch: The batch.
        table: A table with one row per post, or per post and coder; or an export of Label Studio or doccano.
        classes: Names of the topics and tones that can be given ("topics", "tone").
        default_coder: The coder of rows that name none.

    Returns:
        The labels, and the rows that were not used.

    Raises:
        WorkspaceError: A file of the batch is damaged or was removed in the meantime.
    """
    rows = table.rows
    names = {_fold_name(name): name for name in reversed(table.columns)}
    is_of_tool = not names.keys().isdisjoint(("annotations", "annotation_id"))
    ids = [names[name] for name in _ID_COLUMNS if name in names and not (is_of_tool and name == _OWN_ID)]
    texts = [names[name] for name in map(_fold_name, _TEXT_COLUMNS) if name in names]
    by_column = {
        column: query.find_posts_by_value(batch, of_posts, set(rows[column]) - {""})
        for of_posts, columns in (("post_id", ids), ("text", texts))
        for column in columns
    }
    own_id = names.get(_OWN_ID, "")
    places = [place for each in by_column.get(own_id, {}).values() for place in each]
    own_texts = dict(zip(places, query.read_posts_at(batch, places, ["text"])["text"], strict=True))
    found = ReadLabels()
    for number, cells in zip(rows.index, rows.itertuples(index=False, name=None), strict=True):
        row = dict(zip(table.columns, cells, strict=True))
        wanted = {_fold_text(row[column]) for column in texts} - {""}
        matches = {column: list(of_value.get(row[column], ())) for column, of_value in by_column.items()}
        if wanted and own_id in matches:
            matches[own_id] = [place for place in matches[own_id] if _fold_text(own_texts[place]) in wanted]
        position, reason = _find_post(matches.values())
        if position is None:
            found.unused.append(UnusedRow(number, reason))
            continue
        for given in _list_given(row, names):
            coder = clean_coder_name(given.coder, batch.settings) or default_coder
            labels, unknown = _match_values(position, given, classes, batch.settings)
            found.by_coder.setdefault(coder, []).extend(labels)
            found.unused += [UnusedRow(number, each) for each in unknown]
    return found


def _find_post(matches: Iterable[Sequence[int]]) -> tuple[int | None, str]:
    """Return the position of a row's post, by the matches of each column, or None and why there is none."""
    for matching in matches:
        if len(matching) == 1:
            return matching[0], ""
        if matching:
            return None, f"has a text that {len(matching):,} posts have; add a column post_id"
    return None, "has no post of this batch: neither its id nor its exact text was found"


def _list_given(row: Mapping[str, str], names: Mapping[str, str]) -> Iterator[_Given]:
    """Yield what each coder gave the post of a row."""
    if "annotations" in names:
        yield from _read_annotations(row[names["annotations"]])
        return
    coder = next((row[names[name]] for name in _CODER_COLUMNS if row.get(names.get(name, ""))), "")
    values = []
    for column, cell in row.items():
        name = _fold_name(column.removesuffix(".choices"))
        if name in _FIELD_COLUMNS and cell.strip():
            field_name = _FIELD_COLUMNS[name]
            values.append((field_name, [cell] if field_name == "note" else _split_values(cell)))
    yield _Given(coder, values)


def _read_annotations(cell: str) -> Iterator[_Given]:
    """Yield the annotations of a task of Label Studio, without those that were cancelled."""
    for annotation in _parse_list(cell):
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        results = annotation.get("result")
        values = []
        for result in results if isinstance(results, list) else []:
            value = result.get("value") if isinstance(result, dict) else None
            chosen = value.get("choices") if isinstance(value, dict) else None
            if isinstance(chosen, list):
                name = _fold_name(str(result.get("from_name", "")))
                values.append((_FIELD_COLUMNS.get(name, ""), [str(each) for each in chosen]))
        who = annotation.get("completed_by")
        if isinstance(who, dict):
            who = who.get("email") or who.get("username") or who.get("id")
        yield _Given(f"annotator {who}" if isinstance(who, int) else str(who or ""), values)


def _match_values(
    position: int, given: _Given, classes: Mapping[str, Collection[str]], settings: Settings
) -> tuple[list[Label], list[str]]:
    """Return the labels of a post, and why other values are not labels."""
    options = {
        "sentiment": {*SENTIMENTS, UNSURE},
        **{name: {*each, NONE_OF_THEM} for name, each in classes.items()},
    }
    chosen: dict[str, list[str]] = {}
    unknown = []
    for field_name, values in given.values:
        for value in values:
            name = normalise_evaluation_label(value)
            name = _SHORT.get(name, name)
            if field_name == "note":
                chosen.setdefault("note", []).append(value.strip()[: settings.max_note_chars])
            elif field_name == "tags":
                chosen.setdefault("tags", []).append(
                    shorten_to_one_line(value).strip()[: settings.max_name_chars]
                )
            elif target := next(
                (each for each in ([field_name] if field_name else options) if name in options[each]), None
            ):
                chosen.setdefault(target, []).append(name)
            else:
                kind = field_name or "label"
                known = ", ".join(sorted(options["sentiment"] if kind == "label" else options[kind]))
                unknown.append(
                    f"has the {kind} “{shorten_to_one_line(value)[:80]}”, which is not one of: {known}"
                )
    labels = []
    for field_name, names in chosen.items():
        several = tuple(dict.fromkeys(filter(None, names)))[: settings.max_tags]
        if field_name in TEXT_FIELDS and len(several) > 1:
            unknown.append(f"has more than one {field_name}: {', '.join(several)[:120]}")
            continue
        if several:
            labels.append(Label(position, field_name, several[0] if field_name in TEXT_FIELDS else several))
    return labels, unknown


def _split_values(cell: str) -> list[str]:
    """Split a cell with several labels: a JSON list, or names between semicolons or vertical bars."""
    if cell.lstrip().startswith("["):
        return [str(each) for each in _parse_list(cell)]
    return [part for part in cell.replace("|", ";").split(";") if part.strip()]


def _parse_list(cell: str) -> list[Any]:
    try:
        found = json.loads(remove_invalid_characters(json.dumps(json.loads(cell), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def clean_coder_name(name: str, settings: Settings) -> str:
    """Write a coder's name on one line, not longer than `Settings.max_name_chars`."""
    return shorten_to_one_line(name)[: settings.max_name_chars].strip()


def _fold_text(text: str) -> str:
    return " ".join(text.split())


def _fold_name(column: str) -> str:
    return "_".join(column.casefold().split())
