"""What loading a bundle in full has found out about it, kept for later runs.

A run that finds these facts knows that the bundle was loaded and checked before, and need not build its encoders if
compiled ones serve (`analysis.model.compiled`).
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open

from analysis.environment import describe_processor, list_versions
from analysis.model.bundle import PREPROCESSING_VERSION, WEIGHTS, Bundle
from analysis.model.bundle_files import (
    get_bundle_file,
    has_bundle_file,
    read_bundle_json,
    wrap_bundle_errors,
)
from analysis.model.parts import SCORED_HEAD, list_branches
from analysis.model.tokenizer import TOKENIZER, TOKENIZER_CONFIG, name_tokenizer_file
from analysis.settings import Settings

if TYPE_CHECKING:
    from analysis.model.compiled import CompiledCache

log = logging.getLogger(__name__)

_FORMAT = 1
"""Bump when facts or checks of bundles change."""


@dataclass(frozen=True)
class BundleFacts:
    """Facts about a bundle that was loaded and checked.

    Attributes:
        encoders_id: See `Bundle.encoders_id`.
        shares_id: See `Bundle.shares_id`.
        part_modalities: See `Bundle.part_modalities`.
        encoder_digests: See `Bundle.encoder_digest`; by modality and branch.
    """

    encoders_id: str
    shares_id: str
    part_modalities: tuple[str, ...]
    encoder_digests: Mapping[str, Mapping[str, str]]


def compute_facts_key(folder: Path, digest: str, branches: Mapping[str, object]) -> str:
    """Hash everything that the facts about a bundle depend on: its files, the code, the software and the machine.

    Args:
        folder: The bundle's folder.
        digest: `Bundle.sha256`.
        branches: The bundle's tokenizers by branch.

    Returns:
        64 hexadecimal digits.
    """
    machine = [platform.system(), platform.machine(), describe_processor()]
    found = hashlib.sha256(json.dumps([_FORMAT, digest, list(branches), machine, list_versions()]).encode())
    names = [
        name_tokenizer_file(branch, name) for branch in branches for name in (TOKENIZER, TOKENIZER_CONFIG)
    ]
    files = [get_bundle_file(folder, name) for name in names if has_bundle_file(folder, name)]
    for path in [*files, *sorted(Path(__file__).parent.rglob("*.py"))]:
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)} ".encode() + content)
    return found.hexdigest()


def load_facts(cache: CompiledCache, key: str) -> BundleFacts | None:
    """Load the facts stored under a key; None if there are none."""
    content = cache.load(key)
    if content is None:
        return None
    try:
        values: dict[str, Any] = json.loads(content)
        return BundleFacts(**values | {"part_modalities": tuple(values["part_modalities"])})
    except (ValueError, TypeError, KeyError) as error:
        log.warning("facts about a bundle are ignored: %s", error)
        return None


def store_facts(cache: CompiledCache, bundle: Bundle) -> None:
    """Store the facts about a bundle that was loaded in full."""
    digests = {
        modality: {branch: bundle.encoder_digest(modality, branch) for branch in branches or [""]}
        for modality, branches in bundle.list_encoder_places()
    }
    parts = bundle.part_modalities
    facts = BundleFacts(bundle.encoders_id, bundle.shares_id if parts else "", parts, digests)
    key = compute_facts_key(bundle.folder, bundle.sha256, bundle.tokenizers)
    cache.store(key, json.dumps(asdict(facts)).encode())


def compute_encoders_id(bundle: Bundle) -> str:
    """Compute `Bundle.encoders_id`."""
    parts = {modality: asdict(part) for modality, part in bundle.config.encoders.items()}
    tokenizers = {
        branch: read_bundle_json(bundle.folder, name_tokenizer_file(branch), Settings().max_tokenizer_bytes)
        for branch in bundle.tokenizers
    }
    for tokenizer in tokenizers.values():
        for last_used in ("truncation", "padding"):
            tokenizer.pop(last_used, None)
    facts = [PREPROCESSING_VERSION, bundle.list_encoder_places(), parts, tokenizers]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    path = get_bundle_file(bundle.folder, WEIGHTS)
    with wrap_bundle_errors(f"{bundle.folder.name}/{WEIGHTS}"), safe_open(path, "pt") as weights:
        for name in sorted(name for name in weights.keys() if name.startswith("encoders.")):  # noqa: SIM118
            stored = weights.get_tensor(name).reshape(-1).view(torch.uint8)
            digest.update(name.encode() + stored.numpy().tobytes())
    return digest.hexdigest()[:16]


def compute_shares_id(bundle: Bundle) -> str:
    """Compute `Bundle.shares_id`."""
    head = asdict(bundle.heads[SCORED_HEAD])
    del head["column_options"]
    digest = hashlib.sha256(json.dumps([bundle.encoders_id, head], sort_keys=True).encode())
    weights = {**bundle.model.fusion.state_dict(), **bundle.model.heads[SCORED_HEAD].state_dict()}
    for name in sorted(weights):
        digest.update(name.encode() + weights[name].numpy().tobytes())
    return digest.hexdigest()[:16]


def hash_encoder(bundle: Bundle, modality: str, branch: str) -> str:
    """Hash the code and the weights of an encoder, and of the one of `Bundle.part_encoders`; see `encoder_digest`."""
    digest = hashlib.sha256()
    encoder = list_branches(bundle, modality)[branch]
    # The encoder with parts may refer to the network by a function, so that its own weights are not all.
    for module in (encoder, bundle.part_encoders.get(modality, {}).get(branch, encoder)):
        digest.update(type(module).__qualname__.encode())
        digest.update(Path(inspect.getfile(type(module))).read_bytes())  # its computation may change too
        for name, value in sorted(module.state_dict().items()):
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
            digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()
