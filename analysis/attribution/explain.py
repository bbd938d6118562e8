"""One post, one output: the whole ledger; and what each modality alone would say.

Thread-safe: the bundle's lock is held while the shared network is at work. Pictures, which can take many seconds in a
carousel, are explained on an image encoder of their own, so that nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from analysis.attribution.ledger import (
    INTEGRATED_GRADIENTS,
    Completeness,
    Ledger,
    Output,
    PictureValue,
    WordValue,
)
from analysis.attribution.modality import Coalitions, modality_values
from analysis.attribution.pixels import grad_cam, picture_values
from analysis.attribution.target import target_of
from analysis.attribution.words import word_values
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts
from analysis.model.outputs import probabilities
from analysis.posts import has_text, inputs_used
from analysis.settings import Settings

Value = TypeVar("Value", WordValue, PictureValue)
Pictures = Sequence[tuple[str, Image.Image]]
"""Media id and picture of each picture of a post, in its order."""


def explain_post(
    bundle: Bundle,
    text: str,
    pictures: Pictures,
    output: Output,
    settings: Settings | None = None,
    method: str = INTEGRATED_GRADIENTS,
) -> Ledger:
    """Explain one output for one post.

    Args:
        bundle: The model.
        text: The post as written; "" for none.
        pictures: Its pictures; may be empty if there is text.
        output: What to explain, such as `Output("sentiment", "negative")`.
        settings: Steps, regions and limits of the checks.
        method: How regions are valued: `INTEGRATED_GRADIENTS`, or `FEATURE_ABLATION`, which does not claim to add
            up, so that its sum is not checked and more remains.

    Returns:
        The ledger, in logits. An attribution whose completeness fails is rerun with twice the steps.

    Raises:
        AttributionError: The post is empty, or the model has no such output.
    """
    settings = settings or Settings()
    target = target_of(bundle, output)
    with bundle.lock:
        encoded, present = encode_post(bundle, text, pictures)
        values = modality_values(
            Coalitions(bundle, encoded, present), target.head, target.weights.unsqueeze(0)
        )
        phi = {
            modality: float(values.phi[0, column]) for column, modality in enumerate(bundle.model.modalities)
        }
        has = {modality: bool(present[0, column]) for column, modality in enumerate(bundle.model.modalities)}
        words: tuple[WordValue, ...] = ()
        regions: tuple[PictureValue, ...] = ()
        word_check = pixel_check = None
        if has["text"]:
            image = encoded["image"][0] if has["image"] else None

            def run_words(steps: int) -> tuple[tuple[WordValue, ...], float]:
                return word_values(bundle, text, image, target, steps)

            words, word_check = until_complete(run_words, settings.word_steps, settings)
    if has["image"]:
        vector, own = encoded["text"][0] if has["text"] else None, bundle.with_own_encoder("image")

        def run_pixels(steps: int) -> tuple[tuple[PictureValue, ...], float]:
            return picture_values(own, pictures, vector, target, steps, settings.superpixels, method)

        if method == INTEGRATED_GRADIENTS:
            regions, pixel_check = until_complete(run_pixels, settings.pixel_steps, settings)
        else:
            regions, _ = run_pixels(0)
    return Ledger(
        output=output,
        base=float(values.base[0]),
        total=float(values.total[0]),
        phi=phi,
        interaction=float(values.interaction[0]),
        present=has,
        words=words,
        text_remainder=phi["text"] - sum(word.value for word in words),
        word_check=word_check,
        pictures=regions,
        image_remainder=phi["image"] - sum(picture.value for picture in regions),
        pixel_check=pixel_check,
    )


def where_it_looks(
    bundle: Bundle, text: str, pictures: Pictures, output: Output
) -> list[NDArray[np.float64]]:
    """Give the Grad-CAM overview of each picture of a post; see `grad_cam`.

    Raises:
        AttributionError: The post has no pictures, or the model has no such output.
    """
    target = target_of(bundle, output)
    if not pictures:
        raise AttributionError("The post", "has no pictures", "Choose a post that has some.")
    with bundle.lock:
        encoded, present = encode_post(bundle, text, pictures)
    vector = encoded["text"][0] if present[0, 0] else None
    return grad_cam(bundle.with_own_encoder("image"), pictures, vector, target)


def alone_scores(bundle: Bundle, text: str, pictures: Pictures) -> dict[str, dict[str, dict[str, float]]]:
    """Score a post with everything it has, and with each modality alone.

    Args:
        bundle: The model.
        text: The post as written; "" for none.
        pictures: Its pictures.

    Returns:
        Probabilities by inputs ("both", "text", "image": only those the post has), head and class; heads that
        read none of these inputs are left out.

    Raises:
        AttributionError: The post is empty.
    """
    with bundle.lock, torch.inference_mode():
        encoded, _ = encode_post(bundle, text, pictures)
        used = inputs_used(text, len(pictures))
        views = {"both": [1.0, 1.0], "text": [1.0, 0.0], "image": [0.0, 1.0]}
        read = {"both": ("text", "image"), "text": ("text",), "image": ("image",)}
        scores = {}
        for inputs in views if used == "both" else [used]:
            shown = torch.tensor([views[inputs]])
            logits = bundle.model.predict(encoded, shown)
            scores[inputs] = {
                name: dict(zip(bundle.heads[name].classes, values[0].tolist(), strict=True))
                for name, values in probabilities(bundle.heads, logits, shown).items()
                if bundle.heads[name].answers(read[inputs])
            }
    return scores


def encode_post(bundle: Bundle, text: str, pictures: Pictures) -> tuple[dict[str, Tensor], Tensor]:
    """Encode one post: (1, dim) by modality, and presence, (1, 2).

    Raises:
        AttributionError: The post is empty.
    """
    if inputs_used(text, len(pictures)) == "none":
        raise AttributionError("The post", "has neither text nor pictures", "Choose a post that has either.")
    images = encode_pictures(
        bundle, [str(number) for number in range(len(pictures))], lambda n: pictures[int(n)][1]
    )
    dim = bundle.config.encoders["image"].dim
    image = torch.stack(list(images.values())).mean(0, keepdim=True) if images else torch.zeros(1, dim)
    present = torch.tensor([[float(has_text(text)), float(bool(pictures))]])
    return {"text": encode_texts(bundle, [text]), "image": image}, present


def until_complete(
    run: Callable[[int], tuple[tuple[Value, ...], float]], steps: int, settings: Settings
) -> tuple[tuple[Value, ...], Completeness]:
    """Run an attribution; where its sum is too far off, once more with twice the steps.

    Args:
        run: Makes the values, and the difference that they should add up to, with so many steps.
        steps: Of the first run.
        settings: Limits.

    Returns:
        The values of the last run, and how well they add up.
    """
    for tried in (steps, 2 * steps):
        values, difference = run(tried)
        total = sum(value.value for value in values)
        check = judge(difference, total, tried, settings)
        if not check.refused:
            break
    return values, check


def judge(difference: float, total: float, steps: int, settings: Settings) -> Completeness:
    """Say how well a sum of attributions meets the difference it explains, by the limits in `settings`."""
    error = Completeness(difference, total, steps, "").error
    verdict = (
        "ok"
        if error <= settings.completeness_ok
        else "rough"
        if error <= settings.completeness_refused
        else "failed"
    )
    return Completeness(difference, total, steps, verdict)
