"""Loads weights into a network, after comparing the file with the network without allocating memory for either.

A config.json can describe a network of any size. The network is built first on PyTorch's "meta" device, where tensors
have shapes but no memory. It is built with memory only if the weights file has every tensor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from analysis.errors import BundleError, PostLensError
from analysis.model.bundle_files import first_line, readable
from analysis.settings import MB

if TYPE_CHECKING:
    from analysis.model.network import MultimodalModel

_TYPES = {
    "F16": torch.float16,
    "F32": torch.float32,
    "I64": torch.int64,
    "I32": torch.int32,
    "BOOL": torch.bool,
}
_CLASSIFIER = 64
"""Tensors of a published network's classifier, which is built and then removed."""
_BUFFERS = 64 * MB
"""Bytes of tensors that a network creates itself, such as position ids."""
_TOGETHER = "Use a bundle whose files were written together."

Shapes = Mapping[str, tuple[tuple[int, ...], torch.dtype | None]]
"""Shape and type of each tensor by name."""


def load_weights(path: Path, thing: str, build: Callable[[], MultimodalModel]) -> MultimodalModel:
    """Build a network and load its weights.

    Args:
        path: A safetensors file; floating-point tensors in half or single precision.
        thing: Name of the file for errors.
        build: Builds the network, with any weights.

    Returns:
        The network; floating-point weights are single precision.

    Raises:
        BundleError: The file is damaged, does not fit the network, or has numbers that are not finite.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file

    with readable(thing), safe_open(path, "pt") as file:
        parts = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        held = {name: (tuple(part.get_shape()), _TYPES.get(part.get_dtype())) for name, part in parts.items()}
    _compare(held, _wanted(build, len(held), path.stat().st_size, thing), thing)
    with readable(thing):
        weights = load_file(path)
    if endless := sorted(name for name, value in weights.items() if not _finite(value)):
        raise BundleError(
            thing,
            f"holds values that are not finite numbers ({endless[0]})",
            "Copy or train the bundle again.",
        )
    with readable(thing):
        model = build()
        model.load_state_dict(weights)  # fp16 is widened to float32 here
    return model


def _wanted(build: Callable[[], MultimodalModel], tensors: int, size: int, thing: str) -> Shapes:
    with _at_most(tensors + _CLASSIFIER, thing), torch.device("meta"):
        try:
            model = build()
        except PostLensError:
            raise
        except Exception as error:  # such as a head with a name that PyTorch reserves
            raise _misfit(thing, first_line(error)) from error
    tensors_made = {id(each): each for each in [*model.parameters(), *model.buffers()]}.values()
    if sum(each.numel() * each.element_size() for each in tensors_made) > 2 * size + _BUFFERS:
        raise _misfit(thing, "config.json describes a larger network")
    return {name: (tuple(value.shape), value.dtype) for name, value in model.state_dict().items()}


def _compare(held: Shapes, wanted: Shapes, thing: str) -> None:
    strange = [name for name in {*held, *wanted} if not _fits(held.get(name), wanted.get(name))]
    if strange:
        fact = f"{len(strange)} of {len(wanted)} weights differ, such as {min(strange)[:100]}"
        raise _misfit(thing, fact)


def _fits(
    held: tuple[tuple[int, ...], torch.dtype | None] | None,
    wanted: tuple[tuple[int, ...], torch.dtype | None] | None,
) -> bool:
    if held is None or wanted is None or held[1] is None or wanted[1] is None or held[0] != wanted[0]:
        return False
    return held[1] == wanted[1] or (held[1].is_floating_point and wanted[1].is_floating_point)


@contextmanager
def _at_most(tensors: int, thing: str) -> Iterator[None]:
    """Stop building a network with more parameters than the file has: a million layers would take hours."""
    made, thread = 0, threading.get_ident()

    def count(_module: nn.Module, _name: str, _parameter: object) -> None:
        nonlocal made
        if threading.get_ident() == thread:
            made += 1
            if made > tensors:
                raise _misfit(thing, "config.json describes a larger network")

    hook = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        hook.remove()


def _finite(values: Tensor) -> bool:
    return not values.is_floating_point() or bool(torch.isfinite(values).all())


def _misfit(thing: str, fact: str) -> BundleError:
    return BundleError(thing, f"does not fit config.json ({fact})", _TOGETHER)
