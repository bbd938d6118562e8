"""A model bundle: one folder with everything that scoring needs, loaded without network access, pickle or code.

Bundles are untrusted input. Every defect raises a `BundleError`.

config.json         `ModelConfig`
model.safetensors   every weight: fp16, 8 or 4 bits on disk (see `compression`), float32 in memory
tokenizer.json ...  the text encoder's tokenizer; those of its branches are in folders, such as en/
metrics.json        metrics measured by `postlens train`
MODEL_CARD.md       the same metrics in readable form
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import BundleError
from analysis.imports import gc_paused
from analysis.model.bundle_files import (
    get_bundle_file,
    has_bundle_file,
    read_bundle_json,
    read_bundle_text,
    wrap_bundle_errors,
)
from analysis.model.config import EncoderConfig, Head, ModelConfig
from analysis.model.tokenizer import load_tokenizer, name_tokenizer_file
from analysis.settings import Settings

if TYPE_CHECKING:
    from torch import nn
    from transformers import BatchEncoding, PreTrainedTokenizerBase

    from analysis.model.compiled import CompiledCache
    from analysis.model.network import MultimodalModel

SHIPPED = Path(__file__).parent / "bundles"
PREPROCESSING_VERSION = 1
"""Bump when preprocessing of texts or images changes: stored encodings are then recomputed."""
CONFIG, WEIGHTS, METRICS, CARD = "config.json", "model.safetensors", "metrics.json", "MODEL_CARD.md"
_BLOCK = 2**20  # bytes read at once for hashing


@dataclass(frozen=True)
class Bundle:
    """A loaded model, its configuration and its tokenizer.

    Attributes:
        folder: The bundle's folder.
        config: Encoders, fusion and heads.
        model: The network, in evaluation mode, float32 on the CPU.
        tokenizers: The text encoder's tokenizers by branch; a text encoder without branches has one, "".
        sha256: Hash of config.json and model.safetensors, 64 hexadecimal digits.
        lock: Held while the network scores, and while explanations hook its layers.
    """

    folder: Path
    config: ModelConfig
    model: MultimodalModel
    tokenizers: Mapping[str, PreTrainedTokenizerBase]
    sha256: str
    lock: threading.RLock = field(default_factory=threading.RLock, compare=False)

    @property
    def name(self) -> str:
        """The bundle's name, such as "compact"."""
        return self.config.name

    @property
    def id(self) -> str:
        """Name and first 8 digits of the hash, as in the report's `model` column."""
        return f"{self.name}@{self.sha256[:8]}"

    @cached_property
    def encoders_id(self) -> str:
        """Hash of everything that affects encodings, 16 hexadecimal digits. Heads do not affect it."""
        from analysis.model.facts import compute_encoders_id

        return self.model.facts.encoders_id if self.model.facts else compute_encoders_id(self)

    @cached_property
    def weight_bits(self) -> Mapping[str, int]:
        """8 or 4 for each compressed weight, by name; other weights are stored in fp16."""
        from analysis.model.weights import read_weight_bits

        return read_weight_bits(get_bundle_file(self.folder, WEIGHTS), f"{self.folder.name}/{WEIGHTS}")

    def list_encoder_places(self) -> list[tuple[str, list[str]]]:
        """List the modalities with the branches of their encoders, in the order that encodings depend on."""
        return [(name, list(part.branches)) for name, part in self.config.encoders.items()]

    @cached_property
    def shares_id(self) -> str:
        """Hash of all that affects what parts add to the sentiment (`part_encoders`), 16 hexadecimal digits."""
        from analysis.model.facts import compute_shares_id

        return self.model.facts.shares_id if self.model.facts else compute_shares_id(self)

    @cached_property
    def part_encoders(self) -> Mapping[str, Mapping[str, nn.Module]]:
        """Encoders that also output what the parts of a post add to its sentiment, by modality and branch.

        See `build_part_encoders`. Modalities whose parts cannot be scored this way are omitted. Empty if texts are
        among them: words then come from integrated gradients, and so do image regions.
        """
        from analysis.model.parts import SCORED_HEAD

        built = {name: self.find_part_encoders(name, SCORED_HEAD) for name in self.config.encoders}
        found = {name: encoders for name, encoders in built.items() if encoders}
        return found if "text" in found else {}

    @property
    def part_modalities(self) -> tuple[str, ...]:
        """The modalities of `part_encoders`, which need not be built to know them if an earlier run has."""
        return self.model.facts.part_modalities if self.model.facts else tuple(self.part_encoders)

    def encoder_digest(self, modality: str, branch: str) -> str:
        """Return a hash of the code and the weights of an encoder that an engine runs, which is computed once.

        Args:
            modality: Its modality.
            branch: Its branch; "" for an encoder without branches.
        """
        from analysis.model.facts import hash_encoder

        if self.model.facts:
            return self.model.facts.encoder_digests[modality][branch]
        known = self._known_digests
        if (modality, branch) not in known:
            known[modality, branch] = hash_encoder(self, modality, branch)
        return known[modality, branch]

    def find_part_encoders(self, modality: str, head: str) -> Mapping[str, nn.Module]:
        """Return the result of `build_part_encoders`, which is built once."""
        from analysis.model.parts import build_part_encoders

        known = self._known_part_encoders
        if (modality, head) not in known:
            known[modality, head] = build_part_encoders(self, modality, head)
        return known[modality, head]

    @cached_property
    def _known_part_encoders(self) -> dict[tuple[str, str], Mapping[str, nn.Module]]:
        return {}

    @cached_property
    def _known_digests(self) -> dict[tuple[str, str], str]:
        return {}

    @property
    def heads(self) -> Mapping[str, Head]:
        """The heads by name."""
        return self.config.heads

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The text encoder's first tokenizer, or the only one."""
        return next(iter(self.tokenizers.values()))

    def text_config(self, branch: str) -> EncoderConfig:
        """Return the configuration of a branch of the text encoder; "" for an encoder without branches."""
        config = self.config.encoders["text"]
        return config.branches[branch] if branch else config

    def text_encoder(self, branch: str) -> nn.Module:
        """Return a branch of the text encoder; "" for an encoder without branches."""
        encoder = self.model.encoders["text"]
        return encoder.get_submodule(f"branches.{branch}") if branch else encoder

    def tokenize(self, texts: str | list[str], branch: str = "", **options: Any) -> BatchEncoding:
        """Tokenize cleaned texts, truncated to the text encoder's maximum length.

        Args:
            texts: One text or several.
            branch: The branch of the text encoder that reads them; "" for an encoder without branches.
            options: Passed to the tokenizer.

        Raises:
            BundleError: The tokenizer fails, for example because one of its patterns gives up on a text.
        """
        longest = self.text_config(branch).max_tokens
        with wrap_bundle_errors(f"{self.folder.name}/{name_tokenizer_file(branch)}"):
            return self.tokenizers[branch](texts, truncation=True, max_length=longest, **options)

    def with_encoder_copy(self, modality: str) -> Bundle:
        """Return a bundle with a copy of one encoder; everything else is shared.

        Code that only hooks the copy does not need the lock.
        """
        original = self.model
        others = (encoder for name, encoder in original.encoders.items() if name != modality)
        shared = (original.fusion, original.heads, original.space, *others)
        with self.lock:
            model = deepcopy(original, {id(part): part for part in shared})
        return replace(self, model=model, lock=threading.RLock())

    @property
    def metrics(self) -> dict[str, Any]:
        """Metrics measured during training; empty if the bundle has none.

        Raises:
            BundleError: metrics.json is malformed.
        """
        if not has_bundle_file(self.folder, METRICS):
            return {}
        values = read_bundle_json(self.folder, METRICS, Settings().max_model_json_bytes, finite=False)
        for name in ("evaluations", "own_labels"):
            found = values.get(name, {})
            if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
                raise BundleError(
                    f"{self.folder.name}/{METRICS}",
                    f"has an invalid {name} table",
                    "Use a bundle written by `postlens train`, or remove the file.",
                )
        return values

    @property
    def card(self) -> str:
        """The model card, Markdown; "" if the bundle has none. The content is untrusted.

        Raises:
            BundleError: MODEL_CARD.md is not UTF-8 text.
        """
        return (
            read_bundle_text(self.folder, CARD, Settings().max_model_json_bytes)
            if has_bundle_file(self.folder, CARD)
            else ""
        )


