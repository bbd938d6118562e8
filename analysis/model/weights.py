"""Saves the weights of a network, and loads them after checking that both match without allocating memory for either.

A tensor is stored in fp16, or in 8 or 4 bits with its scales in a second tensor, `<name>.scale`; see `compression`.

A config.json can describe a network of any size. So the network is first built on PyTorch's "meta" device, where
tensors have shapes but no memory. It is only built in memory if the weights file contains every tensor.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from analysis.errors import BundleError, PostLensError
from analysis.model.bundle_files import first_line_of_error, wrap_bundle_errors
from analysis.model.compression import can_come_from_compress, compress, decompress, measure_scales
from analysis.settings import MB

_TYPES = {
    "F16": torch.float16,
    "F32": torch.float32,
    "I64": torch.int64,
    "I32": torch.int32,
    "BOOL": torch.bool,
}
_BITS = {"I8": 8, "U8": 4}
_SCALE, _SCALE_TYPE = ".scale", "BF16"
_CLASSIFIER_TENSORS = 64
"""Allowance for the tensors of a classifier, which is built and then removed."""
_MAX_BUFFER_BYTES = 64 * MB
"""Allowance for tensors that are not in the file, such as position ids."""
_REMEDY = "Use a bundle whose files were written together."

Model = TypeVar("Model", bound=nn.Module)
Shapes = Mapping[str, tuple[tuple[int, ...], torch.dtype | None]]
"""Shape and type of each tensor by name."""
Header = Mapping[str, tuple[tuple[int, ...], str]]
"""Shape and type of each stored tensor by name, with the names of types in safetensors."""


def save_weights(path: Path, model: nn.Module, bits: Mapping[str, int]) -> None:
    """Write the weights of a network to a safetensors file.

    Args:
        path: The file.
        model: The network.
        bits: 8 or 4 for tensors to compress, by name; other floating-point tensors are rounded to fp16.

    Raises:
        ValueError: A tensor cannot be stored in these bits.
    """
    from safetensors.torch import save_file

    weights: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        if name in bits:
            codes, scales = compress(value, bits[name])
            weights |= {name: codes.contiguous(), name + _SCALE: scales.contiguous()}
        else:
            weights[name] = (value.half() if value.is_floating_point() else value).contiguous()
    save_file(weights, path)


def read_weight_bits(path: Path, thing: str) -> dict[str, int]:
    """Read which weights of a safetensors file are compressed.

    Args:
        path: The file.
        thing: File name for error messages.

    Returns:
        8 or 4 by name of the tensor; tensors that are not compressed are missing.

    Raises:
        BundleError: The file is damaged.
    """
    from safetensors import safe_open

    with wrap_bundle_errors(thing), safe_open(path, "pt") as file:
        return _find_bits(_read_header(file))


def load_weights(path: Path, thing: str, build: Callable[[], Model], without: str | None = None) -> Model:
    """Build a network and load its weights.

    Args:
        path: A safetensors file; floating-point tensors in half or single precision, or compressed.
        thing: File name for error messages.
        build: Builds the network with arbitrary weights.
        without: Start of the names of tensors in the file that the network does not have; None if it has all.

    Returns:
        The network, with floating-point weights in single precision.

    Raises:
        BundleError: The file is damaged, does not match the network, or contains values that are not finite.
    """
    from safetensors import safe_open

    with wrap_bundle_errors(thing), safe_open(path, "pt") as file:
        header = _read_header(file)
        bits = _find_bits(header)
        stored = {
            name: shape
            for name, shape in _list_stored_shapes(header, bits).items()
            if without is None or not name.startswith(without)
        }
        _compare_shapes(stored, _list_expected_shapes(build, stored, thing), thing)
        model = build()
        for name, weight in sorted(model.state_dict().items()):  # state_dict shares the memory of the network
            _load_weight(file, name, weight, name in bits, thing)
    return model


def _read_header(file: Any) -> Header:
    parts = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    return {name: (tuple(part.get_shape()), part.get_dtype()) for name, part in parts.items()}


def _find_bits(header: Header) -> dict[str, int]:
    """Find the tensors with codes and scales of matching shapes."""
    return {
        name: _BITS[type_]
        for name, (shape, type_) in header.items()
        if type_ in _BITS
        and name + _SCALE in header
        and header[name + _SCALE]
        == (measure_scales(_unpacked_shape(shape, _BITS[type_]), _BITS[type_]), _SCALE_TYPE)
    }


def _list_stored_shapes(header: Header, bits: Mapping[str, int]) -> Shapes:
    """List the tensors of a file as they are when decompressed; the type is None if it is not allowed."""
    return {
        name: (_unpacked_shape(shape, bits[name]), torch.float32)
        if name in bits
        else (shape, _TYPES.get(type_))
        for name, (shape, type_) in header.items()
        if name.removesuffix(_SCALE) not in bits or name in bits
    }


def _unpacked_shape(shape: tuple[int, ...], bits: int) -> tuple[int, ...]:
    """Return the shape of weights from that of their codes: in 4 bits, each byte holds two values."""
    return (*shape[:-1], shape[-1] * 2) if bits == 4 and shape else shape


def _load_weight(file: Any, name: str, weight: Tensor, compressed: bool, thing: str) -> None:
    """Read a tensor into a weight of the network."""
    value = file.get_tensor(name)
    scales = file.get_tensor(name + _SCALE) if compressed else None
    weight.copy_(value if scales is None else decompress(value, scales))  # converts fp16 to float32
    if not _is_finite(weight):
        fact = "contains values that are not finite numbers"
    elif scales is not None and not can_come_from_compress(value, scales):
        fact = "contains compressed values that are not as PostLens writes them"
    else:
        return
    raise BundleError(thing, f"{fact} ({name[:100]})", "Copy or train the bundle again.")


def _list_expected_shapes(build: Callable[[], nn.Module], stored: Shapes, thing: str) -> Shapes:
    with _limit_tensors(len(stored) + _CLASSIFIER_TENSORS, thing), torch.device("meta"):
        try:
            model = build()
        except PostLensError:
            raise
        except Exception as error:  # such as a head with a name reserved by PyTorch
            raise _mismatch_error(thing, first_line_of_error(error)) from error
    distinct = {id(each): each for each in [*model.parameters(), *model.buffers()]}.values()
    loaded = sum(math.prod(shape) * (8 if type_ == torch.int64 else 4) for shape, type_ in stored.values())
    if sum(each.numel() * each.element_size() for each in distinct) > loaded + _MAX_BUFFER_BYTES:
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
    """Return whether all values are finite; the maximum is found ten times as fast as `isfinite` of every value."""
    if not values.is_floating_point() or not values.numel():
        return True
    return bool(torch.isfinite(values.abs().amax()))


def _mismatch_error(thing: str, fact: str) -> BundleError:
    return BundleError(thing, f"does not match config.json ({fact})", _REMEDY)
