"""Options of all commands that read INPUT: its source, its columns, and how its files are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analysis.imports import gc_paused

if TYPE_CHECKING:
    from analysis.importers import ColumnMapping, ImportOptions
    from analysis.intake import Inputs
    from analysis.intake.recognition import Recognition

FIELDS = {
    "text": "text",
    "images": "images",
    "id": "post_id",
    "author": "author",
    "time": "created_at",
    "likes": "likes",
    "shares": "shares",
    "comments": "comments",
}
"""Names of fields in `--map`, with those of `ColumnMapping`."""
_OTHER_NAMES = {"image": "images", "post_id": "id", "created_at": "time", "date": "time"}
_PART = re.compile(
    r",(?=\s{0,9}(?:text|images?|id|post_id|author|time|date|created_at|likes|shares|comments)\s{0,9}=)"
)

_TAB = "\t"
_TAB_NAMES = ("tab", "\\t")  # easier to type than the character

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class InputOptions:
    """The options that describe INPUT.

    Attributes:
        source: The name of the source of all tables; None to recognise it.
        columns: Columns by field of `ColumnMapping`.
        encoding: The encoding of all tables; None to guess.
        sheets: The sheets of workbooks to read; empty for all with posts.
        format: The format of all files that are no images; None to recognise it.
        delimiter: The character between the fields of delimited files; None to guess.
        header_row: The row with the column names, 0 for none; None to guess.
        list_path: The list of JSON files that holds the posts; None to find it.
        timezone: The zone of times that are written without one.
    """

    source: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    encoding: str | None = None
    sheets: tuple[str, ...] = ()
    format: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    list_path: str | None = None
    timezone: str = "UTC"

    def fingerprint(self) -> str:
        """Return what distinguishes these options from others; "" for the defaults."""
        return "" if self == InputOptions() else repr(asdict(self))

    def import_options(self) -> ImportOptions:
        """Return how files are to be read."""
        from analysis.importers import ImportOptions

        return ImportOptions(**{each.name: getattr(self, each.name) for each in fields(ImportOptions)})

    def mappings(self, inputs: Inputs, found: Mapping[str, Recognition]) -> dict[str, ColumnMapping]:
        """Return the mapping of each table: the recognised one with the columns of `--map` that the table has.

        Raises:
            ClickException: No table has one of the columns.
        """
        for name, columns in self.columns.items():
            for column in columns:
                if inputs.tables and not any(column in table.columns for table in inputs.tables):
                    raise click.ClickException(_no_column(name, column, inputs))
        mappings = {}
        for table in inputs.tables:
            changes: dict[str, Any] = {}
            for name, columns in self.columns.items():
                present = tuple(column for column in columns if column in table.columns)
                if present:
                    changes[name] = present if name == "images" else present[0]
            mappings[table.name] = replace(found[table.name].mapping, **changes)
        return mappings


def input_options(command: Command) -> Command:
    """Add the options to a command, which gets them as one argument `options` of type `InputOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def pop_input_options(values: dict[str, Any]) -> InputOptions:
    """Take the values of the options out of a command's arguments."""
    return InputOptions(
        source=values.pop("source_name"),
        columns=values.pop("columns"),
        encoding=values.pop("encoding"),
        sheets=values.pop("sheets"),
        format=values.pop("format_name"),
        delimiter=values.pop("delimiter"),
        header_row=values.pop("header_row"),
        list_path=values.pop("list_path"),
        timezone=values.pop("timezone"),
    )


def _parse_columns(
    _: click.Context, param: click.Parameter, given: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in (part for text in given for part in _PART.split(text)):
        name, equals, column = (each.strip() for each in part.partition("="))
        name = _OTHER_NAMES.get(name, name)
        if not equals or not column or name not in FIELDS:
            raise click.BadParameter(
                f"{part.strip()!r} is not of the form FIELD=COLUMN; the fields are {', '.join(FIELDS)}.",
                param=param,
            )
        name = FIELDS[name]
        if name in found and name != "images":
            raise click.BadParameter(f"{part.strip()!r} is a second column of this field.", param=param)
        found[name] = (*found.get(name, ()), column)
    return found


def _check_source(_: click.Context, param: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    with gc_paused():
        from analysis.importers.sources import get_source
    try:
        return get_source(name).name
    except ValueError as error:
        raise click.BadParameter(str(error), param=param) from error


def _check_format(_: click.Context, param: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    with gc_paused():
        from analysis.importers.registry import get_importer
    try:
        return get_importer(name).name
    except ValueError as error:
        raise click.BadParameter(str(error), param=param) from error


def _check_delimiter(_: click.Context, param: click.Parameter, given: str | None) -> str | None:
    if given is None:
        return None
    with gc_paused():
        from analysis.importers.importer import is_delimiter

    character = _TAB if given in _TAB_NAMES else given
    if not is_delimiter(character):
        raise click.BadParameter(f"{given!r} is not one character that can separate fields.", param=param)
    return character


def _check_encoding(_: click.Context, param: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    with gc_paused():
        from analysis.importers.importer import find_encoding

    try:
        return find_encoding(name)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param=param) from error


def _check_timezone(_: click.Context, param: click.Parameter, name: str) -> str:
    from analysis.errors import IntakeError
    from analysis.timezones import get_timezone

    try:
        get_timezone(name)
    except IntakeError as error:
        raise click.BadParameter(f"{name!r} {error.fact}. {error.remedy}", param=param) from error
    return name


def _no_column(name: str, column: str, inputs: Inputs) -> str:
    from analysis.importers.importer import list_table_columns

    title = next(key for key, value in FIELDS.items() if value == name)
    known = "; ".join(f"{table.name} has {list_table_columns(table.columns)}" for table in inputs.tables[:3])
    return f"--map {title}={column}: no table has this column; {known}."


_OPTIONS = (
    click.option(
        "--source",
        "source_name",
        metavar="NAME",
        callback=_check_source,
        help="Tool or platform that exported the tables, as listed by `postlens importers`; recognised by default.",
    ),
    click.option(
        "--map",
        "columns",
        metavar="FIELD=COLUMN,...",
        multiple=True,
        callback=_parse_columns,
        help=f"Map columns by hand, such as text='Full Text',author=Who. Fields: {', '.join(FIELDS)}.",
    ),
    click.option(
        "--encoding",
        metavar="NAME",
        callback=_check_encoding,
        help="Encoding of the tables; guessed by default.",
    ),
    click.option(
        "--sheet",
        "sheets",
        metavar="NAME",
        multiple=True,
        help="Sheet of a workbook to read; repeat it for several. Default: all with posts.",
    ),
    click.option(
        "--format",
        "format_name",
        metavar="NAME",
        callback=_check_format,
        help="Format of all files that are no images, as listed by `postlens importers`, such as lines for text with "
        "one post per line; recognised by default.",
    ),
    click.option(
        "--delimiter",
        metavar="CHARACTER",
        callback=_check_delimiter,
        help="Character between the fields of CSV files, or tab; guessed by default.",
    ),
    click.option(
        "--header-row",
        type=click.IntRange(min=0),
        metavar="NUMBER",
        help="Row with the column names, without blank rows; 0 if there is none. Guessed by default.",
    ),
    click.option(
        "--list",
        "list_path",
        metavar="PATH",
        help="List of JSON files that holds the posts, such as data.posts; found by default.",
    ),
    click.option(
        "--timezone",
        metavar="ZONE",
        default="UTC",
        show_default=True,
        callback=_check_timezone,
        help="Time zone of times without one, such as Europe/Berlin.",
    ),
)
