"""Engines that run the encoders: PyTorch, which is always installed, or OpenVINO, several times as fast on a CPU.

An engine only encodes. Fusion, heads and explanations always use PyTorch: they take little time or need gradients. In
full precision, the encodings of both engines agree to 1e-5. By default, OpenVINO uses bfloat16 on CPUs that support
it. That is disabled here, because it changed probabilities by up to 0.036 on 128 posts of MVSA.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.bundle import Bundle
from analysis.model.compiled import CompiledCache, compute_compiled_key, load_compiled, store_compiled
from analysis.model.modalities import get_modality
from analysis.model.parts import list_branches

log = logging.getLogger(__name__)

ENGINES = ("auto", "openvino", "torch")
"""Engine names for `choose_engine`."""

_TELEMETRY = "openvino_telemetry"

Inputs = Mapping[str, Tensor]
"""Arguments of an encoder's `forward`, by name."""


class EncodedBatch(NamedTuple):
    """The results for one batch, float32 on the CPU.

    Attributes:
        vectors: Encodings, (rows, dim).
        numbers: What `AdditiveFusion.compute_shares` needs of each token or position, (rows, parts, numbers); None
            for modalities that are not in `Bundle.part_encoders`.
    """

    vectors: Tensor
    numbers: Tensor | None


class Engine(Protocol):
    """Runs a bundle's encoders; thread-safe."""

    name: str

    def encode(self, modality: str, batches: Iterable[Inputs], branch: str = "") -> Iterator[EncodedBatch]:
        """Encode batches of one modality, and of one branch of its encoder, in order.

        Several batches may be read before the first result is returned.
        """
        ...


class TorchEngine:
    """Runs the encoders in PyTorch: on an NVIDIA or Apple GPU if there is one, else on the CPU.

    Args:
        bundle: The model. On the CPU its own encoders run, and its lock is released between batches so that
            explanations are not blocked. On a GPU, copies of the encoders run.
        device: PyTorch device; None for the fastest available.
    """

    def __init__(self, bundle: Bundle, device: str | None = None) -> None:
        self._device = torch.device(device or choose_device())
        self.name = f"torch ({self._device.type})"
        self._bundle = bundle
        self._encoders = list_encoders(bundle)
        if self._device.type != "cpu":
            with bundle.lock:
                copies = deepcopy(self._encoders)
            self._encoders = {key: encoder.to(self._device) for key, encoder in copies.items()}

    def encode(self, modality: str, batches: Iterable[Inputs], branch: str = "") -> Iterator[EncodedBatch]:
        """See `Engine.encode`."""
        for inputs in batches:
            with self._bundle.lock, torch.inference_mode():
                on_device = {name: values.to(self._device) for name, values in inputs.items()}
                yield _pack_outputs(self._encoders[modality, branch](**on_device))


class OpenVinoEngine:
    """Runs the encoders in OpenVINO on the CPU, several batches at once.

    Args:
        bundle: The model; compiling it takes about 3 s.
        threads: CPU threads; None for all.
        cache: Keeps compiled encoders between runs; None for none.

    Raises:
        BundleError: OpenVINO is not installed, or cannot run these encoders.
    """

    name = "openvino"

    def __init__(
        self, bundle: Bundle, threads: int | None = None, cache: CompiledCache | None = None
    ) -> None:
        try:
            with _block_telemetry():
                import openvino
                import openvino.frontend.pytorch.ts_decoder  # needed for conversion
        except ImportError as error:
            raise BundleError(
                "Engine openvino",
                "is not installed",
                "Run `pip install openvino`, or choose the engine torch.",
            ) from error
        options: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
            options["ENABLE_CPU_PINNING"] = False  # otherwise other workers would be pinned to the same cores
        core = openvino.Core()
        self._bundle = bundle
        self._compiled: dict[tuple[str, str], Any] = {}
        self._idle: dict[tuple[str, str], list[list[Any]]] = {}
        try:
            for key in _list_encoder_keys(bundle):
                example = get_modality(key[0]).example(bundle.config.encoders[key[0]])
                if example is None:  # PyTorch runs this encoder
                    continue
                self._compiled[key] = _load_or_compile(core, bundle, key, example, options, cache)
                self._idle[key] = []
        except Exception as error:  # OpenVINO raises errors of many types
            raise BundleError(
                f"Engine openvino cannot run {bundle.name}:",
                f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}",
                "Choose the engine torch.",
            ) from error

    def encode(self, modality: str, batches: Iterable[Inputs], branch: str = "") -> Iterator[EncodedBatch]:
        """See `Engine.encode`."""
        key = modality, branch
        if key not in self._compiled:
            yield from TorchEngine(self._bundle, "cpu").encode(modality, batches, branch)
            return
        requests, busy = self._take(key), deque[Any]()
        try:
            for number, inputs in enumerate(batches):
                if len(busy) == len(requests):
                    yield _wait_for_result(busy.popleft())
                request = requests[number % len(requests)]
                request.start_async({name: values.numpy() for name, values in inputs.items()})
                busy.append(request)
            while busy:
                yield _wait_for_result(busy.popleft())
        finally:
            for request in busy:  # the caller stopped early
                request.wait()
            self._idle[key].append(requests)

    def _take(self, key: tuple[str, str]) -> list[Any]:
        """Take idle requests, or create new ones. Each request has its own working memory, so few are created."""
        try:
            return self._idle[key].pop()
        except IndexError:
            compiled = self._compiled[key]
            at_once = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            return [compiled.create_infer_request() for _ in range(at_once + 1)]


