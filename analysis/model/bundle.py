"""A model bundle: one folder with all that scoring needs, loaded without network and without pickle.

config.json         `ModelConfig`
model.safetensors   every weight, fp16 on disk, float32 in memory
tokenizer.json ...  the text encoder's tokenizer
metrics.json        what `postlens train` measured
MODEL_CARD.md       the same for people
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import BundleError
from analysis.imports import uncollected
from analysis.model.config import Head, ModelConfig

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from analysis.model.network import MultimodalModel

SHIPPED = Path(__file__).parent / "bundles"
ENCODING_FORM = 1
"""To be raised when texts or pictures are brought to the encoders otherwise: kept encodings are then made anew."""
CONFIG, WEIGHTS, METRICS, CARD = "config.json", "model.safetensors", "metrics.json", "MODEL_CARD.md"


@dataclass(frozen=True)
class Bundle:
    """A loaded model with what belongs to it.

    Attributes:
        folder: Where it stands.
        config: What it is made of.
        model: The network, in evaluation mode, float32 on the CPU.
        tokenizer: The text encoder's tokenizer.
        sha256: Of config.json and model.safetensors, 64 hexadecimal digits.
        lock: Held while anyone scores, or explains with hooks on layers of the shared network.
    """

    folder: Path
    config: ModelConfig
    model: MultimodalModel
    tokenizer: PreTrainedTokenizerBase
    sha256: str
    lock: threading.RLock = field(default_factory=threading.RLock, compare=False)

    @property
    def name(self) -> str:
        """The bundle's name, such as "compact"."""
        return self.config.name

    @property
    def id(self) -> str:
        """Name and the first 8 digits of the hash: what the report's `model` column says."""
        return f"{self.name}@{self.sha256[:8]}"

    @cached_property
    def encoders_id(self) -> str:
        """Hash of all that encodings depend on, 16 hexadecimal digits; bundles that differ in heads share it."""
        from safetensors import safe_open

        parts = {modality: asdict(part) for modality, part in self.config.encoders.items()}
        tokenizer = json.loads((self.folder / "tokenizer.json").read_text(encoding="utf-8"))
        for last_used in ("truncation", "padding"):
            tokenizer.pop(last_used, None)
        digest = hashlib.sha256(json.dumps([ENCODING_FORM, parts, tokenizer], sort_keys=True).encode())
        with safe_open(self.folder / WEIGHTS, "numpy") as weights:
            for name in sorted(name for name in weights.keys() if name.startswith("encoders.")):  # noqa: SIM118
                digest.update(name.encode() + weights.get_tensor(name).tobytes())
        return digest.hexdigest()[:16]

    @property
    def heads(self) -> Mapping[str, Head]:
        """The heads by name."""
        return self.config.heads

    def with_own_encoder(self, modality: str) -> Bundle:
        """Copy one encoder, so that layer hooks on it are nobody else's concern; everything else stays shared.

        Work that hooks the copy alone needs no lock, however long it takes.
        """
        whole = self.model
        others = (encoder for name, encoder in whole.encoders.items() if name != modality)
        shared = (whole.fusion, whole.heads, whole.space, *others)
        with self.lock:
            model = deepcopy(whole, {id(part): part for part in shared})
        return replace(self, model=model, lock=threading.RLock())

    @property
    def metrics(self) -> dict[str, Any]:
        """What was measured when it was trained; empty where the bundle holds no metrics."""
        path = self.folder / METRICS
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    @property
    def card(self) -> str:
        """The model card, Markdown; "" where the bundle holds none."""
        path = self.folder / CARD
        return path.read_text(encoding="utf-8") if path.exists() else ""


@uncollected()
def load_model(bundle: str | Path = "compact") -> Bundle:
    """Load a bundle from disk.

    Args:
        bundle: Name of a bundle shipped with PostLens, or a bundle's folder.

    Returns:
        The bundle, ready to score.

    Raises:
        BundleError: There is no such bundle, a file is missing or damaged, or weights and configuration differ.

    Example:
        >>> load_model().config.heads["sentiment"].classes
        ('negative', 'neutral', 'positive')
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    folder = _find(bundle)
    config = ModelConfig.from_json(_read_config(folder))
    try:
        weights = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise BundleError(
            f"{folder.name}/{WEIGHTS}", f"cannot be read ({error})", "Copy the bundle's folder again."
        ) from error
    model = build_model(config)
    wanted = model.state_dict()
    strange = [name for name in {*weights, *wanted} if _shape(weights, name) != _shape(wanted, name)]
    if strange:
        raise BundleError(
            f"{folder.name}/{WEIGHTS}",
            f"does not fit config.json ({len(strange)} of {len(wanted)} weights differ, such as {min(strange)})",
            "Use a bundle whose files were written together.",
        )
    model.load_state_dict(weights)  # fp16 is widened to float32 here
    return Bundle(
        folder,
        config,
        model.eval().requires_grad_(False),
        AutoTokenizer.from_pretrained(folder),
        _hash(folder),
    )


def build_model(config: ModelConfig, pretrained: bool = False) -> MultimodalModel:
    """Build the network that a configuration describes; `pretrained` is explained at `build_encoder`."""
    from analysis.model.encoders import build_encoder
    from analysis.model.fusion import build_fusion
    from analysis.model.network import MultimodalModel
    from analysis.model.space import SharedSpace

    encoders = {modality: build_encoder(part, pretrained) for modality, part in config.encoders.items()}
    dims = {modality: part.dim for modality, part in config.encoders.items()}
    space = SharedSpace(dims, config.space) if config.space else None
    return MultimodalModel(encoders, build_fusion(dims, config.fusion), config.heads, space)


def save_bundle(
    folder: Path,
    config: ModelConfig,
    model: MultimodalModel,
    tokenizer: PreTrainedTokenizerBase,
    metrics: Mapping[str, Any],
    card: str,
) -> None:
    """Write a bundle's folder; weights are rounded to fp16.

    Args:
        folder: Where to; made if missing, files of the same names are replaced.
        config: What the model is made of.
        model: The trained network.
        tokenizer: The text encoder's tokenizer.
        metrics: JSON values for metrics.json.
        card: Markdown for MODEL_CARD.md.

    Raises:
        BundleError: The folder cannot be written.
    """
    import torch
    from safetensors.torch import save_file

    try:
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save_pretrained(folder)
        weights = {
            name: (value.half() if torch.is_floating_point(value) else value).contiguous()
            for name, value in model.state_dict().items()
        }
        save_file(weights, folder / WEIGHTS)
        _write_json(folder / CONFIG, config.to_json())
        _write_json(folder / METRICS, metrics)
        (folder / CARD).write_text(card, encoding="utf-8")
    except OSError as error:
        raise BundleError(
            str(folder), f"cannot be written ({error})", "Name a folder that you may write to."
        ) from error


def _find(bundle: str | Path) -> Path:
    for folder in (SHIPPED / bundle, Path(bundle)):
        if (folder / CONFIG).is_file():
            return folder
    shipped = sorted(path.parent.name for path in SHIPPED.glob(f"*/{CONFIG}"))
    raise BundleError(
        f"Model {str(bundle)!r}",
        f"was not found: it is neither a shipped bundle nor a folder with a {CONFIG}",
        f"Shipped bundles: {', '.join(shipped) or 'none'}.",
    )


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{folder.name}/{CONFIG}", f"cannot be read ({error})", "Copy the bundle's folder again."
        ) from error
    return values if isinstance(values, dict) else {}


def _shape(weights: Mapping[str, Any], name: str) -> tuple[int, ...] | None:
    return tuple(weights[name].shape) if name in weights else None


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
