"""Second stage of the `compact` recipe: the upper part of the image encoder is fine-tuned.

A picture passes the lower layers once; their output, its feature map, is kept, and the layers above learn from it:
what people see in the pictures of posts, and to bring pictures near the texts that belong to them (as `contrastive`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

from analysis.evaluation.metrics import classification_metrics
from analysis.model.bundle import Bundle
from analysis.model.encoding import to_pixels
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.model.space import SharedSpace
from analysis.training.compact.contrastive import contrastive_loss, draw, retrieval
from analysis.training.compact.encodings import texts
from analysis.training.compact.text import LINEAR, numbers_by
from analysis.training.core.data_sets import LabelledData, distinct_pictures
from analysis.training.core.loop import JointConfig, LabelledPosts, fit_jointly, predict_posts
from analysis.training.core.losses import one_hot

CAPTIONED, POSTED = 64, 32
"""Pictures with a caption, and pictures of posts, that are told apart from each other in a step."""
POSTS_WEIGHT = 0.3
"""Weight of posts' pairs against captions' pairs: a tweet seldom describes its picture."""


class UpperPart(nn.Module):
    """The layers of an encoder above one layer: the same modules, so that training them trains the encoder.

    What normalisation layers know of the pictures' statistics stays as it is.

    Args:
        encoder: Its layers follow one another in the order in which they were registered.
        layer: Name of the last layer that is passed by.
    """

    def __init__(self, encoder: nn.Module, layer: str) -> None:
        super().__init__()
        self.part = _above(encoder, layer.split("."))

    def train(self, mode: bool = True) -> UpperPart:
        """Stay in evaluation mode."""
        return super().train(False)

    def forward(self, maps: Tensor) -> Tensor:
        """Encode feature maps: (pictures, channels, height, width) to (pictures, dim)."""
        encoded: Tensor = self.part(maps)
        return encoded


def feature_maps(bundle: Bundle, paths: Sequence[str], batch: int = 32) -> dict[str, Tensor]:
    """Bring pictures to what the explained layer makes of them, with a progress bar.

    Args:
        bundle: With the image encoder.
        paths: The pictures' files.
        batch: Pictures at once.

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
            for start in tqdm(range(0, len(distinct), batch), desc="pictures", leave=False):
                chunk = distinct[start : start + batch]
                pixels = torch.stack([to_pixels(Image.open(path), config) for path in chunk])
                encoder(pixels)
                maps.update(zip(chunk, seen.pop().contiguous().half(), strict=True))
    finally:
        hook.remove()
    return {path: each.clone() for path, each in maps.items()}


@torch.inference_mode()
def encode_maps(bundle: Bundle, maps: Mapping[str, Tensor], batch: int = 64) -> dict[str, Tensor]:
    """Encode pictures from their feature maps: (dim,) by path."""
    upper = upper_part(bundle).eval()
    paths, encoded = list(maps), dict[str, Tensor]()
    for start in tqdm(range(0, len(paths), batch), desc="picture encodings", leave=False):
        chunk = paths[start : start + batch]
        encoded.update(zip(chunk, upper(**stacked([maps[path] for path in chunk])), strict=True))
    return {path: each.clone() for path, each in encoded.items()}


def texts_beside(bundle: Bundle, labelled: LabelledData) -> dict[str, Tensor]:
    """Encode the texts that pictures are brought near to: captions of `train` and `dev`, texts of `posts`."""
    frames = {
        "train": labelled.captions.train["caption"],
        "dev": labelled.captions.val["caption"],
        "posts": labelled.pairs.train["text"],
    }
    return {name: texts(bundle, values.tolist(), f"texts, {name}") for name, values in frames.items()}


def upper_part(bundle: Bundle) -> UpperPart:
    """Give the image encoder above the layer that explanations read."""
    return UpperPart(bundle.model.encoders["image"], bundle.config.encoders["image"].explained_layer)


def stacked(maps: Sequence[Tensor]) -> dict[str, Tensor]:
    """Bring feature maps to the upper part's input."""
    return {"maps": torch.stack(list(maps)).float().contiguous(memory_format=torch.channels_last)}


