"""Parses config.json: checks the type and range of every value before anything is built from it.

Bundles are untrusted, so the configuration is validated like any other input. `analysis.model.config` documents
the values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from analysis.model.config import (
    BY_LANGUAGE,
    OTHER,
    SENTIMENTS,
    EncoderConfig,
    FusionConfig,
    Head,
    ModelConfig,
    SpaceConfig,
)
from analysis.model.json_fields import MAX_ENTRIES, Fields, config_error
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
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MAX_UNITS = 65_536
"""Units of one layer; the largest published encoders have 8,192."""
_MAX_BRANCHES = 8
_MAX_QUANTILES = 10_000
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
    root = Fields("", values)
    name = root.name("name", _BUNDLE_NAME)
    encoders = root.fields("encoders")
    modalities = tuple(encoders.values)
    if not set(REQUIRED) <= set(modalities) <= set(MODALITIES):
        optional = sorted(set(MODALITIES) - set(REQUIRED))
        also = f"; optional: {', '.join(optional)}" if optional else ""
        raise config_error("encoders", f"must be {' and '.join(REQUIRED)}{also}")
    parts = {
        modality: _parse_encoder(encoders.fields(modality), modality, settings) for modality in modalities
    }
    fusion = _parse_fusion(root.fields("fusion"))
    heads = _parse_heads(root.fields("heads"), modalities)
    space = _parse_space(root.fields("space"), modalities) if root.values.get("space") is not None else None
    languages = root.texts("languages", ("en",), _LANGUAGE)
    root.finish(("space",))
    return ModelConfig(name, parts, fusion, heads, space, languages)


def _parse_encoder(part: Fields, modality: str, settings: Settings) -> EncoderConfig:
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
        branches=_parse_branches(part.fields("branches", _EMPTY), settings),
        certainty=part.number("certainty", 0.0, 1.0, 0.95),
        share_rank=part.integer("share_rank", 0, _MAX_UNITS, 0),
    )
    part.finish()
    _check_branches(part.path, config)
    return config


def _parse_branches(part: Fields, settings: Settings) -> dict[str, EncoderConfig]:
    found = {}
    for name in part.values:
        if name != OTHER and not _LANGUAGE.fullmatch(name):
            raise config_error(f"{part.path}.{name[:40]}", f"must be the code of a language, or {OTHER!r}")
        branch = part.fields(name)
        if branch.values.get("branches"):
            raise config_error(f"{branch.path}.branches", "must be empty: a branch has no branches")
        found[name] = _parse_encoder(branch, "text", settings)
    return found


def _check_branches(path: str, config: EncoderConfig) -> None:
    """Check that an encoder has branches if it needs them, and that sizes and ranks fit."""
    branches = config.branches
    most = config.dim if config.kind == "transformers" else 0
    if config.share_rank > most:
        raise config_error(f"{path}.share_rank", f"must be at most {most} for the kind {config.kind!r}")
    if config.kind != BY_LANGUAGE:
        if branches:
            raise config_error(f"{path}.branches", f"must be empty for the kind {config.kind!r}")
        return
    if OTHER not in branches or not 2 <= len(branches) <= _MAX_BRANCHES:
        raise config_error(f"{path}.branches", f"must be {OTHER!r} and 1 to {_MAX_BRANCHES - 1} languages")
    if any(branch.kind != "transformers" for branch in branches.values()):
        raise config_error(f"{path}.branches", "must all be of the kind 'transformers'")
    if config.dim != sum(branch.dim for branch in branches.values()) + len(branches):
        raise config_error(f"{path}.dim", "must be the sum of the branches' sizes plus their number")


def _parse_fusion(part: Fields) -> FusionConfig:
    config = FusionConfig(
        width=part.integer("width", 0, _MAX_UNITS, 0),
        hidden=part.integer("hidden", 0, _MAX_UNITS, 0),
        dropout=part.number("dropout", 0.0, 1.0, 0.0),
        kind=part.choice("kind", ("additive", "concat", "gated", "bilinear"), "concat"),
        rank=part.integer("rank", 0, 64, 4),
    )
    part.finish()
    return config


def _parse_space(part: Fields, modalities: Collection[str]) -> SpaceConfig:
    dim = part.integer("dim", 1, _MAX_UNITS)
    hidden = part.fields("hidden", _EMPTY)
    sizes = {name: hidden.integer(name, 0, _MAX_UNITS) for name in modalities if name in hidden.values}
    hidden.finish()
    dropout = part.number("dropout", 0.0, 1.0, 0.0)
    unrelated = part.numbers("unrelated", -1.0, 1.0, (), range(_MAX_QUANTILES + 1))
    part.finish()
    if list(unrelated) != sorted(unrelated):
        raise config_error("space.unrelated", "must be ascending")
    return SpaceConfig(dim, sizes, dropout, unrelated)


def _parse_heads(part: Fields, modalities: Collection[str]) -> dict[str, Head]:
    if not 0 < len(part.values) <= MAX_ENTRIES:
        raise config_error("heads", f"must contain 1 to {MAX_ENTRIES:,} heads")
    return {name: _parse_head(part.fields(name), name, modalities) for name in part.values}


def _parse_head(part: Fields, key: str, modalities: Collection[str]) -> Head:
    name = part.name("name", _NAME)
    if name != key:
        raise config_error(f"{part.path}.name", f"must be {key!r}, the key of the head")
    exclusive = part.flag("exclusive", True)
    classes = part.texts("classes", None, _NAME)
    minimum = 2 if exclusive else 1
    if not minimum <= len(classes) <= MAX_ENTRIES or len(set(classes)) < len(classes):
        raise config_error(f"{part.path}.classes", f"must be {minimum} to {MAX_ENTRIES:,} different names")
    if name == "sentiment" and (not exclusive or set(classes) != set(SENTIMENTS)):
        raise config_error(
            f"{part.path}.classes", f"must be {', '.join(SENTIMENTS)}, and the head must be exclusive"
        )
    titles = part.texts("titles")
    if len(titles) != len(classes) or not all(title.strip() for title in titles):
        raise config_error(f"{part.path}.titles", f"must be {len(classes)} titles, one for each class")
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
