"""Damaged inputs of every kind: none of them raises, is lost from the counts, or affects other files.

`--fuzz-inputs` says how many there are and `--fuzz-seed` which; a failure names the seed and the numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analysis.intake import CheckedBatch, InputFile, Inputs, check_batch, read_inputs
from analysis.posts import POST_SCHEMA
from analysis.workspace import Workspace
from tests.intake.bombs.png import png
from tests.intake.fuzz.corpus import corpus
from tests.intake.fuzz.mutations import Mutant, mutant

_ROUND = 100  # inputs of one test
_TOGETHER = (1, 1, 3, 5)  # inputs dropped together, in turn
_STORED = 50  # every so many batches one is stored and read back
_TABLE, _IMAGE = "good neighbour.csv", "good neighbour.png"
_GOOD = [["n1", "Good morning", []], ["n2", "Good night", [_IMAGE]]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "numbers" in metafunc.fixturenames:
        total = metafunc.config.getoption("--fuzz-inputs")
        rounds = [range(start, min(start + _ROUND, total)) for start in range(0, total, _ROUND)]
        metafunc.parametrize("numbers", rounds, ids=lambda numbers: f"{numbers.start}-{numbers.stop - 1}")


@dataclass(frozen=True)
class Drop:
    """Damaged inputs that are dropped together, and whether the batch is stored."""

    mutants: tuple[Mutant, ...]
    stored: bool


def drops(seed: int, numbers: range) -> list[Drop]:
    """Put inputs together; in turn one of them or several."""
    found: list[Drop] = []
    before = numbers.start * len(_TOGETHER) // sum(_TOGETHER)  # drops of earlier rounds
    start, sizes = numbers.start, cycle(_TOGETHER)
    while start < numbers.stop:
        end = min(start + next(sizes), numbers.stop)
        mutants = tuple(mutant(seed, number) for number in range(start, end))
        found.append(Drop(mutants, stored=(before + len(found)) % _STORED == 0))
        start = end
    return found


@pytest.mark.fuzz
@pytest.mark.filterwarnings(
    "ignore"
)  # as when it is used: a warning would end the reading of a damaged image
def test_damaged_inputs_raise_no_error_and_do_no_harm(
    numbers: range, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    seed = request.config.getoption("--fuzz-seed")
    failures = []
    for place, dropped in enumerate(drops(seed, numbers)):
        folder = tmp_path / f"{place:03}"
        folder.mkdir()
        try:
            _read_and_check(dropped, folder)
        except Exception as error:  # an AssertionError, or what intake must not raise
            kept = tmp_path / "failing"
            for each in dropped.mutants:
                kept.mkdir(exist_ok=True)
                (kept / f"{each.number}").write_bytes(each.data)
            made = "; ".join(f"{each.number} {each.name[:60]!a} ({each.made_by})" for each in dropped.mutants)
            failures.append(f"seed {seed}, inputs {made}: {type(error).__name__}: {str(error)[:500]}")
    assert not failures, f"{len(failures)} drops failed; inputs are in {tmp_path / 'failing'}\n" + "\n".join(
        failures
    )


def _read_and_check(dropped: Drop, folder: Path) -> None:
    media = folder / "media"
    files = [_file(each, folder) for each in dropped.mutants]
    files.insert(
        len(files) // 2,
        InputFile(_TABLE, f"id,text,image\nn1,Good morning,\nn2,Good night,{_IMAGE}".encode()),
    )
    files.append(InputFile(_IMAGE, png(16, 12)))
    inputs = read_inputs(files, media)
    checked = check_batch(inputs)
    _assert_all_accounted_for(inputs, checked)
    _assert_storable(checked)
    _assert_neighbours_are_whole(inputs, checked)
    assert not [path.name for path in media.rglob(".*")], "temporary files are left"
    if dropped.stored:
        _assert_comes_back(inputs, checked, media, folder)


def _file(each: Mutant, folder: Path) -> InputFile:
    """Every second input lies on disk, under a name of its own."""
    if each.number % 2:
        return InputFile(each.name, each.data)
    path = folder / f"{each.number}"
    path.write_bytes(each.data)
    return InputFile(each.name, path)


def _assert_all_accounted_for(inputs: Inputs, checked: CheckedBatch) -> None:
    assert inputs.expected_files == len(inputs.tables) + len(inputs.images) + len(inputs.rejected)
    listed = checked.rejected["kind"].value_counts()
    for kind, counts in checked.counts.items():
        assert counts.received + counts.rejected == counts.expected, kind
        assert counts.rejected == listed.get(kind, 0), kind
        assert counts.received >= 0, kind
    assert checked.counts["row"].received == len(checked.posts)
    assert checked.counts["file"].expected == inputs.expected_files
    assert checked.posts["post_id"].is_unique


def _assert_storable(checked: CheckedBatch) -> None:
    for frame in (checked.posts, checked.rejected):
        for column in frame:
            for value in frame[column]:
                if isinstance(value, str):
                    assert "\x00" not in value, column
                    value.encode()
    for name in (*checked.rejected["name"], *checked.posts["source"]):
        assert name
        assert name.isprintable() or not any(ord(letter) < 32 for letter in name)
    for extra in checked.posts["extra"]:
        json.loads(extra)
    pa.Table.from_pandas(checked.posts, schema=POST_SCHEMA, preserve_index=False)
    pa.Table.from_pandas(checked.rejected, preserve_index=False)


def _assert_neighbours_are_whole(inputs: Inputs, checked: CheckedBatch) -> None:
    assert _IMAGE in inputs.images
    good = checked.posts[checked.posts["source"] == _TABLE]
    assert [[post.post_id, post.text, list(post.image_names)] for post in good.itertuples()] == _GOOD


def _assert_comes_back(inputs: Inputs, checked: CheckedBatch, media: Path, folder: Path) -> None:
    workspace = Workspace(folder / "home")
    sources = [(table.name, table.raw) for table in inputs.tables]
    batch = workspace.open(workspace.create(checked, media, "Fuzz", sources=sources).id)
    pd.testing.assert_frame_equal(batch.posts(), checked.posts, check_dtype=False)
    pd.testing.assert_frame_equal(batch.rejected(), checked.rejected, check_dtype=False)
    for images in checked.posts["images"]:
        assert all(batch.media_path(media_id).is_file() for media_id in images)


CELL_IMAGE = "-image.image"
"""End of the names of images in cells, of which the samples hold some that are none."""


@pytest.mark.parametrize("sample", corpus(), ids=lambda sample: sample.name)
def test_every_sample_is_accepted_or_refused_with_the_right_reason(sample, tmp_path: Path) -> None:
    inputs = read_inputs([InputFile(sample.name, sample.data)], tmp_path)
    refused = {"notes.txt", "drawing.svg", "empty.csv", "in.zip"}
    rejected = {file.name for file in inputs.rejected if not file.name.endswith(CELL_IMAGE)}
    assert rejected <= refused
    assert bool(inputs.tables or inputs.images) == (sample.name not in refused)


def test_the_same_seed_and_number_give_the_same_input() -> None:
    assert [mutant(5, number) for number in range(40)] == [mutant(5, number) for number in range(40)]
    assert [mutant(5, number).data for number in range(40)] != [
        mutant(6, number).data for number in range(40)
    ]


def test_a_failing_input_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check_batch

    def lose(inputs: Inputs) -> CheckedBatch:
        checked = whole(inputs)
        return CheckedBatch(checked.posts.iloc[1:], checked.rejected, checked.counts)

    good = Drop((Mutant(1, "more.csv", b"text\nhello\n", "by hand"),), stored=True)
    _read_and_check(good, tmp_path)
    monkeypatch.setattr(f"{__name__}.check_batch", lose)
    with pytest.raises(AssertionError):
        _read_and_check(good, tmp_path / "again")
