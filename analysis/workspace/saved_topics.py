"""The custom topics of a workspace, for all batches: a taxonomy file, with the names of those that are off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from analysis.custom_topics import CustomTopic, check_topic, check_topics, clean_topics, fold_name
from analysis.errors import PostLensError, ScoringError, WorkspaceError
from analysis.settings import Settings
from analysis.taxonomy import Taxonomy, export_taxonomy, parse_taxonomy
from analysis.temporary import OWNER_ONLY_FILE, make_folder_private
from analysis.workspace.digests import get_file_state
from analysis.workspace.files import open_atomically, wrap_disk_errors
from analysis.workspace.layout import TOPICS

_LOCK = ".topics.lock"
_LOCK_TIMEOUT = 30  # seconds; reading and writing the file takes milliseconds


class SavedTopics:
    """The custom topics of a workspace, in the order in which they were added.

    Args:
        home: The workspace's folder; the file is created with the first topic.
        settings: Limits.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.path = home / TOPICS
        self.settings = settings or Settings()

    def read(self) -> Taxonomy:
        """Read the topics, and which of them are off.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        try:
            return _read_topics(self.path, get_file_state(self.path), self.settings)
        except FileNotFoundError:
            return Taxonomy()
        except OSError as error:
            raise WorkspaceError(
                str(self.path), f"cannot be read: {error.strerror or error}", "Check its permissions."
            ) from error
        except PostLensError as error:
            raise WorkspaceError(
                error.thing, error.fact, "Correct it, or move it away; the topics in it will then be missing."
            ) from error

    def add(self, topics: Sequence[CustomTopic]) -> None:
        """Add topics, each instead of one with the same name (`fold_name`), and switch them on.

        Raises:
            ScoringError: One is not valid, or there would be too many.
            WorkspaceError: The file cannot be read or written.
        """
        with self._edit() as saved:
            saved.update({fold_name(topic.name): (topic, True) for topic in clean_topics(topics)})

    def change(self, name: str, edit: Callable[[CustomTopic], CustomTopic]) -> None:
        """Replace a topic, which may get another name.

        Args:
            name: Its name.
            edit: Returns the new topic; called while no other process can change the topics.

        Raises:
            ScoringError: It was renamed or deleted meanwhile, the new topic is not valid, or another one has its
                name.
            WorkspaceError: The file cannot be read or written.
        """
        with self._edit() as saved:
            key = _find_key(saved, name)
            topic, is_on = saved[key]
            (changed,) = check_topics([edit(topic)], self.settings)
            if fold_name(changed.name) != key and fold_name(changed.name) in saved:
                raise ScoringError(
                    f"“{changed.name}”", "is the name of another topic", "Choose another name."
                )
            items = [(changed, is_on) if each == key else value for each, value in saved.items()]
            saved.clear()
            saved.update({fold_name(each.name): (each, was_on) for each, was_on in items})

    def switch(self, name: str, is_on: bool) -> None:
        """Switch a topic on or off.

        Raises:
            ScoringError: It was renamed or deleted meanwhile.
            WorkspaceError: The file cannot be read or written.
        """
        with self._edit() as saved:
            key = _find_key(saved, name)
            saved[key] = (saved[key][0], is_on)

    def delete(self, name: str) -> None:
        """Delete a topic; nothing happens if there is none of this name.

        Raises:
            WorkspaceError: The file cannot be read or written.
        """
        with self._edit() as saved:
            saved.pop(fold_name(name), None)

    @contextmanager
    def _edit(self) -> Iterator[dict[str, tuple[CustomTopic, bool]]]:
        """Lock the file, yield its topics with whether each is on, by folded name, and write them again."""
        with wrap_disk_errors("The topics"):
            folder = make_folder_private(self.path.parent)
            with FileLock(folder / _LOCK, timeout=_LOCK_TIMEOUT, mode=OWNER_ONLY_FILE):
                taxonomy = self.read()
                saved = {
                    fold_name(topic.name): (topic, topic.name not in taxonomy.off)
                    for topic in taxonomy.topics
                }
                yield saved
                self._check(saved.values())
                off = [topic.name for topic, is_on in saved.values() if not is_on]
                with open_atomically(self.path) as file:
                    file.write(export_taxonomy([topic for topic, _ in saved.values()], off))

    def _check(self, saved: Collection[tuple[CustomTopic, bool]]) -> None:
        if len(saved) > self.settings.max_saved_topics:
            fact = f"would be {len(saved):,}; the limit is {self.settings.max_saved_topics}"
            raise ScoringError("The topics", fact, "Delete some topics first.")
        for topic, _ in saved:
            check_topic(topic, self.settings)


def _find_key(saved: Collection[str], name: str) -> str:
    """Return the folded name of a topic that must exist."""
    if (key := fold_name(name)) not in saved:
        raise ScoringError(
            f"The topic “{name}”",
            "was renamed or deleted meanwhile",
            "Look for its new name, or add it again.",
        )
    return key


@lru_cache(maxsize=8)
def _read_topics(path: Path, state: tuple[int, ...], settings: Settings) -> Taxonomy:
    return parse_taxonomy(path.read_bytes(), str(path), settings)
