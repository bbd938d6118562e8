"""Stage 2 of the `compact` recipe: fine-tune the upper layers of the image encoder.

The lower layers run once per image, and their output, the feature map, is stored. The upper layers are trained on it
with two losses: sentiment classification with the image labels, and the contrastive loss of images and their texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

from analysis.evaluation.metrics import compute_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.encoding import convert_to_pixels
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import compute_probabilities
from analysis.model.space import SharedSpace
from analysis.training.compact.contrastive import contrastive_loss, measure_retrieval, sample_training_rows
from analysis.training.compact.encodings import encode_all_texts
from analysis.training.compact.text import LINEAR, group_training_rows
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData, list_distinct_images
from analysis.training.core.examples import Examples, make_examples
from analysis.training.core.loop import ExtraLoss, predict_examples, train_multitask
from analysis.training.core.losses import make_equal_weights

CAPTION_IMAGES, POST_IMAGES = 64, 32
"""Captioned images and post images per step of the contrastive loss."""
POSTS_WEIGHT = 0.3
"""Weight of pairs from posts relative to captions: tweets seldom describe their image."""


class UpperLayers(nn.Module):
    """The layers of an encoder above a given layer. They are the same modules, so training them trains the encoder.

    The running statistics of normalisation layers do not change.

    Args:
        encoder: An encoder whose layers run in the order in which they were registered.
        layer: Name of the last layer to skip.
    """

    def __init__(self, encoder: nn.Module, layer: str) -> None:
        super().__init__()
        self.part = _skip_layers(encoder, layer.split("."))

    def train(self, mode: bool = True) -> UpperLayers:
        """Remain in evaluation mode."""
        return super().train(False)

    def forward(self, maps: Tensor) -> Tensor:
        """Encode feature maps: (images, channels, height, width) to (images, dim)."""
        encoded: Tensor = self.part(maps)
        return encoded


def compute_feature_maps(bundle: Bundle, paths: Sequence[str], batch: int = 32) -> dict[str, Tensor]:
    """Compute the feature maps of images (the output of the explained layer), with a progress bar.

    Args:
        bundle: The bundle with the image encoder.
        paths: Image files.
        batch: Batch size.

    Returns:
        (channels, height, width), float16, by path.
    """
    config, encoder = bundle.config.encoders["image"], bundle.model.encoders["image"]
    distinct, maps = list(dict.fromkeys(paths)), dict[str, Tensor]()
    seen: list[Tensor] = []
    layer = encoder.get_submodule(config.explained_layer)
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output))
    try:
        with torch.inference_mode():
            for start in tqdm(range(0, len(distinct), batch), desc="images", leave=False):
                chunk = distinct[start : start + batch]
                pixels = torch.stack([convert_to_pixels(Image.open(path), config) for path in chunk])
                encoder(pixels)
                maps.update(zip(chunk, seen.pop().contiguous().half(), strict=True))
    finally:
        hook.remove()
    return {path: each.clone() for path, each in maps.items()}


@torch.inference_mode()
def encode_maps(bundle: Bundle, maps: Mapping[str, Tensor], batch: int = 64) -> dict[str, Tensor]:
    """Encode images from their feature maps: (dim,) by path."""
    upper = get_upper_layers(bundle).eval()
    paths, encoded = list(maps), dict[str, Tensor]()
    for start in tqdm(range(0, len(paths), batch), desc="image encodings", leave=False):
        chunk = paths[start : start + batch]
        encoded.update(zip(chunk, upper(**stack_feature_maps([maps[path] for path in chunk])), strict=True))
    return {path: each.clone() for path, each in encoded.items()}


def encode_paired_texts(bundle: Bundle, labelled: LabelledData) -> dict[str, Tensor]:
    """Encode the texts that have images: captions (`train` and `dev`) and posts (`posts`)."""
    frames = {
        "train": labelled.captions.train["caption"],
        "dev": labelled.captions.val["caption"],
        "posts": labelled.pairs.train["text"],
    }
    return {
        name: encode_all_texts(bundle, values.tolist(), f"texts, {name}") for name, values in frames.items()
    }


def get_upper_layers(bundle: Bundle) -> UpperLayers:
    """Return the layers of the image encoder above the explained layer."""
    return UpperLayers(bundle.model.encoders["image"], bundle.config.encoders["image"].explained_layer)


def stack_feature_maps(maps: Sequence[Tensor]) -> dict[str, Tensor]:
    """Collate feature maps to the input of `UpperLayers`."""
    return {"maps": torch.stack(list(maps)).float().contiguous(memory_format=torch.channels_last)}


def train_images(
    bundle: Bundle,
    text: MultimodalModel,
    labelled: LabelledData,
    texts: Mapping[str, Tensor],
    maps: Mapping[str, Tensor],
    training: TrainingConfig,
    folder: Path,
    resume: bool = False,
) -> None:
    """Fine-tune the upper layers of the bundle's image encoder in place.

    Args:
        bundle: The bundle with the image encoder.
        text: The model of stage 1; training of its space continues in place. It is retrained later.
        labelled: The data.
        texts: Result of `encode_paired_texts`.
        maps: Feature maps of the images, by path.
        training: Settings.
        folder: Folder for the checkpoint and the log.
        resume: Continue from the checkpoint in the folder.
    """
    torch.manual_seed(training.seed)  # the head's initial weights are random
    upper = get_upper_layers(bundle)
    upper.requires_grad_(True)
    head = replace(bundle.heads["sentiment"], reads=())
    fusion = build_fusion({"image": bundle.config.encoders["image"].dim}, LINEAR)
    space = cast("SharedSpace", text.space).requires_grad_(True)
    heads, collate = {head.name: head}, {"image": stack_feature_maps}
    model = MultimodalModel({"image": upper}, fusion, heads, space)
    held_out = _make_image_examples(labelled.pairs.val, maps, head)
    paths, owner = list_distinct_images(labelled.captions.val)

    def validate(trained: MultimodalModel) -> dict[str, float]:
        found = compute_probabilities(heads, predict_examples(trained, held_out, collate))[head.name]
        measured = compute_metrics(found, held_out.targets[head.name].argmax(1), head)
        encoded = encode_maps(bundle, {path: maps[path] for path in paths})
        with torch.inference_mode():
            image = trained.embed("image", torch.stack(list(encoded.values())))
            caption = trained.embed("text", texts["dev"])
        figures = {"r10": measure_retrieval(caption, image, owner)["r10"], "mvsa_image": measured["accuracy"]}
        return {"mean": round(sum(figures.values()) / 2, 4), **figures}

    train_multitask(
        model,
        _make_image_examples(labelled.pairs.train, maps, head),
        collate,
        heads,
        make_equal_weights(heads),
        training,
        folder,
        validate,
        _make_image_text_loss(space, labelled, texts, maps),
        resume,
        "images",
    )
    upper.requires_grad_(False)


def _make_image_examples(frame: pd.DataFrame, maps: Mapping[str, Tensor], head: Head) -> Examples:
    """Build examples of post images with the image labels."""
    label = torch.tensor(frame["image_label"].to_numpy())
    return make_examples(
        {"image": [maps[path] for path in frame["image_path"]]}, {head.name: label}, {head.name: head}
    )


def _make_image_text_loss(
    space: SharedSpace, labelled: LabelledData, texts: Mapping[str, Tensor], maps: Mapping[str, Tensor]
) -> ExtraLoss:
    """Return the contrastive loss of images and their texts, for use at every step."""
    rows = group_training_rows(labelled.captions.train["image_path"])
    paths, posted = list(rows), labelled.pairs.train["image_path"].tolist()

    def compute_loss(model: MultimodalModel, step: int, generator: torch.Generator) -> Tensor:
        def pairs_loss(text: Tensor, images: Sequence[str]) -> Tensor:
            encoded = model.encode("image", **stack_feature_maps([maps[path] for path in images]))
            return contrastive_loss(space("text", text), space("image", encoded), space.scale)

        some = [paths[row] for row in sample_training_rows(len(paths), CAPTION_IMAGES, generator)]
        own = [rows[path][int(torch.randint(len(rows[path]), (1,), generator=generator))] for path in some]
        few = sample_training_rows(len(posted), POST_IMAGES, generator)
        captions = pairs_loss(texts["train"][own], some)
        posts = pairs_loss(texts["posts"][few], [posted[row] for row in few])
        return captions + POSTS_WEIGHT * posts

    return compute_loss


def _skip_layers(module: nn.Module, names: Sequence[str]) -> nn.Module:
    """Make a shallow copy of a module, and replace its layers up to the given one by `nn.Identity`."""
    if not names:
        return nn.Identity()
    frame = copy(module)
    frame._modules = dict(module._modules)
    for name in frame._modules:
        if name == names[0]:
            frame._modules[name] = _skip_layers(module.get_submodule(name), names[1:])
            return frame
        frame._modules[name] = nn.Identity()
    raise KeyError(names[0])
