"""Taxonomy files: custom topics as JSON that people can read and edit.

    {
      "taxonomy_format": 1,
      "topics": [
        {
          "name": "delivery",
          "description": "late, lost or damaged parcels",
          "threshold": 0.31,
          "examples": [{"text": "My parcel is two weeks late"}, {"text": "What a speech", "belongs": false}]
        }
      ]
    }

Everything but the names can be left out. PostLens adds the vectors of examples, with the model that they are from.
"""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.custom_topics import (
    NO_TOPIC,
    CustomTopic,
    check_topic,
    clean_topics,
    fold_name,
    parse_topic_names,
)
from analysis.errors import PostLensError, ScoringError
from analysis.json_values import JsonValueError, from_json_value, to_json_value
from analysis.settings import Settings
from analysis.wording import make_printable

TAXONOMY_FORMAT = 1
"""Version of the format; increase it when a field changes its meaning."""
_MAX_SHOWN = 300  # characters of a problem, which may quote a name
_REMEDY = "Correct the file, or download it again from the page Custom topics."


@dataclass(frozen=True)
class Taxonomy:
    """The content of a taxonomy file.

    Attributes:
        taxonomy_format: `TAXONOMY_FORMAT`.
        topics: The topics.
        off: Names of topics that the dashboard does not show.
    """

    taxonomy_format: int = TAXONOMY_FORMAT
    topics: tuple[CustomTopic, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def on(self) -> list[CustomTopic]:
        """The topics that the dashboard shows."""
        return [topic for topic in self.topics if topic.name not in self.off]

    def find(self, name: str) -> CustomTopic | None:
        """Return the topic of this name (`fold_name`); None without one."""
        return next((topic for topic in self.topics if fold_name(topic.name) == fold_name(name)), None)


def parse_taxonomy(content: bytes, name: str, settings: Settings) -> Taxonomy:
    """Read and check a taxonomy file, which may come from anywhere; hidden characters in its texts are removed.

    Args:
        content: Its bytes.
        name: What the file is called, for messages.
        settings: Contains the limits.

    Raises:
        PostLensError: It is too large, or not a valid taxonomy file.
    """
    if len(content) > settings.max_taxonomy_bytes:
        fact = f"has more than {settings.max_taxonomy_bytes:,} bytes, so it is not a taxonomy file"
        raise PostLensError(name, fact, _REMEDY)
    try:
        parsed = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
        found = parsed.get("taxonomy_format") if isinstance(parsed, dict) else None
        if type(found) is not int:
            raise JsonValueError("it has no taxonomy_format")
        if found != TAXONOMY_FORMAT:
            raise JsonValueError(
                f"its format is {found}, and this version of PostLens reads {TAXONOMY_FORMAT}"
            )
        taxonomy = _clean_taxonomy(from_json_value(Taxonomy, parsed), settings)
    except JsonValueError as error:
        raise _invalid_error(name, str(error)) from error
    except ScoringError as error:
        raise _invalid_error(name, f"{error.thing} {error.fact}") from error
    except (ValueError, RecursionError) as error:
        raise PostLensError(name, "is not JSON in UTF-8, so it is not a taxonomy file", _REMEDY) from error
    return taxonomy


def read_topics_file(path: Path, settings: Settings) -> list[CustomTopic]:
    """Read custom topics from a file: a taxonomy file, or a text with one name a line.

    Raises:
        PostLensError: It cannot be read, or is not valid.
    """
    try:
        with path.open("rb") as file:
            content = file.read(settings.max_taxonomy_bytes + 1)
    except OSError as error:
        raise PostLensError(
            str(path), f"cannot be read: {error.strerror or error}", "Check the path."
        ) from error
    if content.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")):
        return list(parse_taxonomy(content, path.name, settings).topics)
    try:
        return clean_topics(parse_topic_names(content.decode("utf-8-sig"), by_line=True))
    except UnicodeDecodeError as error:
        raise PostLensError(path.name, "is not text in UTF-8", "Save it as UTF-8.") from error


def export_taxonomy(topics: Sequence[CustomTopic], off: Sequence[str] = ()) -> bytes:
    """Write topics as a taxonomy file."""
    content = {
        "taxonomy_format": TAXONOMY_FORMAT,
        **to_json_value(Taxonomy(topics=tuple(topics), off=tuple(off))),
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"


def _clean_taxonomy(taxonomy: Taxonomy, settings: Settings) -> Taxonomy:
    """Clean the texts of a taxonomy, and check all of it.

    Names that differ only in composition (NFC and NFD), which earlier versions kept apart, get numbers.
    """
    if len(taxonomy.topics) > settings.max_saved_topics:
        raise JsonValueError(f"it has more than {settings.max_saved_topics} topics")
    topics: dict[str, CustomTopic] = {}
    given: dict[str, str] = {}  # the name in the file, by that of the topic
    used: set[str] = set()
    for place, topic in enumerate(taxonomy.topics):
        cleaned = clean_topics([topic])
        if problem := _find_name_problem(topic.name, cleaned, used):
            raise JsonValueError(f"the name of topics[{place}], “{topic.name}”, {problem}")
        name = _number_name(cleaned[0].name, topics)
        topics[fold_name(name)] = replace(cleaned[0], name=name)
        given[name] = topic.name
        used.add(topic.name.casefold())
        check_topic(topics[fold_name(name)], settings)
    off = tuple(name for name, before in given.items() if before in taxonomy.off)
    return replace(taxonomy, topics=tuple(topics.values()), off=off)


def _find_name_problem(name: str, cleaned: Sequence[CustomTopic], used: Collection[str]) -> str:
    """Return what is wrong with a name; "" for nothing.

    Args:
        name: The name in the file.
        cleaned: The topic of this name as `clean_topics` returns it.
        used: Names of earlier topics, without differences of case.
    """
    if not cleaned:
        return "is reserved for posts without a topic" if fold_name(name.strip()) == NO_TOPIC else "is empty"
    if name.casefold() in used:
        return "is used twice: upper and lower case make no difference"
    if cleaned[0].name != unicodedata.normalize("NFC", name):
        is_spaced = " ".join(name.split()) == cleaned[0].name
        return "has a space at an end or two in a row" if is_spaced else "has characters that cannot be shown"
    return ""


def _number_name(name: str, known: Collection[str]) -> str:
    """Return a name, with a number if it is known."""
    number, free = 1, name
    while fold_name(free) in known:
        number += 1
        free = f"{name} ({number})"
    return free


def _invalid_error(name: str, problem: str) -> PostLensError:
    shown = make_printable(problem)[:_MAX_SHOWN]
    return PostLensError(name, f"is not a valid taxonomy file: {shown}", _REMEDY)


def _refuse_constant(name: str) -> Any:
    raise JsonValueError(f"{name} is not a number")
