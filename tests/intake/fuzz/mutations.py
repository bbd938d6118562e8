"""Damage to inputs: any bytes, and names. What fits one format only is in `formats`.

A mutation takes a source of chance and bytes, and gives other bytes. The same seed and number give the same input.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.intake.fuzz.corpus import Sample, corpus
from tests.intake.fuzz.formats import BY_KIND
from tests.intake.fuzz.names import hostile_name

Mutation = Callable[[random.Random, bytes], bytes]

EXTREMES = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    2**63 - 1,
    2**63,
    2**64 - 1,
)
_WRITTEN = (
    b"0",
    b"-1",
    b"255",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"9" * 19,
    b"9" * 400,
    b"1e999",
    b"0x10",
)
_NUMBER = re.compile(rb"[0-9]+")


@dataclass(frozen=True)
class Mutant:
    """A damaged input.

    Attributes:
        number: Its number under the seed.
        name: The name that it is dropped under.
        data: Its content.
        made_by: The sample that it was, and what was done to it.
    """

    number: int
    name: str
    data: bytes
    made_by: str


def mutant(seed: int, number: int) -> Mutant:
    """Make the damaged input that has this number."""
    chance = random.Random(f"{seed}/{number}")
    sample = chance.choice(corpus())
    data, steps = sample.data, []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutation = chance.choice(_mutations(chance, sample))
        data = mutation(chance, data)
        steps.append(mutation.__name__)
    name = hostile_name(chance, sample.name) if chance.random() < 0.2 else sample.name
    return Mutant(number, name, data, f"{sample.name}: {', '.join(steps)}")


def _mutations(chance: random.Random, sample: Sample) -> tuple[Mutation, ...]:
    own = BY_KIND.get(sample.kind, ())
    return own if own and chance.random() < 0.6 else _ANY


def flip_bits(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_bytes(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 4, 16)) if data else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_off(chance: random.Random, data: bytes) -> bytes:
    return data[: _place(chance, data)]


def cut_in_front(chance: random.Random, data: bytes) -> bytes:
    return data[_place(chance, data) :]


def take_out(chance: random.Random, data: bytes) -> bytes:
    start, end = _slice(chance, data)
    return data[:start] + data[end:]


def put_in(chance: random.Random, data: bytes) -> bytes:
    place = _place(chance, data)
    added = chance.choice(
        (chance.randbytes(chance.randrange(1, 40)), b"\x00" * 100, b"\xff" * 100, b"\n" * 9)
    )
    return data[:place] + added + data[place:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    start, end = _slice(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 50)) + data[end:]


def move(chance: random.Random, data: bytes) -> bytes:
    start, end = _slice(chance, data)
    rest = data[:start] + data[end:]
    place = _place(chance, rest)
    return rest[:place] + data[start:end] + rest[place:]


def splice(chance: random.Random, data: bytes) -> bytes:
    """Go on as another sample."""
    other = chance.choice(corpus()).data
    return data[: _place(chance, data)] + other[_place(chance, other) :]


def set_number(chance: random.Random, data: bytes) -> bytes:
    """Overwrite a number in binary."""
    width = chance.choice((1, 2, 4, 8))
    number = chance.choice(EXTREMES) & (1 << 8 * width) - 1
    place = _place(chance, data)
    return data[:place] + number.to_bytes(width, chance.choice(("little", "big"))) + data[place + width :]


def set_written_number(chance: random.Random, data: bytes) -> bytes:
    """Replace a number that is written in digits."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return set_number(chance, data)
    at = chance.choice(found)
    return data[: at.start()] + chance.choice(_WRITTEN) + data[at.end() :]


_ANY: tuple[Mutation, ...] = (
    flip_bits, set_bytes, cut_off, cut_in_front, take_out, put_in, repeat, move, splice, set_number,
    set_written_number,
)  # fmt: skip


def _place(chance: random.Random, data: bytes) -> int:
    """A place, as often near the ends, where headers and directories are, as anywhere."""
    near = chance.choice((len(data), min(len(data), 64), min(len(data), 300)))
    place = chance.randrange(near + 1)
    return len(data) - place if chance.random() < 0.3 else place


def _slice(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = _place(chance, data)
    return start, min(len(data), start + chance.choice((1, 2, 4, 16, 100, 1_000)))
