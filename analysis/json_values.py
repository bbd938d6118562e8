"""Frozen dataclasses as values of JSON, and back with every value checked: the JSON may come from anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

_MAX_FLOAT = 2**1000  # larger whole numbers may not fit into a float
_NAMES = {str: "text", bool: "true or false", int: "a whole number", float: "a number", NoneType: "null"}


class JsonValueError(ValueError):
    """A value that is missing, unknown or of the wrong type; the message names its place."""


def to_json_value(value: Any) -> Any:
    """Convert a dataclass to values that `json` writes; fields with their default are left out.

    Args:
        value: A dataclass of text, numbers, times, tuples, mappings and dataclasses, or one of these.
    """
    if is_dataclass(value):
        return {
            field.name: to_json_value(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) != _default_of(field)
        }
    if isinstance(value, Mapping):
        return {str(name): to_json_value(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_json_value(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_json_value(kind: type[T], value: object, where: str = "") -> T:
    """Convert what `json` read to a dataclass, as `to_json_value` wrote it.

    Args:
        kind: The dataclass. Its fields may be text, numbers, true or false, times with a zone, `tuple[X, ...]`,
            `Mapping[str, X]`, dataclasses, `X | None`, and `Any`, in which only text is
            checked. Text must be valid Unicode.
        value: What was read.
        where: The place of the value, for messages; "" for the whole.

    Raises:
        JsonValueError: A value is missing, unknown or of the wrong type.
    """
    parsed: T = _parse(kind, value, where)
    return parsed


def _parse(kind: Any, value: object, where: str) -> Any:
    if isinstance(kind, UnionType):
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        return None if value is None else _parse(choices[0], value, where)
    if is_dataclass(kind):
        return _parse_dataclass(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise JsonValueError(f"{where} must be a list")
        return tuple(_parse(arguments[0], each, f"{where}[{place}]") for place, each in enumerate(value))
    if origin is Mapping:
        return {name: _parse(arguments[1], each, f"{where}.{name}") for name, each in _items(value, where)}
    if kind is datetime:
        return _parse_time(value, where)
    if kind is Any:
        return _check_texts(value, where)
    if kind is float and type(value) is int and abs(value) < _MAX_FLOAT:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise JsonValueError(f"{where} must be {_NAMES[kind]}")
    return _check_texts(value, where)


def _parse_dataclass(kind: Any, value: object, where: str) -> Any:
    types = get_type_hints(kind)
    given = dict(_items(value, where))
    known = {field.name: field for field in fields(kind)}
    prefix = where and f"{where}."
    if unknown := [name for name in given if name not in known]:
        raise JsonValueError(f"{prefix}{unknown[0]} is not known")
    if needed := [
        name for name, field in known.items() if name not in given and _default_of(field) is MISSING
    ]:
        raise JsonValueError(f"{prefix}{needed[0]} is missing")
    return kind(**{name: _parse(types[name], each, prefix + name) for name, each in given.items()})


def _default_of(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _items(value: object, where: str) -> list[tuple[str, object]]:
    if not isinstance(value, dict):
        raise JsonValueError(f"{where or 'The content'} must be an object")
    for name in value:
        _check_text(name, f"A name in {where or 'the content'}")
    return list(value.items())


def _check_texts(value: Any, where: str) -> Any:
    """Check all texts of a value of any type, and return it."""
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            _check_texts(each, f"{where}[{place}]")
    elif isinstance(value, dict):
        for name, each in _items(value, where):
            _check_texts(each, f"{where}.{name}")
    return value


def _check_text(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:  # JSON can hold half a surrogate pair, which no file or database can
        raise JsonValueError(f"{where} is not valid Unicode") from error


def _parse_time(value: object, where: str) -> datetime:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise JsonValueError(f"{where} must be a time with a zone, such as 2026-11-30T16:00:00+00:00")
    return time
