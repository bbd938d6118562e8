"""End-to-end training of any configuration: y = g(f_1(x_1), ..., f_m(x_m)).

The encoders f_i and the predictor g are trained together with Adam, on cross-entropy plus the squared error of the
valence. `bert-resnet50` is the reference configuration. Custom configurations can use any text encoder on the hub,
any timm or torchvision image encoder, and CLIP pairs. The shipped bundle is trained in stages instead; see
`analysis.training.compact.recipe`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from PIL import Image
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from analysis.errors import TrainingError
from analysis.evaluation.evaluate import evaluate_predictions
from analysis.model.bundle import build_model
from analysis.model.config import EncoderConfig, Head, ModelConfig
from analysis.model.encoding import convert_to_pixels
from analysis.model.network import MultimodalModel
from analysis.model.presets import PRESETS
from analysis.model.saving import save_bundle
from analysis.training.compact.card import write_plain_card
from analysis.training.compact.text import make_token_collator, tokenize_training_texts
from analysis.training.core.calibration import HeldOut, fit_temperatures, list_temperatures
from analysis.training.core.checkpoints import load_base_encoders
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import read_training_pairs
from analysis.training.core.examples import VIEWS, Collate, Examples, concatenate_examples, make_pair_examples
from analysis.training.core.loop import predict_examples, train_multitask
from analysis.training.core.losses import make_equal_weights

ADAM = TrainingConfig(epochs=3, learning_rate=2e-5, weight_decay=0.0, squared_error=1.0)
"""Adam is AdamW without weight decay (Kingma & Ba 2015)."""


def find_training_config(name: str) -> ModelConfig:
    """Return a preset configuration, or read one from a JSON file.

    Args:
        name: A key of `PRESETS`, or the path of a file in the format of a bundle's config.json.

    Raises:
        TrainingError: The name is neither a preset nor a readable file.
        BundleError: The file is not a valid configuration.
    """
    if name in PRESETS:
        return PRESETS[name]
    try:
        values = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"Configuration {name!r}",
            f"is neither one of {', '.join(PRESETS)} nor a readable JSON file",
            "Use one of these names, or write a file like a bundle's config.json.",
        ) from error
    return ModelConfig.from_json(values)


def train_end_to_end(
    config: ModelConfig, data: Path, out: Path, training: TrainingConfig = ADAM, resume: bool = False
) -> dict[str, Any]:
    """Train a configuration on MVSA-Single, each view with its own labels, and write the bundle.

    Args:
        config: A configuration with the encoders `text` and `image` and a sentiment head.
        data: Folder with `mvsa_single/`.
        out: The bundle's folder; checkpoint and log are written to `<out>.training` next to it.
        training: Settings.
        resume: Continue from the checkpoint.

    Returns:
        The content of metrics.json.

    Raises:
        TrainingError: The data cannot be used.
        BundleError: Published weights cannot be loaded, or the folder cannot be written.
    """
    pairs = read_training_pairs(data)
    encoders, tokenizers = load_base_encoders(config)
    config = _with_trained_architectures(config, encoders)
    torch.manual_seed(training.seed)  # the initial weights of fusion and heads are random
    model = build_model(config)
    for modality, encoder in encoders.items():
        model.encoders[modality] = encoder.requires_grad_(True)
    tokenizer = tokenizers[""]
    collate = {"text": make_token_collator(tokenizer), "image": make_image_collator(config.encoders["image"])}
    head = config.heads["sentiment"]
    train = concatenate_examples(*_make_view_examples(pairs.train, tokenizer, head).values())
    dev = _make_view_examples(pairs.val, tokenizer, head)
    truth = {view: part.targets["sentiment"].argmax(1) for view, part in dev.items()}

    def validate(trained: MultimodalModel) -> dict[str, float]:
        figures = {}
        for view, part in dev.items():
            found = predict_examples(trained, part, collate)["sentiment"].argmax(1)
            figures[view] = round(float((found == truth[view]).float().mean()), 4)
        return figures

    train_multitask(
        model,
        train,
        collate,
        config.heads,
        make_equal_weights({head.name: head}),
        training,
        out.with_name(f"{out.name}.training"),
        validate,
        resume=resume,
        title=config.name,
    )
    model.half().float()  # rounded as in the bundle
    held_out = {
        view: HeldOut("sentiment", view, predict_examples(model, part, collate)["sentiment"], truth[view])
        for view, part in dev.items()
    }
    heads, probability, factors = fit_temperatures(config.heads, held_out)
    config = replace(config, heads=heads)
    evaluations = {
        f"mvsa_{view}": evaluate_predictions(
            probability[view],
            part.truth,
            head,
            None,
            f"Sentiment, {view} (MVSA-Single dev)",
            view,
        )
        for view, part in held_out.items()
    }
    metrics = {
        "seed": training.seed,
        "temperature": list_temperatures(heads, factors),
        "evaluations": evaluations,
    }
    command = f"postlens train --config {config.name} --data DATA --out BUNDLE --seed {training.seed}"
    save_bundle(out, config, model, tokenizers, metrics, write_plain_card(config, evaluations, command))
    return metrics


def make_image_collator(config: EncoderConfig) -> Collate:
    """Return a collate function that opens images and converts them to pixels, (images, 3, side, side)."""

    def collate(paths: Sequence[str]) -> dict[str, Tensor]:
        return {"pixels": torch.stack([convert_to_pixels(Image.open(path), config) for path in paths])}

    return collate


def _make_view_examples(
    frame: pd.DataFrame, tokenizer: PreTrainedTokenizerBase, head: Head
) -> dict[str, Examples]:
    """Build examples of pairs by view; image inputs are paths."""
    tokens, images = tokenize_training_texts(tokenizer, frame["text"].tolist()), frame["image_path"].tolist()
    return {view: make_pair_examples(frame, view, tokens, images, {head.name: head}) for view in VIEWS}


def _with_trained_architectures(config: ModelConfig, encoders: Mapping[str, Any]) -> ModelConfig:
    """Store each encoder's architecture in the configuration, so that the bundle can be loaded offline.

    For transformers, this is the encoder's configuration without references to remote code. For timm networks that
    were loaded from a hub ("hf-hub:..."), it is the name of the architecture.
    """
    parts = {}
    for modality, part in config.encoders.items():
        network = getattr(encoders[modality], "network", None)
        architecture: Any = getattr(getattr(network, "clip", network), "config", None)
        values = architecture.to_dict() if hasattr(architecture, "to_dict") else {}
        for name in ("_name_or_path", "auto_map"):
            values.pop(name, None)
        published = getattr(network, "pretrained_cfg", None) or {}
        plain = published.get("architecture") if part.kind == "timm" and ":" in part.name else None
        parts[modality] = replace(part, architecture=values, name=plain or part.name)
    return replace(config, encoders=parts)
