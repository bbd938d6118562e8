"""Trained models: which one is used, going back, damage, and crashes between two steps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import BundleError, PostLensError, WorkspaceError
from analysis.model import Bundle
from analysis.workspace import TrainedModel, TrainedModels
from analysis.workspace.trained_models import SHIPPED_CHOICE

Add = Callable[..., TrainedModel]


@pytest.fixture
def models(tmp_path: Path) -> TrainedModels:
    return TrainedModels(tmp_path / "home")


@pytest.fixture
def add(models: TrainedModels, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Add copies of the tiny bundle as models: trained-1, trained-2, ..."""
    names = iter(range(1, 10))

    def add_(batch_id: str = "spring", base: TrainedModel | None = None) -> TrainedModel:
        with models.adding(base, batch_id) as folder:
            shutil.copytree(tiny_bundle.folder, folder)
        name = f"trained-{next(names)}"
        (models.folder / folder.name).rename(models.folder / name)
        found = models.get(name)
        assert found
        return found

    return add_


def in_use(models: TrainedModels) -> str:
    found = models.find_in_use()
    assert not found.problem
    return found.model.name if found.model else SHIPPED_CHOICE


def test_without_a_choice_the_shipped_model_is_used(models: TrainedModels) -> None:
    assert models.list_models() == []
    assert in_use(models) == SHIPPED_CHOICE
    assert models.name_previous() is None
    assert not models.folder.exists()


def test_a_model_has_the_id_of_its_bundle_and_the_batches_of_its_bases(add: Add, tiny_bundle: Bundle) -> None:
    first = add("spring")
    second = add("autumn", first)
    assert first.sha256 == tiny_bundle.sha256
    assert (first.base, first.batches) == (SHIPPED_CHOICE, ("spring",))
    assert (second.base, second.batches) == ("trained-1", ("autumn", "spring"))


def test_files_of_a_model_are_readable_by_their_owner_only(add: Add) -> None:
    model = add()
    assert all(path.stat().st_mode & 0o077 == 0 for path in [model.folder, *model.folder.rglob("*")])


def test_going_back_follows_the_choices(models: TrainedModels, add: Add) -> None:
    add(), add()
    for name in ("trained-1", "trained-2", "trained-2"):
        models.choose(name)
    assert [each.name for each in models.list_models()] == ["trained-2", "trained-1"]
    for name, before in (("trained-2", "trained-1"), ("trained-1", SHIPPED_CHOICE), (SHIPPED_CHOICE, None)):
        assert (in_use(models), models.name_previous()) == (name, before)
        models.choose_previous()
    assert in_use(models) == SHIPPED_CHOICE


def test_the_shipped_model_can_be_chosen(models: TrainedModels, add: Add) -> None:
    add()
    models.choose("trained-1")
    models.choose(SHIPPED_CHOICE)
    assert (in_use(models), models.name_previous()) == (SHIPPED_CHOICE, "trained-1")


def test_training_starts_from_the_latest_model_without_labels_of_the_batch(
    models: TrainedModels, add: Add
) -> None:
    first = add("spring")
    second = add("autumn", first)
    models.choose("trained-2")
    assert models.find_base("winter") == second
    assert models.find_base("autumn") == first
    assert models.find_base("spring") is None


def test_a_deleted_model_gives_way_to_the_one_before(models: TrainedModels, add: Add) -> None:
    add(), add()
    models.choose("trained-1")
    models.choose("trained-2")
    models.delete("trained-2")
    assert in_use(models) == "trained-1"
    assert models.get("trained-2") is None
    with pytest.raises(WorkspaceError, match="does not exist"):
        models.delete("trained-2")


@pytest.mark.parametrize("name", ["../../etc", "in_use.json", "", "trained-9"])
def test_only_models_are_deleted(models: TrainedModels, add: Add, name: str) -> None:
    add()
    with pytest.raises(WorkspaceError, match="does not exist"):
        models.delete(name)
    assert models.get("trained-1")


def _cut(model: TrainedModel) -> None:
    path = model.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


DAMAGES: dict[str, Callable[[TrainedModel], object]] = {
    "folder": lambda model: shutil.rmtree(model.folder),
    "weights": _cut,
    "no weights": lambda model: (model.folder / "model.safetensors").unlink(),
    "config": lambda model: (model.folder / "config.json").write_text("{"),
    "record": lambda model: (model.folder / "training.json").write_text("[]"),
    "choice": lambda model: (model.folder.parent / "in_use.json").write_text('{"a":'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_gives_way_to_the_shipped_one_with_a_reason(
    models: TrainedModels, add: Add, damage: str
) -> None:
    model = add()
    models.choose(model.name)
    DAMAGES[damage](model)
    found = models.find_in_use()
    assert found.model is None
    assert found.problem
    assert models.name_previous() == SHIPPED_CHOICE
    models.choose(SHIPPED_CHOICE)
    assert in_use(models) == SHIPPED_CHOICE


def test_a_damaged_model_cannot_be_chosen(models: TrainedModels, add: Add) -> None:
    _cut(add())
    with pytest.raises(PostLensError, match="damaged"):
        models.choose("trained-1")
    with pytest.raises(WorkspaceError, match="does not exist"):
        models.choose("trained-7")
    assert in_use(models) == SHIPPED_CHOICE


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_choice_that_is_cut_off_leaves_the_old_one(
    models: TrainedModels, add: Add, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    add(), add()
    models.choose("trained-1")

    def end(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(step, end)
        with pytest.raises(Killed):
            models.choose("trained-2")
    assert in_use(models) == "trained-1"
    models.choose("trained-2")
    assert in_use(models) == "trained-2"


@pytest.mark.parametrize("error", [Killed, BundleError("x", "y", "z")])
def test_a_training_that_is_cut_off_adds_nothing(models: TrainedModels, error: BaseException) -> None:
    folders = []

    def train() -> None:
        with models.adding(None, "spring") as folder:
            folder.mkdir()
            folders.append(folder)
            raise error

    with pytest.raises((Killed, BundleError)):
        train()
    assert models.list_models() == []
    assert not folders[0].parent.exists()


def test_the_list_of_choices_stays_short(models: TrainedModels, add: Add) -> None:
    add()
    for _ in range(80):
        models.choose("trained-1")
        models.choose(SHIPPED_CHOICE)
    assert len(json.loads((models.folder / "in_use.json").read_text())) == 100


def test_labels_of_a_merged_batch_are_also_those_of_its_batches(models: TrainedModels, add: Add) -> None:
    first = add("spring")
    models.choose(first.name)
    assert models.find_base("year", "spring", "summer") is None
    assert models.find_base("year", "summer") == first
