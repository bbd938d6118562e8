"""What runs the encoders: PyTorch, which is always there, or OpenVINO, several times as fast on a processor.

An engine only encodes. Fusion, heads and explanations are PyTorch's; they cost next to nothing beside it, or need
gradients. In full precision both engines give the same encodings to 1e-5. bfloat16, which OpenVINO would take by
itself where the processor has it, is refused: it moved a probability by up to 0.036 on 128 posts of MVSA.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.bundle import Bundle

log = logging.getLogger(__name__)

ENGINES = ("auto", "openvino", "torch")
"""What `choose_engine` knows by name."""

_TELEMETRY = "openvino_telemetry"

Inputs = Mapping[str, Tensor]
"""What an encoder's `forward` takes, by its names."""


class Engine(Protocol):
    """Runs a bundle's encoders; safe to be used by several threads."""

    name: str

    def encode(self, modality: str, batches: Iterable[Inputs]) -> Iterator[Tensor]:
        """Encode batches of one modality, in their order: (posts, dim) float32 on the CPU for each.

        The next batches may be asked for before the first result is given.
        """
        ...


class TorchEngine:
    """Runs the encoders in PyTorch: on CUDA or Apple's GPU where there is one, else on the processor.

    Args:
        bundle: The model. On the processor its own encoders run, and its lock is taken for one batch at a time, so
            that explanations get their turn; on a GPU a copy runs.
        device: Of PyTorch; None for the best there is.
    """

    def __init__(self, bundle: Bundle, device: str | None = None) -> None:
        self._device = torch.device(device or best_device())
        self.name = f"torch ({self._device.type})"
        self._bundle = bundle
        self._encoders = bundle.model.encoders
        if self._device.type != "cpu":
            with bundle.lock:
                self._encoders = deepcopy(bundle.model.encoders).to(self._device)

    def encode(self, modality: str, batches: Iterable[Inputs]) -> Iterator[Tensor]:
        """See `Engine.encode`."""
        for inputs in batches:
            with self._bundle.lock, torch.inference_mode():
                given = {name: values.to(self._device) for name, values in inputs.items()}
                yield self._encoders[modality](**given).cpu()


class OpenVinoEngine:
    """Runs the encoders of text and pictures in OpenVINO on the processor, some batches at once.

    Args:
        bundle: The model; compiled here, which takes about 5 s.
        threads: Of the processor; None for all.

    Raises:
        BundleError: OpenVINO is not installed, or cannot run these encoders.
    """

    name = "openvino"

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        try:
            with _no_telemetry():
                import openvino
                import openvino.frontend.pytorch.ts_decoder  # what converting needs
        except ImportError as error:
            raise BundleError(
                "Engine openvino",
                "is not installed",
                "Run `pip install openvino`, or choose the engine torch.",
            ) from error
        options: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
            options["ENABLE_CPU_PINNING"] = False  # other workers would be pinned to the same cores
        core = openvino.Core()
        self._torch = TorchEngine(bundle, "cpu")
        self._compiled: dict[str, Any] = {}
        self._idle: dict[str, list[list[Any]]] = {}
        try:
            for modality, example in _examples(bundle).items():
                with bundle.lock:
                    network = _converted(bundle.model.encoders[modality], example)
                self._compiled[modality] = core.compile_model(network, "CPU", options)
                self._idle[modality] = []
        except Exception as error:  # what OpenVINO cannot do it says in errors of many types
            raise BundleError(
                f"Engine openvino cannot run {bundle.name}:",
                f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}",
                "Choose the engine torch.",
            ) from error

    def encode(self, modality: str, batches: Iterable[Inputs]) -> Iterator[Tensor]:
        """See `Engine.encode`."""
        if modality not in self._compiled:
            yield from self._torch.encode(modality, batches)
            return
        mine, busy = self._take(modality), deque[Any]()
        try:
            for number, inputs in enumerate(batches):
                if len(busy) == len(mine):
                    yield _result(busy.popleft())
                request = mine[number % len(mine)]
                request.start_async({name: values.numpy() for name, values in inputs.items()})
                busy.append(request)
            while busy:
                yield _result(busy.popleft())
        finally:
            for request in busy:  # of a caller that wants no more
                request.wait()
            self._idle[modality].append(mine)

    def _take(self, modality: str) -> list[Any]:
        """Take requests that nobody uses; they hold the memory that they work in, so that few are made."""
        try:
            return self._idle[modality].pop()
        except IndexError:
            compiled = self._compiled[modality]
            at_once = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            return [compiled.create_infer_request() for _ in range(at_once + 1)]


def choose_engine(
    bundle: Bundle,
    wanted: str = "auto",
    posts: int | None = None,
    openvino_from: int = 0,
    threads: int | None = None,
) -> Engine:
    """Choose what runs the encoders.

    Args:
        bundle: The model.
        wanted: "openvino" or "torch"; "auto" is PyTorch where there is a GPU, else OpenVINO if it is there.
        posts: How many there are in all to score; None for many.
        openvino_from: "auto" takes PyTorch for fewer posts than this: compiling takes longer than they do.
        threads: Of the processor, for OpenVINO; None for all. PyTorch's are set by `torch.set_num_threads`.

    Raises:
        BundleError: There is no such engine, or the one that was asked for cannot run.
    """
    if wanted not in ENGINES:
        raise BundleError(f"Engine {wanted!r}", "is unknown", f"Use one of {', '.join(ENGINES)}.")
    few = posts is not None and posts < openvino_from
    if wanted == "torch" or (wanted == "auto" and (few or best_device() != "cpu")):
        return TorchEngine(bundle)
    try:
        return OpenVinoEngine(bundle, threads)
    except BundleError as error:
        if wanted == "openvino":
            raise
        log.warning("%s PostLens goes on with PyTorch, which is slower.", error)
        return TorchEngine(bundle)


def best_device() -> str:
    """Name the fastest device that PyTorch has here: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def _no_telemetry() -> Iterator[None]:
    """Keep OpenVINO from reporting its import: within this block `openvino_telemetry` cannot be imported.

    Importing OpenVINO writes a client id into the home folder and sends an event to an analytics host, without
    consent. Without `openvino_telemetry` it falls back to an empty class of its own, for good.
    """
    before = {_TELEMETRY: sys.modules[_TELEMETRY]} if _TELEMETRY in sys.modules else {}
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # makes importing it an ImportError
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]
        sys.modules.update(before)


def _examples(bundle: Bundle) -> dict[str, dict[str, Tensor]]:
    """Give inputs of text and pictures to trace the encoders with; other modalities stay with PyTorch."""
    side = bundle.config.encoders["image"].side
    tokens = torch.ones(2, 16, dtype=torch.long)
    return {
        "text": {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)},
        "image": {"pixels": torch.zeros(2, 3, side, side)},
    }


def _converted(encoder: nn.Module, example: Inputs) -> Any:
    """Convert an encoder, traced on an example, to OpenVINO's form.

    By its front end: `openvino.convert_model` does the same in more steps, and reports its use over the network where
    OpenVINO was imported before PostLens.
    """
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    frontend = FrontEndManager().load_by_framework("pytorch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what tracing cannot follow: that results hold is tested
        decoder = TorchScriptPythonDecoder(encoder, example_input=dict(example))
        return frontend.convert(frontend.load(decoder))


def _result(request: Any) -> Tensor:
    request.wait()
    return torch.from_numpy(request.get_output_tensor(0).data.copy())