@gc_paused()
def load_model(bundle: str | Path = "compact", cache: CompiledCache | None = None) -> Bundle:
    """Load a bundle from disk.

    Args:
        bundle: Name of a bundle that ships with PostLens, or the path of a bundle's folder.
        cache: Knows bundles that earlier runs loaded; the encoders of such a bundle are only loaded when they are
            used. None to load everything.

    Returns:
        The bundle, ready to score and checked on sample inputs.

    Raises:
        BundleError: The bundle does not exist, a file is missing or malformed, the weights do not match the
            configuration, or the model does not run.

    Example:
        >>> load_model().config.heads["sentiment"].classes
        ('negative', 'neutral', 'positive')
    """
    from analysis.model.deferred import defer_encoders, load_network
    from analysis.model.facts import compute_facts_key, load_facts
    from analysis.model.trial import check_bundle

    folder = _find_folder(bundle)
    config = _read_config(folder)
    branches = config.encoders["text"].branches or ("",)
    tokenizers = {branch: load_tokenizer(folder, Settings(), branch) for branch in branches}
    digest = hash_bundle_files(folder)
    facts = load_facts(cache, compute_facts_key(folder, digest, tokenizers)) if cache else None
    if facts:
        return Bundle(folder, config, defer_encoders(folder, config, digest, facts), tokenizers, digest)
    loaded = Bundle(folder, config, load_network(folder, config), tokenizers, digest)
    check_bundle(loaded)
    return loaded


