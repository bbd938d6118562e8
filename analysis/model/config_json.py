"""Reads config.json: every value is checked for its type and range before anything is built from it.

A bundle may come from anywhere, so its configuration is checked like any other input. What the values mean is
`analysis.model.config`.
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
from analysis.settings import Settings

KINDS: Mapping[str, tuple[str, ...]] = {
    "text": ("transformers", "clip-text"),
    "image": ("timm", "torchvision", "clip-image"),
}
"""Encoder kinds of each modality; the modalities in the order of the presence mask."""
POOLINGS = ("mean", "cls", "projection")
TEMPERATURES = (0.01, 100.0)
"""Fitted temperatures lie between 0.05 and 20."""
_NAME = re.compile(r"\w[\w-]{0,254}")  # a class or head: part of a column's name
_BUNDLE_NAME = re.compile(r"[\w.-][\w .-]{0,254}")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MOST_UNITS = 65_536
"""Of one layer; the largest published encoders have 8,192."""
_MOST_CLASSES = 1_000
_MOST_QUANTILES = 10_000
_MOST_CHARS = 1_000
_MOST_WHOLE = 2**20
"""For whole numbers of an architecture: the largest, sizes of vocabularies, are about 256,000."""
_DEPTH = 8
_EMPTY: Mapping[str, Any] = {}


def parse_config(values: object, settings: Settings | None = None) -> ModelConfig:
    """Check the values of a config.json.

    Args:
        values: What JSON gave.
        settings: Limits.

    Returns:
        The configuration.

    Raises:
        BundleError: A value is missing, unknown, of the wrong type or out of range.
    """
    settings = settings or Settings()
    whole = _Fields("", values)
    name = whole.name("name", _BUNDLE_NAME)
    encoders = whole.fields("encoders")
    if tuple(encoders.values) != tuple(KINDS):
        raise _refusal("encoders", f"must be {' and '.join(KINDS)}, in this order")
    parts = {modality: _encoder(encoders.fields(modality), modality, settings) for modality in KINDS}
    fusion = _fusion(whole.fields("fusion"))
    heads = _heads(whole.fields("heads"))
    space = _space(whole.fields("space")) if whole.values.get("space") is not None else None
    languages = whole.texts("languages", ("en",), _LANGUAGE)
    whole.finish(("space",))
    return ModelConfig(name, parts, fusion, heads, space, languages)


def _encoder(part: _Fields, modality: str, settings: Settings) -> EncoderConfig:
    config = EncoderConfig(
        kind=part.choice("kind", KINDS[modality]),
        name=part.text("name"),
        dim=part.whole("dim", 1, _MOST_UNITS),
        pooling=part.choice("pooling", POOLINGS, "mean"),
        max_tokens=part.whole("max_tokens", 4, settings.max_encoder_tokens, 128),
        side=part.whole("side", settings.min_image_side, settings.max_encoder_side, 224),
        mean=part.numbers("mean", 0.0, 1.0, (0.5, 0.5, 0.5), (3,)),
        std=part.numbers("std", 0.001, 10.0, (0.5, 0.5, 0.5), (3,)),
        explained_layer=part.text("explained_layer", ""),
        weights=part.text("weights", ""),
        architecture=part.plain_json("architecture"),
    )
    part.finish()
    return config


def _fusion(part: _Fields) -> FusionConfig:
    config = FusionConfig(
        width=part.whole("width", 0, _MOST_UNITS, 0),
        hidden=part.whole("hidden", 0, _MOST_UNITS, 0),
        dropout=part.number("dropout", 0.0, 1.0, 0.0),
        kind=part.choice("kind", ("concat", "gated", "bilinear"), "concat"),
        rank=part.whole("rank", 0, 64, 4),
    )
    part.finish()
    return config


def _space(part: _Fields) -> SpaceConfig:
    dim = part.whole("dim", 1, _MOST_UNITS)
    hidden = part.fields("hidden", _EMPTY)
    sizes = {name: hidden.whole(name, 0, _MOST_UNITS) for name in KINDS if name in hidden.values}
    hidden.finish()
    dropout = part.number("dropout", 0.0, 1.0, 0.0)
    unrelated = part.numbers("unrelated", -1.0, 1.0, (), range(_MOST_QUANTILES + 1))
    part.finish()
    if list(unrelated) != sorted(unrelated):
        raise _refusal("space.unrelated", "must be ascending")
    return SpaceConfig(dim, sizes, dropout, unrelated)


def _heads(part: _Fields) -> dict[str, Head]:
    if not 0 < len(part.values) <= _MOST_CLASSES:
        raise _refusal("heads", f"must be 1 to {_MOST_CLASSES:,}")
    return {name: _head(part.fields(name), name) for name in part.values}


def _head(part: _Fields, key: str) -> Head:
    name = part.name("name", _NAME)
    if name != key:
        raise _refusal(f"{part.path}.name", f"must be {key!r}, as the head is listed")
    exclusive = part.flag("exclusive", True)
    classes = part.texts("classes", None, _NAME)
    least = 2 if exclusive else 1
    if not least <= len(classes) <= _MOST_CLASSES or len(set(classes)) < len(classes):
        raise _refusal(f"{part.path}.classes", f"must be {least} to {_MOST_CLASSES:,} different names")
    if name == "sentiment" and (not exclusive or set(classes) != set(SENTIMENTS)):
        raise _refusal(f"{part.path}.classes", f"must be {', '.join(SENTIMENTS)}, of which one holds")
    titles = part.texts("titles")
    if len(titles) != len(classes) or not all(title.strip() for title in titles):
        raise _refusal(f"{part.path}.titles", f"must be {len(classes)}, one for each class")
    head = Head(
        name,
        classes,
        titles,
        exclusive,
        temperature=part.number("temperature", *TEMPERATURES, 1.0),
        alone=part.numbers("alone", *TEMPERATURES, (), (0, len(KINDS))),
        reads=part.modalities("reads"),
        values=part.numbers("values", -1e6, 1e6, (), (0, len(classes))),
        needs=part.modalities("needs"),
    )
    part.finish()
    return head


class _Fields:
    """The fields of one JSON object; those that were read are crossed off.

    Args:
        path: Where the object is in the file, such as "heads.topic".
        values: The object.
    """

    def __init__(self, path: str, values: object) -> None:
        self.path = path
        if not isinstance(values, Mapping):
            raise _refusal(path or "It", "must be a JSON object")
        self.values: Mapping[str, Any] = values
        self._read: set[str] = set()

    def fields(self, name: str, default: object = None) -> _Fields:
        """Give an object within this one."""
        return _Fields(self._at(name), self._get(name, default))

    def text(self, name: str, default: str | None = None) -> str:
        """Give a text without line breaks and control characters."""
        return self._text(self._at(name), self._get(name, default))

    def name(self, name: str, form: re.Pattern[str]) -> str:
        """Give a text of a form."""
        value = self.text(name)
        if not form.fullmatch(value):
            raise _refusal(self._at(name), "must be of letters, digits and hyphens")
        return value

    def choice(self, name: str, known: Collection[str], default: str | None = None) -> str:
        """Give one of some texts."""
        value = self.text(name, default)
        if value not in known:
            raise _refusal(
                self._at(name), f"is {value[:40]!r}, which is unknown; use one of {', '.join(known)}"
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Give true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise _refusal(self._at(name), "must be true or false")
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Give a whole number in a range."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _refusal(self._at(name), f"must be a whole number from {low:,} to {high:,}")
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Give a number in a range."""
        return self._number(self._at(name), self._get(name, default), low, high)

    def numbers(
        self, name: str, low: float, high: float, default: tuple[float, ...], counts: Collection[int]
    ) -> tuple[float, ...]:
        """Give a list of numbers in a range."""
        values = self._list(name, default)
        if len(values) not in counts:
            allowed = f"{min(counts):,} to {max(counts):,}" if isinstance(counts, range) else _either(counts)
            raise _refusal(self._at(name), f"must be {allowed} numbers")
        return tuple(self._number(self._at(name), value, low, high) for value in values)

    def texts(
        self, name: str, default: tuple[str, ...] | None = None, form: re.Pattern[str] | None = None
    ) -> tuple[str, ...]:
        """Give a list of texts."""
        values = self._list(name, default)
        if len(values) > _MOST_CLASSES:
            raise _refusal(self._at(name), f"must be {_MOST_CLASSES:,} texts at most")
        texts = tuple(self._text(self._at(name), value) for value in values)
        if form and not all(form.fullmatch(text) for text in texts):
            raise _refusal(self._at(name), "must be of letters, digits and hyphens")
        return texts

    def modalities(self, name: str) -> tuple[str, ...]:
        """Give a list of modalities."""
        found = self.texts(name, ())
        if not set(found) <= set(KINDS):
            raise _refusal(self._at(name), f"must be of {', '.join(KINDS)}")
        return found

    def plain_json(self, name: str) -> Mapping[str, Any]:
        """Give an object of JSON values, of numbers in range."""
        values = self.fields(name, _EMPTY).values
        _check_plain(self._at(name), values, _DEPTH)
        return values

    def finish(self, also: Iterable[str] = ()) -> None:
        """Refuse fields that were not read."""
        if unknown := sorted(set(self.values) - self._read - set(also)):
            raise _refusal(self._at(unknown[0][:40]), "is unknown")

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _get(self, name: str, default: object) -> Any:
        self._read.add(name)
        value = self.values.get(name, default)
        if value is None:
            raise _refusal(self._at(name), "is missing")
        return value

    def _list(self, name: str, default: tuple[Any, ...] | None) -> Collection[Any]:
        values = self._get(name, default)
        if not isinstance(values, (list, tuple)):
            raise _refusal(self._at(name), "must be a list")
        return values

    def _text(self, at: str, value: object) -> str:
        if not isinstance(value, str) or _UNREADABLE.search(value) or len(value) > _MOST_CHARS:
            raise _refusal(at, f"must be text on one line, of {_MOST_CHARS:,} characters at most")
        return value

    def _number(self, at: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise _refusal(at, f"must be a number from {low:g} to {high:g}")
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
        or (isinstance(value, int) and abs(value) <= _MOST_WHOLE)
    ):
        return
    elif not isinstance(value, float) or not math.isfinite(value):
        raise _refusal(at, f"must be text, a number up to {_MOST_WHOLE:,}, or a list or object of such")


def _either(counts: Collection[int]) -> str:
    return " or ".join(str(count) for count in counts)


def _refusal(at: str, fact: str) -> BundleError:
    return BundleError(
        "config.json", f"does not describe a model: {at} {fact}", "Use a bundle written by `postlens train`."
    )
