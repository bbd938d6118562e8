"""Parses config.json: checks the type and range of every value before anything is built from it.

Bundles are untrusted, so the configuration is validated like any other input. `analysis.model.config` documents
the values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from analysis.errors import BundleError
from analysis.model.config import (
    SENTIMENTS,
    EncoderConfig,
    FusionConfig,
    Head,
    ModelConfig,
    SpaceConfig,
)
from analysis.model.modalities import MODALITIES
from analysis.model.presets import default_options
from analysis.settings import Settings

REQUIRED = ("text", "image")
"""Modalities that every model must read, because every report has columns for them."""
POOLINGS = ("mean", "cls", "projection")
TEMPERATURES = (0.01, 100.0)
"""Allowed range; fitted temperatures are between 0.05 and 20."""
_NAME = re.compile(r"\w[\w-]{0,254}")  # a class or head name, which becomes part of a column name
_BUNDLE_NAME = re.compile(r"[\w.-][\w .-]{0,254}")
_CONTROL_CHARS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MAX_UNITS = 65_536
"""Units of one layer; the largest published encoders have 8,192."""
_MAX_CLASSES = 1_000
_MAX_QUANTILES = 10_000
_MAX_CHARS = 1_000
_MAX_INTEGER = 2**20
"""Limit for integers in an architecture; the largest are vocabulary sizes of about 256,000."""
_MAX_DEPTH = 8
_EMPTY: Mapping[str, Any] = {}


def parse_config(values: object, settings: Settings | None = None) -> ModelConfig:
    """Parse and validate the content of config.json.

    Args:
        values: The parsed JSON.
        settings: Limits.

    Returns:
        The configuration.

    Raises:
        BundleError: A value is missing, unknown, of the wrong type or out of range.
    """
    settings = settings or Settings()
    root = _Fields("", values)
    name = root.name("name", _BUNDLE_NAME)
    encoders = root.fields("encoders")
    modalities = tuple(encoders.values)
    if not set(REQUIRED) <= set(modalities) <= set(MODALITIES):
        optional = sorted(set(MODALITIES) - set(REQUIRED))
        also = f"; optional: {', '.join(optional)}" if optional else ""
        raise _config_error("encoders", f"must be {' and '.join(REQUIRED)}{also}")
    parts = {
        modality: _parse_encoder(encoders.fields(modality), modality, settings) for modality in modalities
    }
    fusion = _parse_fusion(root.fields("fusion"))
    heads = _parse_heads(root.fields("heads"), modalities)
    space = _parse_space(root.fields("space"), modalities) if root.values.get("space") is not None else None
    languages = root.texts("languages", ("en",), _LANGUAGE)
    root.finish(("space",))
    return ModelConfig(name, parts, fusion, heads, space, languages)


def _parse_encoder(part: _Fields, modality: str, settings: Settings) -> EncoderConfig:
    config = EncoderConfig(
        kind=part.choice("kind", MODALITIES[modality].kinds),
        name=part.text("name"),
        dim=part.integer("dim", 1, _MAX_UNITS),
        pooling=part.choice("pooling", POOLINGS, "mean"),
        max_tokens=part.integer("max_tokens", 4, settings.max_encoder_tokens, 128),
        side=part.integer("side", settings.min_image_side, settings.max_encoder_side, 224),
        mean=part.numbers("mean", 0.0, 1.0, (0.5, 0.5, 0.5), (3,)),
        std=part.numbers("std", 0.001, 10.0, (0.5, 0.5, 0.5), (3,)),
        explained_layer=part.text("explained_layer", ""),
        weights=part.text("weights", ""),
        architecture=part.plain_json("architecture"),
    )
    part.finish()
    return config


def _parse_fusion(part: _Fields) -> FusionConfig:
    config = FusionConfig(
        width=part.integer("width", 0, _MAX_UNITS, 0),
        hidden=part.integer("hidden", 0, _MAX_UNITS, 0),
        dropout=part.number("dropout", 0.0, 1.0, 0.0),
        kind=part.choice("kind", ("additive", "concat", "gated", "bilinear"), "concat"),
        rank=part.integer("rank", 0, 64, 4),
    )
    part.finish()
    return config


def _parse_space(part: _Fields, modalities: Collection[str]) -> SpaceConfig:
    dim = part.integer("dim", 1, _MAX_UNITS)
    hidden = part.fields("hidden", _EMPTY)
    sizes = {name: hidden.integer(name, 0, _MAX_UNITS) for name in modalities if name in hidden.values}
    hidden.finish()
    dropout = part.number("dropout", 0.0, 1.0, 0.0)
    unrelated = part.numbers("unrelated", -1.0, 1.0, (), range(_MAX_QUANTILES + 1))
    part.finish()
    if list(unrelated) != sorted(unrelated):
        raise _config_error("space.unrelated", "must be ascending")
    return SpaceConfig(dim, sizes, dropout, unrelated)


def _parse_heads(part: _Fields, modalities: Collection[str]) -> dict[str, Head]:
    if not 0 < len(part.values) <= _MAX_CLASSES:
        raise _config_error("heads", f"must contain 1 to {_MAX_CLASSES:,} heads")
    return {name: _parse_head(part.fields(name), name, modalities) for name in part.values}


def _parse_head(part: _Fields, key: str, modalities: Collection[str]) -> Head:
    name = part.name("name", _NAME)
    if name != key:
        raise _config_error(f"{part.path}.name", f"must be {key!r}, the key of the head")
    exclusive = part.flag("exclusive", True)
    classes = part.texts("classes", None, _NAME)
    minimum = 2 if exclusive else 1
    if not minimum <= len(classes) <= _MAX_CLASSES or len(set(classes)) < len(classes):
        raise _config_error(f"{part.path}.classes", f"must be {minimum} to {_MAX_CLASSES:,} different names")
    if name == "sentiment" and (not exclusive or set(classes) != set(SENTIMENTS)):
        raise _config_error(
            f"{part.path}.classes", f"must be {', '.join(SENTIMENTS)}, and the head must be exclusive"
        )
    titles = part.texts("titles")
    if len(titles) != len(classes) or not all(title.strip() for title in titles):
        raise _config_error(f"{part.path}.titles", f"must be {len(classes)} titles, one for each class")
    head = Head(
        name,
        classes,
        titles,
        exclusive,
        temperature=part.number("temperature", *TEMPERATURES, 1.0),
        alone=part.numbers("alone", *TEMPERATURES, (), (0, len(modalities))),
        reads=part.choices("reads", modalities),
        values=part.numbers("values", -1e6, 1e6, (), (0, len(classes))),
        needs=part.choices("needs", modalities),
        column_options=default_options(name),
    )
    part.finish()
    return head


class _Fields:
    """The fields of one JSON object; tracks which ones were read.

    Args:
        path: Path of the object in the file, such as "heads.topic".
        values: The object.
    """

    def __init__(self, path: str, values: object) -> None:
        self.path = path
        if not isinstance(values, Mapping):
            raise _config_error(path or "It", "must be a JSON object")
        self.values: Mapping[str, Any] = values
        self._read: set[str] = set()

    def fields(self, name: str, default: object = None) -> _Fields:
        """Return a nested object."""
        return _Fields(self._at(name), self._get(name, default))

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string without line breaks and control characters."""
        return self._text(self._at(name), self._get(name, default))

    def name(self, name: str, form: re.Pattern[str]) -> str:
        """Return a string that matches a pattern."""
        value = self.text(name)
        if not form.fullmatch(value):
            raise _config_error(self._at(name), "must contain only letters, digits and hyphens")
        return value

    def choice(self, name: str, known: Collection[str], default: str | None = None) -> str:
        """Return a string that must be one of `known`."""
        value = self.text(name, default)
        if value not in known:
            raise _config_error(
                self._at(name), f"has the unknown value {value[:40]!r}; use one of {', '.join(known)}"
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise _config_error(self._at(name), "must be true or false")
        return value

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer in a range."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _config_error(self._at(name), f"must be a whole number from {low:,} to {high:,}")
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number in a range."""
        return self._number(self._at(name), self._get(name, default), low, high)

    def numbers(
        self, name: str, low: float, high: float, default: tuple[float, ...], counts: Collection[int]
    ) -> tuple[float, ...]:
        """Return a list of numbers in a range."""
        values = self._list(name, default)
        if len(values) not in counts:
            allowed = (
                f"{min(counts):,} to {max(counts):,}" if isinstance(counts, range) else _join_counts(counts)
            )
            raise _config_error(self._at(name), f"must be {allowed} numbers")
        return tuple(self._number(self._at(name), value, low, high) for value in values)

    def texts(
        self, name: str, default: tuple[str, ...] | None = None, form: re.Pattern[str] | None = None
    ) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._list(name, default)
        if len(values) > _MAX_CLASSES:
            raise _config_error(self._at(name), f"must be at most {_MAX_CLASSES:,} strings")
        texts = tuple(self._text(self._at(name), value) for value in values)
        if form and not all(form.fullmatch(text) for text in texts):
            raise _config_error(self._at(name), "must contain only letters, digits and hyphens")
        return texts

    def choices(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Return a list of strings that must all be in `known`."""
        found = self.texts(name, ())
        if not set(found) <= set(known):
            raise _config_error(self._at(name), f"may only contain {', '.join(known)}")
        return found

    def plain_json(self, name: str) -> Mapping[str, Any]:
        """Return an object of plain JSON values, with limits on numbers and depth."""
        values = self.fields(name, _EMPTY).values
        _check_plain(self._at(name), values, _MAX_DEPTH)
        return values

    def finish(self, optional: Iterable[str] = ()) -> None:
        """Reject fields that were not read and are not in `optional`."""
        if unknown := sorted(set(self.values) - self._read - set(optional)):
            raise _config_error(self._at(unknown[0][:40]), "is unknown")

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _get(self, name: str, default: object) -> Any:
        self._read.add(name)
        value = self.values.get(name, default)
        if value is None:
            raise _config_error(self._at(name), "is missing")
        return value

    def _list(self, name: str, default: tuple[Any, ...] | None) -> Collection[Any]:
        values = self._get(name, default)
        if not isinstance(values, (list, tuple)):
            raise _config_error(self._at(name), "must be a list")
        return values

    def _text(self, at: str, value: object) -> str:
        if not isinstance(value, str) or _CONTROL_CHARS.search(value) or len(value) > _MAX_CHARS:
            raise _config_error(at, f"must be text on one line, at most {_MAX_CHARS:,} characters")
        return value

    def _number(self, at: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise _config_error(at, f"must be a number from {low:g} to {high:g}")
        return float(value)


def _check_plain(at: str, value: object, depth: int) -> None:
    if isinstance(value, Mapping) and depth:
        for name, each in value.items():
            _check_plain(f"{at}.{name[:40]}", each, depth - 1)
    elif isinstance(value, (list, tuple)) and depth:
        for each in value:
            _check_plain(at, each, depth - 1)
    elif (
        isinstance(value, (bool, str))
        or value is None
        or (isinstance(value, int) and abs(value) <= _MAX_INTEGER)
    ):
        return
    elif not isinstance(value, float) or not math.isfinite(value):
        raise _config_error(
            at, f"must be text, a number up to {_MAX_INTEGER:,}, or a list or object of these"
        )


def _join_counts(counts: Collection[int]) -> str:
    return " or ".join(str(count) for count in counts)


def _config_error(at: str, fact: str) -> BundleError:
    return BundleError("config.json", f"is invalid: {at} {fact}", "Use a bundle written by `postlens train`.")
