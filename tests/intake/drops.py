"""Drops made here: tables of any format and images, as `read_inputs` would give them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from xml.sax.saxutils import escape

import pandas as pd

from analysis.intake import CheckedBatch, InputFile, Inputs, Rejection, StoredImage, parse_table
from analysis.settings import Settings

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def images(*names: str, content: str | None = None) -> dict[str, StoredImage]:
    """Images under these names, each another unless a content is given."""
    return {name: StoredImage(name, sha256((content or name).encode()).hexdigest(), 8, 8) for name in names}


def drop(
    *files: tuple[str, str | bytes],
    media: dict[str, StoredImage] | None = None,
    rejected: Sequence[Rejection] = (),
    settings: Settings | None = None,
) -> Inputs:
    """What is read from these tables (name and content) and images."""
    tables = []
    for name, content in files:
        data = content.encode() if isinstance(content, str) else content
        tables.append(parse_table(InputFile(name, data), settings or Settings()))
    media = media or {}
    return Inputs(tuple(tables), media, tuple(rejected), len(tables) + len(media) + len(rejected))


def posts_csv(text: str, media: dict[str, StoredImage] | None = None) -> Inputs:
    return drop(("posts.csv", text), media=media)


def extras(posts: pd.DataFrame) -> list[dict[str, str]]:
    return [json.loads(extra) for extra in posts["extra"]]


def workbook(*sheets: tuple[str, str]) -> bytes:
    """An XLSX workbook of sheets, each a name and its rows as XML (see `sheet_rows`)."""
    entries = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, (name, _) in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
    }
    for n, (_, rows) in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + part)
    return target.getvalue()


def sheet_rows(*rows: Sequence[str | int | float | None]) -> str:
    """The XML of a sheet's rows."""
    return "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)


def _cell(value: str | int | float | None) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def image_names(checked: CheckedBatch) -> list[list[str]]:
    return [list(names) for names in checked.posts["image_names"]]


def reasons(checked: CheckedBatch, kind: str) -> list[str]:
    return list(checked.rejected.loc[checked.rejected["kind"] == kind, "reason"])


def assert_adds_up(checked: CheckedBatch) -> None:
    for kind, counts in checked.counts.items():
        assert counts.received + counts.rejected == counts.expected, kind
        assert counts.rejected == len(reasons(checked, kind)), kind
    assert checked.counts["row"].received == len(checked.posts)
    assert checked.rejected["remedy"].str.len().gt(0).all()
