"""End-to-end training of any configuration: y = g(f_1(x_1), ..., f_m(x_m)).

The encoders f_i and the predictor g are trained together by backpropagation with Adam, on cross-entropy plus the
squared error of the valence. `bert-resnet50` is the reference configuration. Your own configuration can name any
text encoder on the hub, any timm or torchvision image encoder, and CLIP pairs. The staged recipe of the shipped
bundle is `analysis.training.compact.recipe`.
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
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from analysis.errors import BundleError, TrainingError
from analysis.evaluation.evaluate import evaluation_of
from analysis.model.bundle import build_model, save_bundle
from analysis.model.config import EncoderConfig, Head, ModelConfig
from analysis.model.encoding import to_pixels
from analysis.model.network import MultimodalModel
from analysis.model.presets import PRESETS
from analysis.training.compact.card import plain_card
from analysis.training.compact.text import token_collator, tokenize
from analysis.training.core.calibration import HeldOut, calibrate, temperature_figures
from analysis.training.core.checkpoints import base_encoders, tokenizer_source
from analysis.training.core.data_sets import read_pairs
from analysis.training.core.examples import VIEWS, Collate, Examples, concatenate, pair_examples
from analysis.training.core.loop import TrainingConfig, fit, predict_examples
from analysis.training.core.losses import equal_weights

ADAM = TrainingConfig(epochs=3, learning_rate=2e-5, weight_decay=0.0, squared_error=1.0)
"""Adam is AdamW without weight decay (Kingma & Ba 2015)."""


def find_config(name: str) -> ModelConfig:
    """Find a configuration by its name, or read it from a JSON file.

    Args:
        name: A key of `PRESETS`, or the path of a file in the format of a bundle's config.json.

    Raises:
        TrainingError: It is neither.
        BundleError: The file does not describe a model.
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
    """Train a configuration on MVSA-Single, every view with its own labels, and write the bundle.

    Args:
        config: Has two encoders, `text` and `image`, and a sentiment head.
        data: Folder with `mvsa_single/`.
        out: The bundle's folder; checkpoint and log are written to `<out>.training` next to it.
        training: Settings.
        resume: Continue from the checkpoint.

    Returns:
        The contents of metrics.json.

    Raises:
        TrainingError: The data cannot be used.
        BundleError: Published weights cannot be loaded, or the folder cannot be written.
    """
    pairs = read_pairs(data)
    encoders = base_encoders(config)
    config = _with_architectures(config, encoders)
    torch.manual_seed(training.seed)  # the initial weights of fusion and heads are random
    model = build_model(config)
    for modality, encoder in encoders.items():
        model.encoders[modality] = encoder.requires_grad_(True)
    tokenizer = _load_tokenizer(config.encoders["text"])
    collate = {"text": token_collator(tokenizer), "image": image_collator(config.encoders["image"])}
    head = config.heads["sentiment"]
    train = concatenate(*_pair_views(pairs.train, tokenizer, head).values())
    dev = _pair_views(pairs.val, tokenizer, head)
    truth = {view: part.targets["sentiment"].argmax(1) for view, part in dev.items()}

    def validate(trained: MultimodalModel) -> dict[str, float]:
        figures = {}
        for view, part in dev.items():
            found = predict_examples(trained, part, collate)["sentiment"].argmax(1)
            figures[view] = round(float((found == truth[view]).float().mean()), 4)
        return figures

    fit(
        model,
        train,
        collate,
        config.heads,
        equal_weights({head.name: head}),
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
    heads, probability = calibrate(config.heads, held_out)
    config = replace(config, heads=heads)
    evaluations = {
        f"mvsa_{view}": evaluation_of(
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
        "temperature": temperature_figures(heads),
        "evaluations": evaluations,
    }
    command = f"postlens train --config {config.name} --data DATA --out BUNDLE --seed {training.seed}"
    save_bundle(out, config, model, tokenizer, metrics, plain_card(config, evaluations, command))
    return metrics


def image_collator(config: EncoderConfig) -> Collate:
    """Return the function that opens images and turns them into pixels, (images, 3, side, side)."""

    def collate(paths: Sequence[str]) -> dict[str, Tensor]:
        return {"pixels": torch.stack([to_pixels(Image.open(path), config) for path in paths])}

    return collate


def _pair_views(frame: pd.DataFrame, tokenizer: PreTrainedTokenizerBase, head: Head) -> dict[str, Examples]:
    """Build examples of pairs by view, images by path."""
    tokens, images = tokenize(tokenizer, frame["text"].tolist()), frame["image_path"].tolist()
    return {view: pair_examples(frame, view, tokens, images, {head.name: head}) for view in VIEWS}


def _load_tokenizer(config: EncoderConfig) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            tokenizer_source(config), trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Tokenizer of {config.name!r}",
            "cannot be loaded",
            "Check the name; it needs the network or a folder that contains it.",
        ) from error
    return tokenizer


def _with_architectures(config: ModelConfig, encoders: Mapping[str, Any]) -> ModelConfig:
    """Store each encoder's architecture in the configuration, so that the bundle loads without network.

    That is a transformers encoder's own configuration, without references to its author's code, and the plain name
    of a timm network that was named by its source ("hf-hub:...").
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