def load_config(bundle: str | Path = "compact") -> ModelConfig:
    """Read only a bundle's configuration, without the weights; see `load_model` for arguments and errors."""
    return _read_config(_find_folder(bundle))


def build_model(config: ModelConfig, pretrained: bool = False) -> MultimodalModel:
    """Build the network that a configuration describes; see `build_encoder` for `pretrained`."""
    from analysis.model.builders import build_encoder
    from analysis.model.network import MultimodalModel, build_fusion_and_space

    encoders = {modality: build_encoder(part, pretrained) for modality, part in config.encoders.items()}
    fusion, space = build_fusion_and_space(config)
    return MultimodalModel(encoders, fusion, config.heads, space)


def _find_folder(bundle: str | Path) -> Path:
    thing = f"Model {str(bundle)[:200]!r}"
    if not isinstance(bundle, (str, os.PathLike)):
        raise BundleError(thing, f"is of the type {type(bundle).__name__}", "Give a name or a folder.")
    with wrap_bundle_errors(thing, "Use the name of a shipped bundle or the path of a bundle's folder."):
        for folder in (SHIPPED / bundle, Path(bundle)):
            if os.path.lexists(folder / CONFIG):  # whether it is a regular file is checked when it is read
                return folder
    shipped = sorted(path.parent.name for path in SHIPPED.glob(f"*/{CONFIG}"))
    raise BundleError(
        thing,
        f"was not found: it is neither a shipped bundle nor a folder with a {CONFIG}",
        f"Shipped bundles: {', '.join(shipped) or 'none'}.",
    )


def _read_config(folder: Path) -> ModelConfig:
    return ModelConfig.from_json(read_bundle_json(folder, CONFIG, Settings().max_model_json_bytes))


def hash_bundle_files(bundle: str | Path) -> str:
    """Compute `Bundle.sha256` without loading the model; see `load_model` for arguments and errors."""
    folder = _find_folder(bundle)
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        path = get_bundle_file(folder, name)
        with wrap_bundle_errors(f"{folder.name}/{name}"), path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()
