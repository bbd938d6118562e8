"""Files that were damaged or mixed up on disk: the report is identical, or an error says what is wrong."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.errors import PostLensError, ScoringError, WorkspaceError
from analysis.exporters import write_csv
from analysis.model.bundle import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.search import make_example_target, rank_posts
from analysis.workspace import Batch, Workspace, digests
from analysis.workspace.layout import digest_path
from tests.scored import checked, media_with_image, new_batch, score, some_posts, without_digests

pytestmark = pytest.mark.slow

KINDS = ("scores", "words", "encodings", "copies", "embeddings")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Path:
    """A home with a batch that the model scored, with words and a source, and a second batch of other posts."""
    folder = tmp_path_factory.mktemp("whole")
    others = some_posts().assign(post_id=[f"q{number}" for number in range(20)])
    workspace = Workspace(folder / "home", new_batch(folder, others, part_posts=5, batch_id="other").settings)
    spring = workspace.create(
        checked(some_posts()),
        media_with_image(folder / "media"),
        "Spring",
        batch_id="spring",
        sources=[("posts.csv", b"post_id,text\na,good day\n")],
    )
    for batch in (spring, workspace.open("other")):
        score_batch(batch, tiny_bundle, words=True)
    return folder / "home"


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Callable[[], Workspace]:
    """Give a fresh copy of that home."""

    def copy() -> Workspace:
        shutil.rmtree(tmp_path / "home", ignore_errors=True)
        shutil.copytree(whole, tmp_path / "home")
        return Workspace(tmp_path / "home")

    return copy


def report(batch: Batch, bundle: Bundle) -> bytes:
    target = io.BytesIO()
    write_csv(batch, Filters(), report_columns(bundle.heads), target)
    return target.getvalue()


def stored(batch: Batch) -> list[Path]:
    return sorted(path for path in batch.folder.rglob("*") if path.is_file() and path.stat().st_size)


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def outcome(read: Callable[[], bytes]) -> bytes | str:
    """What a reader gets, or the message of the only kind of error that there may be."""
    try:
        return read()
    except PostLensError as error:
        return str(error)


def read_everything(workspace: Workspace, bundle: Bundle) -> bytes:
    batch = workspace.open("spring")
    (
        batch.posts(),
        batch.rejected(),
        query.compute_totals(batch),
        rank_posts(batch, make_example_target([(batch, "p1")]), limit=3),
    )
    return report(batch, bundle)


def score_again(workspace: Workspace, bundle: Bundle, words: bool) -> bytes:
    batch = workspace.open("spring")
    score_batch(batch, bundle, words=words)
    return report(batch, bundle)


@pytest.mark.slow
@pytest.mark.parametrize("trials", [30, pytest.param(250, marks=pytest.mark.exhaustive)])
def test_a_flipped_bit_is_named_or_changes_nothing_and_scoring_again_repairs_it(
    copied: Callable[[], Workspace], tiny_bundle: Bundle, trials: int
) -> None:
    chance = random.Random(trials)
    expected = report(copied().open("spring"), tiny_bundle)
    seen = []
    for _ in range(trials):
        workspace = copied()
        damaged = chance.choice(stored(workspace.open("spring")))
        flip(damaged, chance)
        what = (str(damaged.relative_to(workspace.folder)), "damaged")
        read = outcome(lambda: read_everything(workspace, tiny_bundle))  # noqa: B023 (called at once)
        assert read == expected or "damaged" in str(read), what
        seen.append(read == expected)
        again = outcome(lambda: score_again(workspace, tiny_bundle, chance.random() < 0.5))  # noqa: B023
        if damaged.name in ("manifest.json", "posts.parquet"):
            assert again == expected or "Delete it and upload the posts again" in str(again), what
        else:
            assert again == expected, what
    assert set(seen) == {True, False}


@pytest.mark.parametrize("endings", [(".parquet",), (".parquet", ".sha256")])
@pytest.mark.parametrize(
    "swaps",
    [
        [(f"spring/{kind}/part-00000", f"spring/{kind}/part-00001") for kind in KINDS],
        [(f"spring/{kind}/part-00001", f"other/{kind}/part-00001") for kind in KINDS],
        [("spring/scores/part-00001", "spring/words/part-00001")],
    ],
)
def test_swapped_parts_are_found_and_made_again(
    copied: Callable[[], Workspace],
    tiny_bundle: Bundle,
    swaps: list[tuple[str, str]],
    endings: tuple[str, ...],
) -> None:
    workspace = copied()
    expected = {name: report(workspace.open(name), tiny_bundle) for name in ("spring", "other")}
    for first, second in swaps:
        for ending in endings:
            one, two = (workspace.folder / f"{name}{ending}" for name in (first, second))
            one.rename(one.with_name("third"))
            two.rename(one)
            one.with_name("third").rename(two)
        for place in (first, second):
            batch_id, kind, name = place.split("/")
            with pytest.raises(WorkspaceError, match=f"damaged {kind} .*Score it again"):
                workspace.open(batch_id).read_part(kind, int(name[-5:]))
    for name, before in expected.items():
        batch = workspace.open(name)
        score_batch(batch, tiny_bundle)
        assert report(batch, tiny_bundle) == before
        assert not any(batch.damaged_parts(kind) for kind in KINDS)


@pytest.mark.parametrize("name", ["posts.parquet", "rejected.parquet", "manifest.json"])
def test_a_table_of_another_batch_is_found(copied: Callable[[], Workspace], name: str) -> None:
    workspace = copied()
    workspace.open("other").rename("Another")
    flip(workspace.folder / "other" / name, random.Random(1))
    shutil.copyfile(workspace.folder / "other" / name, workspace.folder / "spring" / name)
    with pytest.raises(
        WorkspaceError, match=r"Batch spring is damaged: .*Delete it and upload the posts again"
    ):
        workspace.open("spring").posts(), workspace.open("spring").rejected()


@pytest.mark.parametrize("kind", ["scores", "words", "embeddings"])
def test_a_part_without_its_digest_is_damaged_except_in_a_batch_that_never_had_any(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    digest_path(batch.part_path(kind, 2)).unlink()
    assert batch.damaged_parts(kind) == [2]
    monkeypatch.setattr(digests, "_matched", {})  # as in another process
    with pytest.raises(WorkspaceError, match=f"damaged {kind}"):
        batch.read_part(kind, 2)
    earlier = without_digests(batch)
    assert earlier.damaged_parts(kind) == []
    assert len(earlier.read_part(kind, 2)) == 6


def test_a_crash_before_a_part_takes_its_place_leaves_a_part_to_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    replace = Path.replace

    def crash(path: Path, target: Path) -> Path:
        if target.suffix == ".parquet":
            raise KeyboardInterrupt
        return replace(path, target)

    scores = batch.read_part("scores", 0)
    monkeypatch.setattr(Path, "replace", crash)
    for change in (scores, scores.assign(valence=0.5)):
        with pytest.raises(KeyboardInterrupt):
            batch.write_part("scores", 0, change)
    assert batch.damaged_parts("scores") == [0]
    monkeypatch.undo()
    batch.write_part("scores", 0, scores)
    assert batch.damaged_parts("scores") == []


def test_a_damaged_part_counts_as_not_scored_so_that_scoring_is_offered(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    flip(batch.part_path("scores", 1), random.Random(0))
    assert batch.scored() == 14
    flip(batch.part_path("words", 2), random.Random(0))
    assert batch.scored() == 14  # words are not looked at before they are read
    with pytest.raises(WorkspaceError, match="damaged words"):
        batch.read_part("words", 2)
    assert batch.scored() == 8


def test_a_damaged_image_is_named_when_it_is_needed(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path)
    (image,) = (batch.folder / "media").glob("*/*.jpg")
    flip(image, random.Random(3))
    with pytest.raises(ScoringError, match=f"Image {image.stem[:12]}… is damaged.*Upload the batch again"):
        score_batch(batch, tiny_bundle)


def test_unchanged_files_are_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    hashed: list[str] = []
    digest_of = digests.compute_file_digest

    def counted(file: io.BufferedReader, label: str = "") -> str:
        hashed.append(file.name)
        return digest_of(file, label)

    monkeypatch.setattr(digests, "_matched", {})
    monkeypatch.setattr(digests, "compute_file_digest", counted)
    for _ in range(3):
        (
            query.compute_totals(batch),
            query.read_page(batch),
            query.count_matching_posts(batch, Filters(search="rain")),
            batch.posts(),
        )
    assert len(hashed) == len(set(hashed)) == 1 + 2 * batch.n_parts  # posts, scores, words
    batch.part_path("scores", 1).touch()
    query.compute_totals(batch)
    assert len(hashed) == 2 + 2 * batch.n_parts
