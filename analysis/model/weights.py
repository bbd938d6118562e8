"""Loads weights into a network, after checking that both match without allocating memory for either.

A config.json can describe a network of any size. So the network is first built on PyTorch's "meta" device, where
tensors have shapes but no memory. It is only built in memory if the weights file contains every tensor.
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
from analysis.model.bundle_files import first_line_of_error, wrap_bundle_errors
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
_CLASSIFIER_TENSORS = 64
"""Allowance for the tensors of a classifier, which is built and then removed."""
_MAX_BUFFER_BYTES = 64 * MB
"""Allowance for tensors that are not in the file, such as position ids."""
_REMEDY = "Use a bundle whose files were written together."

Shapes = Mapping[str, tuple[tuple[int, ...], torch.dtype | None]]
"""Shape and type of each tensor by name."""


def load_weights(path: Path, thing: str, build: Callable[[], MultimodalModel]) -> MultimodalModel:
    """Build a network and load its weights.

    Args:
        path: A safetensors file; floating-point tensors in half or single precision.
        thing: File name for error messages.
        build: Builds the network with arbitrary weights.

    Returns:
        The network, with floating-point weights in single precision.

    Raises:
        BundleError: The file is damaged, does not match the network, or contains values that are not finite.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file

    with wrap_bundle_errors(thing), safe_open(path, "pt") as file:
        parts = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        stored = {
            name: (tuple(part.get_shape()), _TYPES.get(part.get_dtype())) for name, part in parts.items()
        }
    _compare_shapes(stored, _list_expected_shapes(build, len(stored), path.stat().st_size, thing), thing)
    with wrap_bundle_errors(thing):
        weights = load_file(path)
    if not_finite := sorted(name for name, value in weights.items() if not _is_finite(value)):
        raise BundleError(
            thing,
            f"contains values that are not finite numbers ({not_finite[0]})",
            "Copy or train the bundle again.",
        )
    with wrap_bundle_errors(thing):
        model = build()
        model.load_state_dict(weights)  # converts fp16 to float32
    return model


def _list_expected_shapes(
    build: Callable[[], MultimodalModel], tensors: int, size: int, thing: str
) -> Shapes:
    with _limit_tensors(tensors + _CLASSIFIER_TENSORS, thing), torch.device("meta"):
        try:
            model = build()
        except PostLensError:
            raise
        except Exception as error:  # such as a head with a name reserved by PyTorch
            raise _mismatch_error(thing, first_line_of_error(error)) from error
    distinct = {id(each): each for each in [*model.parameters(), *model.buffers()]}.values()
    if sum(each.numel() * each.element_size() for each in distinct) > 2 * size + _MAX_BUFFER_BYTES:
        raise _mismatch_error(thing, "config.json describes a larger network")
    return {name: (tuple(value.shape), value.dtype) for name, value in model.state_dict().items()}


def _compare_shapes(stored: Shapes, expected: Shapes, thing: str) -> None:
    different = [
        name for name in {*stored, *expected} if not _is_compatible(stored.get(name), expected.get(name))
    ]
    if different:
        fact = f"{len(different)} of {len(expected)} weights differ, such as {min(different)[:100]}"
        raise _mismatch_error(thing, fact)


def _is_compatible(
    stored: tuple[tuple[int, ...], torch.dtype | None] | None,
    expected: tuple[tuple[int, ...], torch.dtype | None] | None,
) -> bool:
    if (
        stored is None
        or expected is None
        or stored[1] is None
        or expected[1] is None
        or stored[0] != expected[0]
    ):
        return False
    return stored[1] == expected[1] or (stored[1].is_floating_point and expected[1].is_floating_point)


@contextmanager
def _limit_tensors(tensors: int, thing: str) -> Iterator[None]:
    """Stop building a network that has more parameters than the file: a million layers would take hours."""
    created, thread = 0, threading.get_ident()

    def count(_module: nn.Module, _name: str, _parameter: object) -> None:
        nonlocal created
        if threading.get_ident() == thread:
            created += 1
            if created > tensors:
                raise _mismatch_error(thing, "config.json describes a larger network")

    hook = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        hook.remove()


def _is_finite(values: Tensor) -> bool:
    return not values.is_floating_point() or bool(torch.isfinite(values).all())


def _mismatch_error(thing: str, fact: str) -> BundleError:
    return BundleError(thing, f"does not match config.json ({fact})", _REMEDY)
