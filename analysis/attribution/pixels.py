"""What each region of each picture contributes: integrated gradients over a feature map, pooled to superpixels.

The path runs from the feature map of a black picture to that of the picture, at the layer that the encoder's
configuration names (14 x 14 places in `compact`).
Over pixels a network of rectifiers changes so abruptly near black that 32 steps missed the sum by 61 % (median
over ten sample pictures, `compact`), and deleting regions in that order lowered the score by 0.03 logits more than
in random order; over the feature map the sum was missed by 9 %, the gap to random was 0.18, in a fifth of the time.

All pictures of a post go from the baseline to themselves together, so that the values of a carousel's
pictures add up. As for words, the function explained is the mean of the score with and without the text.
Sources: Sundararajan et al. 2017, by Captum's `LayerIntegratedGradients`; superpixels by SLIC, Achanta et al. 2012.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from captum.attr import FeatureAblation, LayerGradCam, LayerGradientXActivation, LayerIntegratedGradients
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from analysis.attribution.faithfulness import Score
from analysis.attribution.ledger import FEATURE_ABLATION, INTEGRATED_GRADIENTS, PictureValue
from analysis.attribution.target import Target, mean_score
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.encoding import to_pixels

ROWS = 8  # pictures at once


def picture_values(
    bundle: Bundle,
    pictures: Sequence[tuple[str, Image.Image]],
    text: Tensor | None,
    target: Target,
    steps: int,
    superpixels: int,
    method: str = INTEGRATED_GRADIENTS,
) -> tuple[tuple[PictureValue, ...], float]:
    """Attribute one number to the pictures of one post and their regions.

    Args:
        bundle: The model; hold its lock, or pass one with an image encoder of its own.
        pictures: Media id and picture, at least one.
        text: Encoding of the post's text, (dim,); None without text.
        target: What is explained.
        steps: Gauss-Legendre steps of integrated gradients.
        superpixels: About how many regions a picture is divided into.
        method: `INTEGRATED_GRADIENTS`, `GRADIENT_X_INPUT` or `FEATURE_ABLATION`.

    Returns:
        The pictures with their regions' values in logits, and F(pictures) - F(baseline), which their sum should
        equal.

    Raises:
        AttributionError: The encoder's configuration names no layer.
    """
    config = bundle.config.encoders["image"]
    pixels = _stacked(pictures, config)  # (1, pictures, 3, side, side)
    blank = _black(config).expand_as(pixels)
    regions = [superpixels_of(picture, config.side, superpixels) for _, picture in pictures]
    score = _score(bundle, target, text)
    with torch.inference_mode():
        difference = float(score(pixels) - score(blank))
    if method == FEATURE_ABLATION:
        sums = _ablated(bundle, target, text, pixels, regions)
    else:
        layer = explained_layer(bundle)
        if method == INTEGRATED_GRADIENTS:
            values = LayerIntegratedGradients(score, layer).attribute(
                pixels,
                baselines=blank,
                n_steps=steps,
                method="gausslegendre",
                internal_batch_size=max(ROWS, len(pictures)),
            )
        else:
            values = LayerGradientXActivation(score, layer).attribute(pixels)
        by_place = values.detach().sum(1).double().numpy()  # (pictures, height, width) of the layer's map
        sums = [
            np.bincount(each.ravel(), weights=_spread(value, config.side).ravel()).astype(np.float64)
            for value, each in zip(by_place, regions, strict=True)
        ]
    found = [
        PictureValue(media_id, float(value.sum()), each, value)
        for (media_id, _), each, value in zip(pictures, regions, sums, strict=True)
    ]
    return tuple(found), difference


def _ablated(
    bundle: Bundle,
    target: Target,
    text: Tensor | None,
    pixels: Tensor,
    regions: Sequence[NDArray[np.int64]],
) -> list[NDArray[np.float64]]:
    """Turn each region black by itself: what the score loses, (regions,) for each picture.

    A post is the mean of its pictures, so that only the picture that changes is encoded again.
    """
    black, count = _black(bundle.config.encoders["image"]), len(regions)
    with torch.inference_mode():
        encoded = torch.cat(
            [_encode(bundle, pixels[:, [number]]) for number in range(count)]
        )  # (pictures, dim)

        def score_of(number: int) -> Callable[[Tensor], Tensor]:
            others = encoded.sum(0) - encoded[number]
            return lambda shown: mean_score(
                bundle, target, "image", (others + _encode(bundle, shown.unsqueeze(1))) / count, text
            )

        lost = []
        for number, each in enumerate(regions):
            by_pixel = FeatureAblation(score_of(number)).attribute(
                pixels[:, number],  # (1, 3, side, side)
                baselines=black.unsqueeze(0),
                feature_mask=torch.from_numpy(each)[None, None],
                perturbations_per_eval=ROWS,
            )
            first = np.unique(each, return_index=True)[1]  # each pixel carries the value of its whole region
            lost.append(by_pixel[0, 0].double().numpy().ravel()[first])
    return lost


def grad_cam(
    bundle: Bundle, pictures: Sequence[tuple[str, Image.Image]], text: Tensor | None, target: Target
) -> list[NDArray[np.float64]]:
    """Say where in each picture the network looks for a number: Grad-CAM (Selvaraju et al. 2017).

    It is an overview: the values do not add up to anything.

    Args:
        bundle: The model; hold its lock, or pass one with an image encoder of its own.
        pictures: Media id and picture, at least one.
        text: Encoding of the post's text, (dim,); None without text.
        target: What is explained.

    Returns:
        (height, width) of the explained layer's map for each picture, 0..1 of the largest of all.

    Raises:
        AttributionError: The encoder's configuration names no layer.
    """
    pixels = _stacked(pictures, bundle.config.encoders["image"])
    gradients = LayerGradCam(_score(bundle, target, text), explained_layer(bundle))
    maps = gradients.attribute(pixels, relu_attributions=True)
    values = maps.detach()[:, 0].double().numpy()  # (pictures, height, width)
    return list(values / max(float(values.max()), 1e-12))


def explained_layer(bundle: Bundle) -> nn.Module:
    """Find the layer over whose output pictures are explained.

    Raises:
        AttributionError: The encoder's configuration names none.
    """
    config = bundle.config.encoders["image"]
    if not config.explained_layer:
        raise AttributionError(
            f"Image encoder {config.name}", "names no layer to explain", "Set explained_layer in config.json."
        )
    return bundle.model.encoders["image"].get_submodule(config.explained_layer)


def _numbered(regions: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Number the regions of several pictures through: (pictures, side, side)."""
    starts = np.cumsum([0, *(int(each.max()) + 1 for each in regions)])
    return np.stack([each + start for each, start in zip(regions, starts, strict=False)])


