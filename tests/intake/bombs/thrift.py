"""Thrift's compact protocol, as far as Parquet uses it: structs to bytes and back.

A struct is a dict from field number to (type, value). The value of a LIST is (type of its elements, elements), that
of a STRUCT is again a dict. The format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Struct = dict[int, tuple[int, Any]]


def varint(number: int) -> bytes:
    """Write an unsigned number, seven bits a byte."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def zigzag(number: int) -> bytes:
    """Write a signed number."""
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def dump(struct: Struct) -> bytes:
    """Write a struct."""
    written = bytearray()
    last = 0
    for number, (kind, value) in sorted(struct.items()):
        step = number - last
        written += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + zigzag(number)
        written += _value(kind, value)
        last = number
    return bytes(written) + b"\x00"


def load(data: bytes, start: int = 0) -> tuple[Struct, int]:
    """Read the struct at `start`; give it and where it ends."""
    struct: Struct = {}
    place, number = start, 0
    while data[place]:
        step, kind = data[place] >> 4, data[place] & 15
        place += 1
        if step:
            number += step
        else:
            number, place = _read_number(data, place)
        value, place = _read(kind, data, place)
        struct[number] = kind, value
    return struct, place + 1


def _value(kind: int, value: Any) -> bytes:
    if kind in (TRUE, FALSE):
        return b""
    if kind in (BYTE, DOUBLE):
        return bytes(value)
    if kind in (I16, I32, I64):
        return zigzag(value)
    if kind == BINARY:
        data = value if isinstance(value, bytes) else value.encode()
        return varint(len(data)) + data
    if kind == STRUCT:
        return dump(value)
    inner, elements = value
    count = len(elements)
    head = bytes([count << 4 | inner]) if count < 15 else bytes([0xF0 | inner]) + varint(count)
    return head + b"".join(_value(inner, element) for element in elements)


def _read(kind: int, data: bytes, place: int) -> tuple[Any, int]:
    if kind in (TRUE, FALSE):
        return None, place
    if kind in (BYTE, DOUBLE):
        end = place + (1 if kind == BYTE else 8)
        return data[place:end], end
    if kind in (I16, I32, I64):
        return _read_number(data, place)
    if kind == BINARY:
        size, place = _read_varint(data, place)
        return data[place : place + size], place + size
    if kind == STRUCT:
        return load(data, place)
    if kind != LIST:
        raise ValueError(f"Parquet has no field of the type {kind}")
    count, inner = data[place] >> 4, data[place] & 15
    place += 1
    if count == 15:
        count, place = _read_varint(data, place)
    elements = []
    for _ in range(count):
        element, place = _read(inner, data, place)
        elements.append(element)
    return (inner, elements), place


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[place] & 0x7F) << shift
        shift += 7
        place += 1
        if not data[place - 1] & 0x80:
            return number, place


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    number, place = _read_varint(data, place)
    return (number >> 1) ^ -(number & 1), place
