"""Reuses encoders that OpenVINO has compiled in an earlier run: what to store, and under which key.

An entry starts with a hash of the encoder's outputs for an example. They are compared when it is loaded, so that an
encoder from the cache gives the same encodings, to the last bit, as one that was just compiled.
"""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Protocol

import torch
from torch import Tensor

from analysis.environment import installed_version
from analysis.model.bundle import Bundle
from analysis.model.bundle_files import first_line_of_error

log = logging.getLogger(__name__)

_FORMAT = 1
"""Bump when the content of entries changes."""
_PACKAGES = ("postlens", "openvino", "torch", "torchvision", "timm", "transformers")
_HASH_BYTES = 32


class CompiledCache(Protocol):
    """Keeps compiled encoders between runs: `analysis.workspace.CompiledEncoders`. It raises no errors."""

    def load(self, key: str) -> bytes | None:
        """Return the content stored under a key; None if there is none."""
        ...

    def store(self, key: str, content: bytes) -> None:
        """Store content under a key, if possible."""
        ...


def compute_compiled_key(bundle: Bundle, modality: str, branch: str, options: Mapping[str, Any]) -> str:
    """Hash everything that a compiled encoder depends on.

    Args:
        bundle: The model.
        modality: Whose encoder is compiled.
        branch: Which branch of it; "" for an encoder without branches.
        options: The device and how it compiles.

    Returns:
        64 hexadecimal digits.
    """
    machine = [platform.system(), platform.machine(), torch.backends.cpu.get_cpu_capability(), os.cpu_count()]
    versions = {name: installed_version(name) for name in _PACKAGES}
    config = asdict(bundle.config.encoders[modality])
    facts = [
        _FORMAT,
        modality,
        branch,
        bundle.list_encoder_places(),
        config,
        dict(options),
        machine,
        versions,
        bundle.encoder_digest(modality, branch),
    ]
    return sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def load_compiled(
    core: Any, cache: CompiledCache, key: str, example: Mapping[str, Tensor], options: Mapping[str, Any]
) -> Any | None:
    """Load a compiled encoder from the cache.

    Args:
        core: An `openvino.Core`.
        cache: The cache.
        key: From `compute_compiled_key`.
        example: Inputs of the encoder, those of `store_compiled`.
        options: How it is compiled.

    Returns:
        An `openvino.CompiledModel`; None if there is none, or if it does not give the same outputs.
    """
    entry = cache.load(key)
    if entry is None:
        return None
    try:
        compiled = core.import_model(entry[_HASH_BYTES:], "CPU", dict(options))
        if _hash_outputs(compiled, example) == entry[:_HASH_BYTES]:
            return compiled
        fact = "its outputs have changed"
    except Exception as error:  # OpenVINO raises errors of many types
        fact = first_line_of_error(error)
    log.warning("compiled encoder %s will be compiled again: %s", key[:16], fact)
    return None


def store_compiled(compiled: Any, cache: CompiledCache, key: str, example: Mapping[str, Tensor]) -> None:
    """Store a compiled encoder in the cache; see `load_compiled` for arguments. Failures are only logged."""
    try:
        entry = _hash_outputs(compiled, example) + compiled.export_model().getvalue()
    except Exception as error:  # some operations cannot be exported
        log.warning("compiled encoder %s cannot be stored: %s", key[:16], error)
        return
    cache.store(key, entry)


def _hash_outputs(compiled: Any, example: Mapping[str, Tensor]) -> bytes:
    request = compiled.create_infer_request()
    request.infer({name: values.numpy() for name, values in example.items()})
    digest = sha256()
    for output in request.output_tensors:
        digest.update(output.data.tobytes())
    return digest.digest()