def superpixels_of(picture: Image.Image, side: int, count: int) -> NDArray[np.int64]:
    """Divide a picture, squeezed to (side, side), into about `count` regions numbered from 0."""
    from skimage.segmentation import slic  # brings scipy, which scoring does without

    small = np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BILINEAR))
    regions = slic(small, n_segments=count, compactness=10, start_label=0, channel_axis=-1)
    return np.unique(regions, return_inverse=True)[1].reshape(side, side).astype(np.int64)


def _spread(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Spread each place's value evenly over its pixels: (height, width) to (side, side), with the same sum."""
    rows, columns = (np.arange(side) * places // side for places in values.shape)
    pixels = np.outer(np.bincount(rows), np.bincount(columns))  # pixels of each place
    return (values / pixels)[np.ix_(rows, columns)]


def region_mask_score(
    bundle: Bundle,
    pictures: Sequence[tuple[str, Image.Image]],
    regions: Sequence[NDArray[np.int64]],
    text: Tensor | None,
    target: Target,
) -> Score:
    """Give the score of the pictures with only some of their regions: what the checks ask.

    Args:
        bundle: The model; hold its lock, or pass one with an image encoder of its own.
        pictures: Media id and picture, at least one.
        regions: Superpixel number of each pixel, (side, side) for each picture.
        text: Encoding of the post's text, (dim,); None without text.
        target: What is scored.

    Returns:
        Scores which regions stay, of all pictures in their order; the others are black.
    """
    config = bundle.config.encoders["image"]
    pixels = _stacked(pictures, config)  # (1, pictures, 3, side, side)
    blank = _black(config)
    place = torch.from_numpy(_numbered(regions))
    at_once = max(1, ROWS // len(pictures))
    score_of = _score(bundle, target, text)

    def score(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = []
        with torch.inference_mode():
            for part in torch.from_numpy(kept).split(at_once):
                shown = torch.where(part[:, place].unsqueeze(2), pixels, blank)
                found.append(score_of(shown))
        return torch.cat(found).double().numpy()

    return score


def black_encoding(bundle: Bundle) -> Tensor:
    """Encode a black picture, the baseline of the pixels: (1, dim)."""
    with torch.inference_mode():
        return _encode(bundle, _black(bundle.config.encoders["image"]).unsqueeze(0).unsqueeze(0))


def _score(bundle: Bundle, target: Target, text: Tensor | None) -> Callable[[Tensor], Tensor]:
    """Give the function that is explained: (rows, pictures, 3, side, side) to (rows,) logits."""

    def score(pixels: Tensor) -> Tensor:
        return mean_score(bundle, target, "image", _encode(bundle, pixels), text)

    return score


def _stacked(pictures: Sequence[tuple[str, Image.Image]], config: EncoderConfig) -> Tensor:
    return torch.stack([to_pixels(picture, config) for _, picture in pictures]).unsqueeze(0)


def _black(config: EncoderConfig) -> Tensor:
    """Give a black picture: (3, side, side)."""
    return to_pixels(Image.new("RGB", (config.side, config.side)), config)


def _encode(bundle: Bundle, pixels: Tensor) -> Tensor:
    """Encode each row's pictures to their mean: (rows, pictures, 3, side, side) to (rows, dim)."""
    rows, count = pixels.shape[:2]
    return bundle.model.encode("image", pixels=pixels.flatten(0, 1)).reshape(rows, count, -1).mean(1)
