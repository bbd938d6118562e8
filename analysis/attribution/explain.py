"""Explains one output for one post: the full ledger, and the scores of each modality alone.

Thread-safe: the bundle's lock is held while the shared network is used. Modalities that take long to explain, such as
images, use a copy of their encoder, so they do not block other work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.attribution.class_activation import ClassActivation, can_divide, is_additive
from analysis.attribution.grad_cam import GradCam
from analysis.attribution.images import attribute_images
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import Completeness, ImageValue, Ledger, Output, WordValue
from analysis.attribution.method import AttributionMethod, compute_baseline_difference
from analysis.attribution.modality import Coalitions, compute_shapley_values
from analysis.attribution.target import Target, get_attribution_target
from analysis.attribution.words import attribute_words
from analysis.columns import format_inputs_used
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.modalities import get_modality
from analysis.model.outputs import compute_probabilities
from analysis.settings import Settings


def explain_post(
    bundle: Bundle,
    post: EncodedPost,
    output: Output,
    settings: Settings | None = None,
    word_method: type[AttributionMethod] | None = None,
    region_method: type[AttributionMethod] | None = None,
) -> Ledger:
    """Explain one output for one post.

    Args:
        bundle: The model.
        post: From `encode_post`, with the same model.
        output: What to explain, such as `Output("sentiment", "negative")`.
        settings: Steps, regions and limits of the checks.
        word_method: Attribution method for words; None for `choose_method`.
        region_method: Attribution method for image regions, likewise. The sum of a method that is not complete is not
            checked, and the remainder is larger.

    Returns:
        The ledger, in logits. Attributions that fail the completeness check are rerun with twice the steps.

    Raises:
        AttributionError: The model does not have this output.
    """
    settings = settings or Settings()
    target = get_attribution_target(bundle, output)
    with bundle.lock:
        values = compute_shapley_values(
            Coalitions(bundle, post.encodings, post.present), target.head, target.weights.unsqueeze(0)
        )
    phi = dict(zip(post.encodings, values.phi[0].tolist(), strict=True))
    methods: dict[str, str] = {}
    words: tuple[WordValue, ...] = ()
    images: tuple[ImageValue, ...] = ()
    word_check = pixel_check = None
    if "text" in post.decoded:
        method = word_method or choose_method(bundle, "text", target.head)
        by_word, _, word_check = attribute_parts(
            bundle, post, "text", target, method, settings.word_steps, settings
        )
        methods["text"] = method.name
        words = attribute_words(post.decoded["text"], by_word)
    if "image" in post.decoded:
        method = region_method or choose_method(bundle, "image", target.head)
        by_region, cells, pixel_check = attribute_parts(
            bundle, post, "image", target, method, settings.pixel_steps, settings
        )
        images = attribute_images(post.decoded["image"], by_region, settings.superpixels, cells)
        methods["image"] = method.name
    return Ledger(
        output=output,
        base=float(values.base[0]),
        total=float(values.total[0]),
        phi=phi,
        interaction=float(values.interaction[0]),
        present=dict(post.has),
        words=words,
        text_remainder=phi["text"] - sum(word.value for word in words),
        word_check=word_check,
        images=images,
        image_remainder=phi["image"] - sum(image.value for image in images),
        pixel_check=pixel_check,
        titles=bundle.config.modalities,
        base_is_average=is_additive(bundle),
        methods=methods,
    )


def choose_method(bundle: Bundle, modality: str, head: str) -> type[AttributionMethod]:
    """Return the method by which a head's scores are divided among parts: the fastest that the model allows."""
    return ClassActivation if can_divide(bundle, modality, head) else IntegratedGradients


def compute_grad_cam(bundle: Bundle, post: EncodedPost, output: Output) -> list[NDArray[np.float64]]:
    """Compute the Grad-CAM overview of each image of a post; see `GradCam`.

    Raises:
        AttributionError: The post has no images, or the model does not have this output.
    """
    target = get_attribution_target(bundle, output)
    if "image" not in post.decoded:
        raise AttributionError("The post", "has no images", "Choose a post with images.")
    with lock_encoder(bundle, "image") as model:
        return list(GradCam(model, "image").attribute(post, target, 0))


