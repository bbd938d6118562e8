"""Pack zips and unpack them as an upload does."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

from analysis.intake.archive import unpack_zip
from analysis.intake.files import InputFile
from analysis.intake.rejections import Rejection
from analysis.settings import Settings

Members = list[tuple[str | zipfile.ZipInfo, bytes]]


def packed(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of duplicate names
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def unpack(content: bytes, spool: Path, **limits: int) -> tuple[dict[str, bytes], list[Rejection]]:
    """Expand a zip; check that the spool holds exactly the files given."""
    spool = spool / "spool"
    spool.mkdir()
    files, rejected = unpack_zip(InputFile("drop.zip", content), spool, Settings(**limits))
    assert sorted(file.content for file in files) == sorted(spool.iterdir())
    assert list(spool.parent.iterdir()) == [spool]
    assert len({file.name for file in files}) == len(files)
    return {file.name: file.read() for file in files}, rejected


def refusal(member: tuple[str | zipfile.ZipInfo, bytes], spool: Path, **limits: int) -> Rejection:
    """Pack one member between two good ones; give why it alone was refused."""
    files, rejected = unpack(packed([("first.csv", b"1"), member, ("last.csv", b"2")]), spool, **limits)
    assert files == {"first.csv": b"1", "last.csv": b"2"}
    (rejection,) = rejected
    assert rejection.kind == "file"
    assert rejection.remedy.endswith(".")
    return rejection
