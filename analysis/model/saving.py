"""Writes a bundle; `analysis.model.bundle` loads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import BundleError
from analysis.model.bundle import CARD, CONFIG, METRICS, WEIGHTS
from analysis.model.config import ModelConfig
from analysis.model.tokenizer import TOKENIZER
from analysis.model.weights import save_weights

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from analysis.model.network import MultimodalModel


def save_bundle(
    folder: Path,
    config: ModelConfig,
    model: MultimodalModel,
    tokenizers: Mapping[str, PreTrainedTokenizerBase],
    metrics: Mapping[str, Any],
    card: str,
    weight_bits: Mapping[str, int] | None = None,
) -> None:
    """Write a bundle to a folder; weights are rounded to fp16 or fewer bits.

    Args:
        folder: Created if missing; files of the same names are replaced.
        config: The model's configuration.
        model: The trained network.
        tokenizers: The text encoder's tokenizers by branch; "" for an encoder without branches.
        metrics: Content of metrics.json, as JSON values.
        card: Content of MODEL_CARD.md, Markdown.
        weight_bits: 8 or 4 for each weight to compress, by name: `choose_weight_bits(model)`, or `Bundle.weight_bits`
            of the bundle that the encoders are from, which then stay the same to the bit. None for fp16.

    Raises:
        BundleError: `load_model` would reject the configuration, or the folder cannot be written.
    """
    ModelConfig.from_json(json.loads(json.dumps(config.to_json())))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for branch, tokenizer in tokenizers.items():
            tokenizer.save_pretrained(folder / branch)
            _remove_indentation(folder / branch / TOKENIZER)
        save_weights(folder / WEIGHTS, model, weight_bits or {})
        _write_json(folder / CONFIG, config.to_json())
        _write_json(folder / METRICS, metrics)
        (folder / CARD).write_text(card, encoding="utf-8")
    except OSError as error:
        raise BundleError(
            str(folder), f"cannot be written ({error})", "Choose a folder that you can write to."
        ) from error


def _remove_indentation(path: Path) -> None:
    """Rewrite a JSON file without indentation: a vocabulary with one value per line is twice as large."""
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(values, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
