"""Training a whole model of any configuration, end to end: y = g(f_1(x_1), ..., f_m(x_m)).

The general form that PostLens began from: encoders f_i, one predictor g, everything trained together by
backpropagation with Adam, on the squared error of the valence beside the classes. `bert-resnet50` is its reference
configuration; any text encoder of the hub, any timm or torchvision picture encoder and CLIP pairs can be named in a
configuration of one's own. The staged recipe of the shipped bundle is `analysis.training.compact.recipe`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from analysis.errors import BundleError, TrainingError
from analysis.evaluation.evaluate import evaluation_of
from analysis.model.bundle import build_model, save_bundle
from analysis.model.config import EncoderConfig, FusionConfig, Head, ModelConfig
from analysis.model.encoding import to_pixels
from analysis.model.network import MultimodalModel
from analysis.training.compact.card import plain_card
from analysis.training.compact.text import collate_tokens, tokens_of
from analysis.training.core.calibration import HeldOut, calibrated, temperature_figures
from analysis.training.core.checkpoints import base_encoders, tokenizer_source
from analysis.training.core.data_sets import HEADS, Splits, read_pairs
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS
from analysis.training.core.loop import Collate, JointConfig, LabelledPosts, fit_jointly, predict_posts
from analysis.training.core.losses import one_hot

BERT_RESNET50 = ModelConfig(
    name="bert-resnet50",
    encoders={
        "text": EncoderConfig("transformers", "bert-base-uncased", dim=768, pooling="cls"),
        "image": EncoderConfig(
            "torchvision",
            "resnet50",
            dim=2048,
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            explained_layer="network.layer3",
        ),
    },
    fusion=FusionConfig(),  # plain concatenation, so that each head is one linear layer over 2,816 numbers
    heads={"sentiment": HEADS["sentiment"]},
)
CONFIGS = {BERT_RESNET50.name: BERT_RESNET50}
ADAM = JointConfig(epochs=3, learning_rate=2e-5, weight_decay=0.0, squared_error=1.0)
"""Adam is AdamW without weight decay (Kingma & Ba 2015)."""


def named_config(name: str) -> ModelConfig:
    """Find a configuration by its name, or read it from a JSON file.

    Args:
        name: A key of `CONFIGS`, or the path of a file of the form of a bundle's config.json.

    Raises:
        TrainingError: It is neither.
        BundleError: The file does not describe a model.
    """
    if name in CONFIGS:
        return CONFIGS[name]
    try:
        values = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"Configuration {name!r}",
            f"is neither one of {', '.join(CONFIGS)} nor a JSON file that can be read",
            "Name one, or write a file like a bundle's config.json.",
        ) from error
    return ModelConfig.from_json(values)


def train_whole(
    config: ModelConfig, data: Path, out: Path, training: JointConfig = ADAM, resume: bool = False
) -> dict[str, Any]:
    """Train a configuration on MVSA-Single, every view with its own labels, and write the bundle.

    Args:
        config: Names two encoders, `text` and `image`, and a sentiment head.
        data: Folder that holds `mvsa_single/`.
        out: The bundle's folder; checkpoint and log stand beside it in `<out>.training`.
        training: How.
        resume: Carry on from the checkpoint.

    Returns:
        The figures that metrics.json holds.

    Raises:
        TrainingError: The data cannot be used.
        BundleError: Published weights cannot be reached, or the folder cannot be written.
    """
    pairs = read_pairs(data)
    encoders = base_encoders(config)
    config = _with_architectures(config, encoders)
    torch.manual_seed(training.seed)  # fusion and heads start from chance
    model = build_model(config)
    for modality, encoder in encoders.items():
        model.encoders[modality] = encoder.requires_grad_(True)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            tokenizer_source(config.encoders["text"]), trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Tokenizer of {config.encoders['text'].name!r}",
            "cannot be loaded",
            "Check the name; it needs the network or a folder that holds it.",
        ) from error
    collate = {"text": collate_tokens(tokenizer), "image": collate_pictures(config.encoders["image"])}
    head = config.heads["sentiment"]
    posts = pairs_as_posts(pairs, "train", tokenizer, head)
    dev = {view: pairs_as_posts(pairs, "dev", tokenizer, head, (view,)) for view in VIEWS}
    weights = {"sentiment": torch.ones(len(head.classes))}

    def validate(trained: MultimodalModel) -> dict[str, float]:
        return {
            view: round(_accuracy(predict_posts(trained, part, collate)["sentiment"], part), 4)
            for view, part in dev.items()
        }

    fit_jointly(
        model,
        posts,
        collate,
        config.heads,
        weights,
        training,
        out.with_name(f"{out.name}.training"),
        validate,
        resume=resume,
        title=config.name,
    )
    model.half().float()
    logits = {view: predict_posts(model, part, collate)["sentiment"] for view, part in dev.items()}
    held_out = {
        view: HeldOut("sentiment", view, logits[view], part.targets["sentiment"].argmax(1))
        for view, part in dev.items()
    }
    heads, probability = calibrated(config.heads, held_out)
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


def collate_pictures(config: EncoderConfig) -> Collate:
    """Make the function that opens pictures and brings them to pixels, (pictures, 3, side, side)."""

    def collate(paths: Sequence[str]) -> dict[str, Tensor]:
        return {"pixels": torch.stack([to_pixels(Image.open(path), config) for path in paths])}

    return collate


def pairs_as_posts(
    pairs: Splits,
    split: str,
    tokenizer: PreTrainedTokenizerBase,
    head: Head,
    views: Sequence[str] = tuple(VIEWS),
) -> LabelledPosts:
    """Show each pair whole, as text alone and as picture alone, with the label that people gave to just that."""
    frame = pairs.train if split == "train" else pairs.val
    tokens, pictures = tokens_of(tokenizer, frame["text"].tolist()), frame["picture"].tolist()
    nothing = [None] * len(frame)
    text = [each for view in views for each in (tokens if VIEWS[view][0] else nothing)]
    image = [each for view in views for each in (pictures if VIEWS[view][1] else nothing)]
    labels = torch.cat([torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy()) for view in views])
    return LabelledPosts(
        {"text": text, "image": image},
        {head.name: one_hot(labels, len(head.classes))},
        torch.ones(len(labels)),
        [len(each or ()) for each in text],
    )


def _with_architectures(config: ModelConfig, encoders: Mapping[str, Any]) -> ModelConfig:
    """Describe each encoder by itself, so that the bundle loads without network.

    That is a transformers encoder's own configuration, without the code that its author offers, and the plain name of
    a timm network that was named by its source ("hf-hub:...").
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


def _accuracy(logits: Tensor, posts: LabelledPosts) -> float:
    return float((logits.argmax(1) == posts.targets["sentiment"].argmax(1)).float().mean())