def train_pictures(
    bundle: Bundle,
    text: MultimodalModel,
    labelled: LabelledData,
    beside: Mapping[str, Tensor],
    maps: Mapping[str, Tensor],
    training: JointConfig,
    folder: Path,
    resume: bool = False,
) -> None:
    """Fine-tune the upper part of the bundle's image encoder, in place.

    Args:
        bundle: Its image encoder is trained.
        text: The model of the first stage; its space goes on in place, and is learned anew later.
        labelled: The data.
        beside: Of `texts_beside`.
        maps: The pictures' feature maps, by path.
        training: How.
        folder: Gets checkpoint and log.
        resume: Carry on from the folder's checkpoint.
    """
    torch.manual_seed(training.seed)  # the head starts from chance
    upper = upper_part(bundle)
    upper.requires_grad_(True)
    head = replace(bundle.heads["sentiment"], reads=())
    fusion = build_fusion({"image": bundle.config.encoders["image"].dim}, LINEAR)
    space = cast("SharedSpace", text.space).requires_grad_(True)
    model = MultimodalModel({"image": upper}, fusion, {head.name: head}, space)
    held_out = _posts(labelled.pairs.val, maps, head.name)
    paths, owner = distinct_pictures(labelled.captions.val)

    def validate(trained: MultimodalModel) -> dict[str, float]:
        found = probabilities({head.name: head}, predict_posts(trained, held_out, {"image": stacked}))
        right = classification_metrics(found[head.name], held_out.targets[head.name].argmax(1), head)
        encoded = encode_maps(bundle, {path: maps[path] for path in paths})
        with torch.inference_mode():
            image = trained.embed("image", torch.stack(list(encoded.values())))
            caption = trained.embed("text", beside["dev"])
        figures = {"r10": retrieval(caption, image, owner)["r10"], "mvsa_image": right["accuracy"]}
        return {"mean": round(sum(figures.values()) / 2, 4), **figures}

    fit_jointly(
        model,
        _posts(labelled.pairs.train, maps, head.name),
        {"image": stacked},
        {head.name: head},
        {head.name: torch.ones(len(head.classes))},
        training,
        folder,
        validate,
        _pull(space, labelled, beside, maps),
        resume,
        "pictures",
    )
    upper.requires_grad_(False)


def _posts(frame: pd.DataFrame, maps: Mapping[str, Tensor], head: str) -> LabelledPosts:
    """Show the pictures of posts, with what people saw in the picture alone."""
    label = torch.tensor(frame["image_label"].to_numpy())
    return LabelledPosts(
        {"image": [maps[path] for path in frame["picture"]]},
        {head: one_hot(label, 3)},
        torch.ones(len(frame)),
    )


def _pull(
    space: SharedSpace, labelled: LabelledData, beside: Mapping[str, Tensor], maps: Mapping[str, Tensor]
) -> Callable[[MultimodalModel, int, torch.Generator], Tensor]:
    """Make the loss of each step that pulls pictures to their texts and away from others."""
    rows = numbers_by(labelled.captions.train["picture"])
    paths, posted = list(rows), labelled.pairs.train["picture"].tolist()

    def loss(model: MultimodalModel, step: int, chance: torch.Generator) -> Tensor:
        def drawn(text: Tensor, pictures: Sequence[str]) -> Tensor:
            encoded = model.encode("image", **stacked([maps[path] for path in pictures]))
            return contrastive_loss(space("text", text), space("image", encoded), space.scale)

        some = [paths[number] for number in draw(len(paths), CAPTIONED, chance)]
        own = [rows[path][int(torch.randint(len(rows[path]), (1,), generator=chance))] for path in some]
        few = draw(len(posted), POSTED, chance)
        return drawn(beside["train"][own], some) + POSTS_WEIGHT * drawn(
            beside["posts"][few], [posted[number] for number in few]
        )

    return loss


def _above(module: nn.Module, names: Sequence[str]) -> nn.Module:
    """Copy a module's frame, not its layers, and put nothing in the place of those up to the named one."""
    if not names:
        return nn.Identity()
    frame = copy(module)
    frame._modules = dict(module._modules)
    for name in frame._modules:
        if name == names[0]:
            frame._modules[name] = _above(module.get_submodule(name), names[1:])
            return frame
        frame._modules[name] = nn.Identity()
    raise KeyError(names[0])
