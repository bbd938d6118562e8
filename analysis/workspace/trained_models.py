"""Models trained on labels of people, and which of them the dashboard uses.

    <home>/models/<name>/    a bundle, and training.json: its digest, what it was trained from and on
    <home>/models/in_use.json    the names of the models that were chosen, the latest last; "" for the shipped one

A model is complete or absent, and so is a choice: files are written under a temporary name and renamed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from analysis.errors import PostLensError, WorkspaceError
from analysis.json_values import from_json_value, to_json_value
from analysis.model.bundle import METRICS, hash_bundle_files, load_config
from analysis.model.bundle_files import read_bundle_json
from analysis.settings import Settings
from analysis.temporary import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER, make_folder_private, new_temporary_path
from analysis.workspace.files import open_atomically, remove_folder_atomically, wrap_disk_errors
from analysis.workspace.layout import MODEL_IN_USE, MODELS, TRAINING

SHIPPED_CHOICE = ""
"""The choice of the model that ships with PostLens."""
_NAME = re.compile(r"trained-[0-9-]{1,40}")
_LOCK = ".models.lock"
_LOCK_TIMEOUT = 30  # seconds; reading and writing the file takes milliseconds
_MAX_CHOICES = 100


@dataclass(frozen=True)
class TrainedModel:
    """A trained model.

    Attributes:
        name: Its name, also that of its folder.
        folder: The bundle.
        created_at: UTC.
        sha256: Digest of its configuration and weights.
        base: Name of the trained model that it was trained from; "" for the shipped one.
        batches: Ids of the batches whose labels trained it or its bases.
    """

    name: str
    folder: Path
    created_at: datetime
    sha256: str
    base: str
    batches: tuple[str, ...]

    @property
    def id(self) -> str:
        """Name and first digits of the digest, as `Bundle.id`."""
        return f"{self.name}@{self.sha256[:8]}"

    def read_metrics(self) -> dict[str, Any]:
        """Read its metrics, as `train_own_labels` wrote them.

        Raises:
            BundleError: They are damaged.
        """
        return read_bundle_json(self.folder, METRICS, Settings().max_model_json_bytes, finite=False)


@dataclass(frozen=True)
class _Record:
    created_at: datetime
    sha256: str
    base: str
    batches: tuple[str, ...]


@dataclass(frozen=True)
class ModelInUse:
    """The model that the dashboard uses.

    Attributes:
        model: The trained model; None for the shipped one.
        problem: Why it is not the model that was chosen, for display; "" if it is.
    """

    model: TrainedModel | None
    problem: str = ""


class TrainedModels:
    """The trained models of a workspace.

    Args:
        home: The workspace's folder.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / MODELS

    def list_models(self) -> list[TrainedModel]:
        """List the models, newest first, without those whose record is damaged."""
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        found = filter(None, map(self.get, (folder.name for folder in folders)))
        return sorted(found, key=lambda model: (model.created_at, model.name), reverse=True)

    def get(self, name: str) -> TrainedModel | None:
        """Return a model by its name; None if there is none, or its record is damaged."""
        if not _NAME.fullmatch(name):
            return None
        try:
            record = from_json_value(_Record, json.loads((self.folder / name / TRAINING).read_bytes()))
        except (OSError, ValueError, RecursionError):
            return None
        return TrainedModel(
            name, self.folder / name, record.created_at, record.sha256, record.base, record.batches
        )

    def find_in_use(self) -> ModelInUse:
        """Find the model that was chosen, and check that it is not damaged; otherwise the shipped one is used."""
        try:
            name = (self._read_choices() or [SHIPPED_CHOICE])[-1]
        except ValueError:
            return ModelInUse(None, "It is not known which model was chosen, as the record of it is damaged.")
        if name == SHIPPED_CHOICE:
            return ModelInUse(None)
        model = self.get(name)
        if model is None:
            return ModelInUse(None, f"The trained model {name} is missing or damaged.")
        try:
            _check_model(model)
        except PostLensError as error:
            return ModelInUse(None, str(error))
        return ModelInUse(model)

    def find_base(self, *batch_ids: str) -> TrainedModel | None:
        """Find what to train from: the model in use, or the latest before it that no label of these batches trained.

        Returns:
            A trained model; None for the shipped one.
        """
        model = self.find_in_use().model
        while model and not set(batch_ids).isdisjoint(model.batches):
            model = self.get(model.base)
        return model

    @contextmanager
    def adding(self, base: TrainedModel | None, *batch_ids: str) -> Iterator[Path]:
        """Yield a folder for a new bundle; it becomes a model if the block succeeds.

        Args:
            base: What it is trained from; None for the shipped model.
            batch_ids: The batch whose labels train it, and those that it was merged from.

        Raises:
            WorkspaceError: The workspace cannot be written.
        """
        now = datetime.now(UTC)
        name = f"trained-{now:%Y%m%d-%H%M%S}"
        with wrap_disk_errors("The trained model"):
            building = new_temporary_path(make_folder_private(self.folder.parent))
            building.mkdir(OWNER_ONLY_FOLDER)
        try:
            bundle = building / name
            yield bundle
            batches = {*batch_ids, *(base.batches if base else ())}
            base_name = base.name if base else SHIPPED_CHOICE
            record = _Record(now, hash_bundle_files(bundle), base_name, tuple(sorted(batches)))
            with wrap_disk_errors("The trained model"):
                with open_atomically(bundle / TRAINING) as file:
                    file.write(json.dumps(to_json_value(record)).encode())
                for path in (bundle, *bundle.rglob("*")):
                    path.chmod(OWNER_ONLY_FOLDER if path.is_dir() else OWNER_ONLY_FILE)
                bundle.rename(make_folder_private(self.folder) / name)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def choose(self, name: str) -> None:
        """Use a model from now on.

        Args:
            name: Its name; `SHIPPED_CHOICE` for the shipped model.

        Raises:
            WorkspaceError: There is no such model, or the choice cannot be written.
            BundleError: It is damaged; the choice stays as it is.
        """
        if name != SHIPPED_CHOICE:
            model = self.get(name)
            if model is None:
                raise WorkspaceError(f"The model {name[:80]}", "does not exist", "Choose another model.")
            _check_model(model)
        with self._edit_choices() as choices:
            if name != (choices or [SHIPPED_CHOICE])[-1]:
                choices.append(name)

    def name_previous(self) -> str | None:
        """Return the name of the model used before, `SHIPPED_CHOICE` for the shipped one; None if none was."""
        try:
            choices = self._read_choices()
        except ValueError:
            return SHIPPED_CHOICE
        return ([SHIPPED_CHOICE, *choices])[-2] if choices else None

    def choose_previous(self) -> None:
        """Use the model that was used before the present one.

        Raises:
            WorkspaceError: The choice cannot be written.
        """
        with self._edit_choices() as choices:
            del choices[-1:]

    def delete(self, name: str) -> None:
        """Remove a model. If it is in use, the one before is used.

        Raises:
            WorkspaceError: There is no such model, or it cannot be removed.
        """
        if not (_NAME.fullmatch(name) and (self.folder / name).is_dir()):
            raise WorkspaceError(f"The model {name[:80]}", "does not exist", "Choose another model.")
        with self._edit_choices() as choices:
            choices[:] = [each for each in choices if each != name]
        with wrap_disk_errors(f"The model {name}"):
            remove_folder_atomically(self.folder / name, self.folder.parent)

    def _read_choices(self) -> list[str]:
        """Read the names of the chosen models.

        Raises:
            ValueError: The file is damaged.
        """
        try:
            choices = json.loads((self.folder / MODEL_IN_USE).read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, RecursionError) as error:
            raise ValueError("it cannot be read") from error
        if not isinstance(choices, list) or not all(isinstance(each, str) for each in choices):
            raise ValueError("it is not a list of names")
        return choices

    @contextmanager
    def _edit_choices(self) -> Iterator[list[str]]:
        """Lock the file, yield the choices, and write them as the block changed them; damaged ones are forgotten."""
        with wrap_disk_errors("The choice of a model"):
            lock = FileLock(
                make_folder_private(self.folder) / _LOCK, timeout=_LOCK_TIMEOUT, mode=OWNER_ONLY_FILE
            )
            with lock:
                try:
                    choices = self._read_choices()
                except ValueError:
                    choices = []
                yield choices
                kept = [name for at, name in enumerate(choices) if not at or name != choices[at - 1]]
                with open_atomically(self.folder / MODEL_IN_USE) as file:
                    file.write(json.dumps(kept[-_MAX_CHOICES:]).encode())


def _check_model(model: TrainedModel) -> None:
    """Check that a model is as it was written.

    Raises:
        BundleError: A file is missing or malformed.
        WorkspaceError: Its configuration or weights have changed.
    """
    load_config(model.folder)
    if hash_bundle_files(model.folder) != model.sha256:
        raise WorkspaceError(
            f"The trained model {model.name}", "is damaged", "Delete it, and train a new one."
        )