def list_encoders(bundle: Bundle) -> dict[tuple[str, str], nn.Module]:
    """List the encoders that an engine runs by modality and branch; if possible, those of `Bundle.part_encoders`."""
    return {
        (modality, branch): encoder
        for modality in bundle.model.modalities
        for branch, encoder in (bundle.part_encoders.get(modality) or list_branches(bundle, modality)).items()
    }


def _list_encoder_keys(bundle: Bundle) -> list[tuple[str, str]]:
    """List the keys of `list_encoders` without the encoders, which may not be loaded."""
    return [(name, branch) for name, branches in bundle.list_encoder_places() for branch in branches or [""]]


def choose_engine(
    bundle: Bundle,
    wanted: str = "auto",
    posts: int | None = None,
    openvino_from: int = 0,
    threads: int | None = None,
    cache: CompiledCache | None = None,
) -> Engine:
    """Choose the engine that runs the encoders.

    Args:
        bundle: The model.
        wanted: "openvino", "torch", or "auto": PyTorch if there is a GPU, else OpenVINO if it is installed.
        posts: Number of posts to score; None for many.
        openvino_from: With "auto", PyTorch is used for fewer posts than this, because compiling would take longer.
        threads: CPU threads for OpenVINO; None for all. PyTorch's are set by `torch.set_num_threads`.
        cache: Keeps encoders compiled by OpenVINO between runs; None for none.

    Raises:
        BundleError: The engine is unknown or cannot run.
    """
    if wanted not in ENGINES:
        raise BundleError(f"Engine {wanted!r}", "is unknown", f"Use one of {', '.join(ENGINES)}.")
    few = posts is not None and posts < openvino_from
    if wanted == "torch" or (wanted == "auto" and (few or choose_device() != "cpu")):
        return TorchEngine(bundle)
    try:
        return OpenVinoEngine(bundle, threads, cache)
    except BundleError as error:
        if wanted == "openvino":
            raise
        log.warning("%s Falling back to PyTorch, which is slower.", error)
        return TorchEngine(bundle)


def choose_device() -> str:
    """Return the fastest device available to PyTorch: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def _block_telemetry() -> Iterator[None]:
    """Block OpenVINO's telemetry: within this block, `openvino_telemetry` cannot be imported.

    On import, OpenVINO writes a client id to the home folder and sends an event to an analytics host, without
    consent. If `openvino_telemetry` is missing, it uses an empty class for the rest of the process.
    """
    before = {_TELEMETRY: sys.modules[_TELEMETRY]} if _TELEMETRY in sys.modules else {}
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # importing it raises ImportError
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]
        sys.modules.update(before)


def _load_or_compile(
    core: Any,
    bundle: Bundle,
    key: tuple[str, str],
    example: Inputs,
    options: Mapping[str, Any],
    cache: CompiledCache | None,
) -> Any:
    """Load a compiled encoder from the cache, or compile it and store it there.

    Args:
        core: An `openvino.Core`.
        bundle: The model.
        key: Modality and branch, see `list_encoders`.
        example: Inputs of the encoder.
        options: How it is compiled.
        cache: The cache; None for none.
    """
    cache_key = ""
    if cache is not None:
        device = core.get_property("CPU", "FULL_DEVICE_NAME")
        cache_key = compute_compiled_key(bundle, *key, {"device": device, **options})
        if (found := load_compiled(core, cache, cache_key, example, options)) is not None:
            return found
    with bundle.lock:
        network = _convert_encoder(list_encoders(bundle)[key], example)
    compiled = core.compile_model(network, "CPU", dict(options))
    if cache is not None:
        store_compiled(compiled, cache, cache_key, example)
    return compiled


def _convert_encoder(encoder: nn.Module, example: Inputs) -> Any:
    """Convert an encoder, traced on an example, to an OpenVINO model.

    This calls the front end directly, because `openvino.convert_model` sends telemetry if OpenVINO was imported
    before PostLens.
    """
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    frontend = FrontEndManager().load_by_framework("pytorch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about untraceable code; tests compare the results
        decoder = TorchScriptPythonDecoder(encoder, example_input=dict(example))
        return frontend.convert(frontend.load(decoder))


def _wait_for_result(request: Any) -> EncodedBatch:
    request.wait()
    outputs = [torch.from_numpy(each.data.copy()) for each in request.output_tensors]
    return EncodedBatch(outputs[0], outputs[1] if len(outputs) > 1 else None)


def _pack_outputs(outputs: Tensor | tuple[Tensor, Tensor]) -> EncodedBatch:
    if isinstance(outputs, tuple):
        return EncodedBatch(outputs[0].cpu(), outputs[1].cpu())
    return EncodedBatch(outputs.cpu(), None)
