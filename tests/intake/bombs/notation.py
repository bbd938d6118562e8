"""JSON and NDJSON bombs."""

from __future__ import annotations

from tests.intake.bombs.bomb import bomb

MB = 1024 * 1024


@bomb("json", "json")
def lists_100_000_deep() -> bytes:
    return b"[" * 100_000 + b"]" * 100_000


@bomb("json", "json")
def lists_10_million_deep_never_closed() -> bytes:
    return b"[" * 10_000_000


@bomb("json", "json")
def objects_100_000_deep() -> bytes:
    return b'[{"text": "hello", "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]"


@bomb("json", "ndjson")
def lines_900_deep() -> bytes:
    """Each line is nested as deep as a reader that recurses may still follow."""
    line = b'{"text":"a","x":' + b"[" * 900 + b"]" * 900 + b"}\n"
    return line * 6_000


@bomb("json", "ndjson")
def empty_objects_4_million() -> bytes:
    return b"{}\n" * 4_000_000


@bomb("json", "json")
def empty_objects_4_million_in_a_list() -> bytes:
    return b"[" + b"{}," * 4_000_000 + b"{}]"


@bomb("json", "ndjson")
def another_key_on_each_line() -> bytes:
    return b"".join(b'{"k%d":1}\n' % number for number in range(800_000))


@bomb("json", "ndjson")
def one_of_1_000_keys_on_each_line() -> bytes:
    lines = b"".join(b'{"k%d":1}\n' % number for number in range(999))
    return b'{"text":"hello"}\n' + lines * 900


@bomb("json", "json")
def number_of_10_million_digits() -> bytes:
    return b'[{"text":"hello","likes":' + b"9" * 10_000_000 + b"}]"


@bomb("json", "json")
def numbers_of_4_000_digits() -> bytes:
    return b'[{"text":"hello","x":[' + b",".join([b"9" * 4_000] * 2_500) + b"]}]"


@bomb("json", "json")
def numbers_beyond_every_float() -> bytes:
    return b'[{"text":"hello","x":[' + b"1e999999," * 1_000_000 + b"1]}]"


@bomb("json", "json")
def text_of_escapes() -> bytes:
    return rb'[{"text":"' + rb"\u0041" * 1_700_000 + rb'"}]'


@bomb("json", "json")
def text_of_half_escapes() -> bytes:
    return rb'[{"text":"' + rb"\ud83d" * 1_700_000 + rb'"}]'


@bomb("json", "json")
def lists_in_a_list() -> bytes:
    return b"[" + b"[]," * 3_500_000 + b"[]]"


@bomb("json", "json")
def numbers_in_a_list() -> bytes:
    return b"[" + b"1," * 5_000_000 + b"1]"


@bomb("json", "json")
def object_of_1_million_keys() -> bytes:
    return b'{"text":"hello",' + b",".join(b'"k%d":1' % number for number in range(1_000_000)) + b"}"


@bomb("json", "json")
def object_of_1_million_keys_in_a_post() -> bytes:
    return b'[{"text":"hello","x":{' + b",".join(b'"k%d":1' % n for n in range(1_000_000)) + b"}}]"


@bomb("json", "ndjson")
def line_of_10_mb() -> bytes:
    return b'{"text":"hello"}\n{"text":"' + b"a" * (10 * MB) + b'"}\n'


@bomb("json", "ndjson")
def lines_that_are_no_json() -> bytes:
    """Each of 5 million lines is rejected."""
    return b'{"text":"hello"}\n' + b"x\n" * 5_000_000


@bomb("json", "json")
def one_object_in_4_million_lines() -> bytes:
    return b'{"text":\n' + b"\n" * (8 * MB) + b'"hello"}'
