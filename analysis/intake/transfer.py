"""Passes tables and unpacked members from a worker process to its parent, as files.

Cells are an Arrow file, which is memory-mapped and not copied, or chunks of cells, which are read from the disk
when they are needed. Everything else is a JSON file next to it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.importers import ColumnMapping
from analysis.intake.cells import NUMBERS, STR, FrameCells, StoredCells, column_key
from analysis.intake.chunk_file import ChunkFile
from analysis.intake.companions import Companion
from analysis.intake.files import InputFile
from analysis.intake.media import StoredImage
from analysis.intake.reading import Reading
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table

_PLAIN_FIELDS = ("name", "columns", "notes", "source", "options", "sheet", "sheets", "lists", "surplus")


def send_table(table: Table, path: Path) -> None:
    """Write a table: its cells to `path`, unless they are on disk, and everything else to `path` + ".json".

    Args:
        table: From `parse_table`.
        path: A file that does not exist yet.

    Raises:
        OSError: If the disk cannot be written.
    """
    stored = None
    if isinstance(table.cells, StoredCells):
        stored = _describe(table.cells)
    else:
        rows = table.rows
        cells = [pa.array(rows[name], pa.large_string()) for name in table.columns]
        names = [NUMBERS, *map(column_key, range(len(cells)))]
        content = pa.Table.from_arrays([pa.array(rows.index, pa.int64()), *cells], names)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, content.schema) as writer:
            writer.write_table(content)
    rejected = [[row.reason, row.remedy, row.raw, row.count] for row in table.rejected]
    mapping = None if table.mapping is None else asdict(table.mapping)
    about = {name: getattr(table, name) for name in _PLAIN_FIELDS}
    _write_json(path, about | {"rejected": rejected, "mapping": mapping, "stored": stored})


def receive_table(path: Path, file: InputFile) -> Table:
    """Read what `send_table` wrote.

    Args:
        path: The same path.
        file: The file of the table.
    """
    about = _read_json(path)
    rejected = (
        Rejection("row", about["name"], reason, remedy, raw=raw, count=count)
        for reason, remedy, raw, count in about["rejected"]
    )
    mapping = about["mapping"]
    return Table(
        about["name"],
        tuple(about["columns"]),
        _open_stored(about["stored"], about["columns"])
        if about["stored"]
        else _map_cells(path, about["columns"]),
        tuple(rejected),
        tuple(about["notes"]),
        file.content,
        about["source"],
        None if mapping is None else ColumnMapping(**mapping | {"images": tuple(mapping["images"])}),
        tuple(about["options"]),
        file.name,
        about["sheet"],
        tuple(about["sheets"]),
        tuple(about["lists"]),
        about["surplus"],
    )


def _map_cells(path: Path, columns: Sequence[str]) -> FrameCells:
    content = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    rows = content.drop_columns([NUMBERS]).to_pandas(types_mapper={pa.large_string(): STR}.get)
    rows.columns = columns
    rows.index = content[NUMBERS].to_numpy()
    return FrameCells(rows)


def _describe(cells: StoredCells) -> dict[str, Any]:
    """Return what `_open_stored` needs to find cells on disk."""
    return {
        "path": str(cells.file.path),
        "places": cells.file.places,
        "n_rows": cells.n_rows,
        "size": cells.size,
        "filled": [cells.filled[name] for name in cells.columns],
    }


def _open_stored(about: dict[str, Any], columns: Sequence[str]) -> StoredCells:
    """Open cells on disk; the file stays open, as its folder is removed while the cells are needed."""
    opened = Path(about["path"]).open("rb")  # noqa: SIM115
    file = ChunkFile(opened, [(start, size) for start, size in about["places"]])
    filled = dict(zip(columns, about["filled"], strict=True))
    return StoredCells(file, tuple(columns), about["n_rows"], about["size"], filled)


def send_reading(reading: Reading, path: Path) -> None:
    """Write what a file holds: its tables to `path` with a number, everything else to `path` + ".json".

    Raises:
        OSError: If the disk cannot be written.
    """
    for number, table in enumerate(reading.tables):
        send_table(table, _numbered(path, number))
    about = {
        "tables": len(reading.tables),
        "images": [asdict(image) for image in reading.images],
        "rejected": [[each.kind, each.name, each.reason, each.remedy] for each in reading.rejected],
        "companions": [[each.name, each.kind, dict(each.content)] for each in reading.companions],
    }
    _write_json(path, about)


def receive_reading(path: Path, file: InputFile) -> Reading:
    """Read what `send_reading` wrote."""
    about = _read_json(path)
    return Reading(
        tuple(receive_table(_numbered(path, number), file) for number in range(about["tables"])),
        tuple(StoredImage(**image) for image in about["images"]),
        tuple(Rejection(*rejected) for rejected in about["rejected"]),
        tuple(Companion(*companion) for companion in about["companions"]),
    )


def send_members(members: Sequence[InputFile], refused: Sequence[Rejection], path: Path) -> None:
    """Write the list of a zip's members to `path` + ".json"; their contents stay where they were unpacked."""
    unpacked = [[member.name, str(member.content), member.packed_size] for member in members]
    _write_json(
        path, {"unpacked": unpacked, "refused": [[each.name, each.reason, each.remedy] for each in refused]}
    )


def receive_members(path: Path) -> tuple[list[InputFile], list[Rejection]]:
    """Read what `send_members` wrote."""
    about = _read_json(path)
    members = [InputFile(name, Path(place), packed_size) for name, place, packed_size in about["unpacked"]]
    return members, [Rejection("file", *refused) for refused in about["refused"]]


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.with_name(f"{path.name}.json").write_text(json.dumps(content), encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.with_name(f"{path.name}.json").read_bytes())
    return content
