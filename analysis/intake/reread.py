"""Reads one file of an upload again, in the way that the analyst chose; the other files are not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analysis.errors import IntakeError
from analysis.importers.importer import ImportOptions
from analysis.intake.files import InputFile
from analysis.intake.inputs import Inputs, read_inputs
from analysis.intake.reading import Reading
from analysis.intake.refused_files import RefusedFile
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table
from analysis.intake.totals import Totals
from analysis.settings import Settings


def reread_table(
    inputs: Inputs, table: Table, options: ImportOptions, media_dir: Path, settings: Settings | None = None
) -> Inputs:
    """Read the file of a table again.

    Args:
        inputs: What was read before.
        table: A table of the file.
        options: How to read it.
        media_dir: Where images are stored.
        settings: Limits; the defaults when None.

    Returns:
        The same inputs with the new tables of the file in place of the old ones.

    Raises:
        IntakeError: It cannot be read that way, or is over a limit of the upload.
    """
    read = read_inputs([InputFile(table.file, table.raw)], media_dir, settings, options={table.file: options})
    for problem in read.rejected if not read.tables else ():
        raise IntakeError(problem.name, problem.reason, problem.remedy)
    place = [each.file for each in inputs.tables].index(table.file)
    others = [each for each in inputs.tables if each.file != table.file]
    tables = (*others[:place], *read.tables, *others[place:])
    _check_totals(tables, settings or Settings())
    rejected = [each for each in inputs.rejected if (each.kind, each.name) != ("sheet", table.file)]
    return replace(
        inputs,
        tables=tables,
        images={**inputs.images, **read.images},
        rejected=(*rejected, *read.rejected),
        rereads=(*inputs.rereads, (table.file, options)),
    )


def reread_refused(
    inputs: Inputs,
    file: RefusedFile,
    options: ImportOptions,
    media_dir: Path,
    settings: Settings | None = None,
) -> Inputs:
    """Read a refused file again.

    Args:
        inputs: What was read before.
        file: One of `inputs.refused`.
        options: How to read it.
        media_dir: Where images are stored.
        settings: Limits; the defaults when None.

    Returns:
        The same inputs with the tables of the file after the others, or with the new reason if it was refused again.

    Raises:
        IntakeError: Its tables are over a limit of the upload.
    """
    read = read_inputs(
        [InputFile(file.name, file.content)], media_dir, settings, options={file.name: options}
    )
    # A copy of the file has the same name, and stays rejected.
    place = next(place for place, each in enumerate(inputs.rejected) if _is_file(each, file.name))
    before, after = inputs.rejected[:place], inputs.rejected[place + 1 :]
    if not read.tables:
        again = next(each for each in read.rejected if _is_file(each, file.name))
        choices = {each.name: each.choices for each in read.refused}.get(file.name) or file.choices
        return replace(
            inputs,
            rejected=(*before, again, *after),
            refused=tuple(
                replace(each, choices=choices) if each.name == file.name else each for each in inputs.refused
            ),
        )
    tables = (*inputs.tables, *read.tables)
    _check_totals(tables, settings or Settings())
    return replace(
        inputs,
        tables=tables,
        images={**inputs.images, **read.images},
        rejected=(*before, *after, *read.rejected),
        # The file was counted when it was refused; the images in its cells were not.
        expected_files=inputs.expected_files + read.expected_files - 1,
        refused=tuple(each for each in inputs.refused if each.name != file.name),
        rereads=(*inputs.rereads, (file.name, options)),
    )


def _is_file(rejection: Rejection, name: str) -> bool:
    return (rejection.kind, rejection.name) == ("file", name)


def _check_totals(tables: Sequence[Table], settings: Settings) -> None:
    totals = Totals(settings)
    for name in dict.fromkeys(table.file for table in tables):
        reading = Reading(tuple(table for table in tables if table.file == name))
        if problem := totals.add(reading):
            raise IntakeError(name, problem.reason, problem.remedy)