def score_modalities_alone(bundle: Bundle, post: EncodedPost) -> dict[str, dict[str, dict[str, float]]]:
    """Score a post with all its modalities, and with each modality alone.

    Args:
        bundle: The model.
        post: From `encode_post`, with the same model.

    Returns:
        Probabilities by inputs (such as "both", "text" or "image", depending on the post), head and class. Heads that
        read none of the inputs are omitted.
    """
    modalities = [name for name, present in post.has.items() if present]
    views = [modalities, *([name] for name in modalities)] if len(modalities) > 1 else [modalities]
    scores = {}
    with bundle.lock, torch.inference_mode():
        for view in views:
            shown = torch.tensor([[float(name in view) for name in post.encodings]])
            logits = bundle.model.predict(post.encodings, shown)
            scores[format_inputs_used(view)] = {
                name: dict(zip(bundle.heads[name].classes, values[0].tolist(), strict=True))
                for name, values in compute_probabilities(bundle.heads, logits, shown).items()
                if bundle.heads[name].answers(view)
            }
    return scores


@contextmanager
def lock_encoder(bundle: Bundle, modality: str, is_fast: bool = False) -> Iterator[Bundle]:
    """Yield a bundle for explaining a modality: the locked original, or one with a copy of the encoder.

    Args:
        bundle: The model.
        modality: The modality to explain.
        is_fast: Whether it takes too little time for a copy.
    """
    if get_modality(modality).explain_with_copy and not is_fast:
        yield bundle.with_encoder_copy(modality)
    else:
        with bundle.lock:
            yield bundle


def attribute_parts(
    bundle: Bundle,
    post: EncodedPost,
    modality: str,
    target: Target,
    method: type[AttributionMethod],
    steps: int,
    settings: Settings,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, Completeness | None]:
    """Attribute a score to the parts of one modality, and check that the values add up.

    Args:
        bundle: The model.
        post: The post; it has the modality.
        modality: The modality to explain.
        target: The score to explain.
        method: Attribution method.
        steps: Integration steps of the first run.
        settings: Limits of the check, and the number of parts.

    Returns:
        Values, (parts,), in logits; values of the cells of images, see `AttributionMethod.attribute_with_cells`; and
        the check, None for a method that is not complete.
    """
    with lock_encoder(bundle, modality, method.is_fast) as model:
        attribution = method(model, modality, settings)
        if not method.complete:
            return *attribution.attribute_with_cells(post, target, steps), None
        difference = compute_baseline_difference(model, post, modality, target, settings)
        values, check = attribute_until_complete(
            lambda steps: attribution.attribute(post, target, steps), difference, steps, settings
        )
        return values, None, check


def attribute_until_complete(
    run: Callable[[int], NDArray[np.float64]], difference: float, steps: int, settings: Settings
) -> tuple[NDArray[np.float64], Completeness]:
    """Run an attribution, and rerun it with twice the steps if its sum is too far off.

    Args:
        run: Computes the values with a given number of steps.
        difference: The expected sum of the values.
        steps: Integration steps of the first run.
        settings: Limits.

    Returns:
        The values and the check of the last run.
    """
    for n_steps in (steps, 2 * steps):
        values = run(n_steps)
        check = check_attribution_sum(difference, float(values.sum()), n_steps, settings)
        if not check.refused:
            break
    return values, check


def check_attribution_sum(difference: float, total: float, steps: int, settings: Settings) -> Completeness:
    """Compare a sum of attributions with the difference that it should equal, by the limits in `settings`."""
    error = Completeness(difference, total, steps, "").error
    verdict = (
        "ok"
        if error <= settings.completeness_ok
        else "rough"
        if error <= settings.completeness_refused
        else "failed"
    )
    return Completeness(difference, total, steps, verdict)
