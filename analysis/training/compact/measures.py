"""Stage 6 of the `compact` recipe: measure the model on dev and validation splits, which it was not trained on.

How its probabilities are calibrated is in `analysis.training.core.calibration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from analysis.evaluation.evaluate import evaluation_of, smallest_side
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.encoding import encode_texts
from analysis.model.language import LANGUAGES, languages_of
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.settings import Settings
from analysis.training.compact.contrastive import retrieval, unrelated_quantiles
from analysis.training.compact.encodings import Encodings
from analysis.training.compact.hard_posts import HARD_POSTS
from analysis.training.compact.linear_probe import fit_linear_probe
from analysis.training.core.calibration import HeldOut, calibrate, temperature_figures
from analysis.training.core.data_sets import LabelledData, distinct_images
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS

TITLES = {
    "sentiment_tweets": "Sentiment of tweets (TweetEval validation)",
    "mvsa_both": "Sentiment, text and image (MVSA-Single dev)",
    "mvsa_text": "Sentiment, text alone (MVSA-Single dev, label of the text)",
    "mvsa_image": "Sentiment, image alone (MVSA-Single dev, label of the image)",
    "topic": "Topics (TweetTopic validation)",
    "emotion": "Emotion (TweetEval validation)",
    "irony": "Irony (TweetEval validation)",
    "offensive": "Offensive (TweetEval validation)",
    "hate": "Hate (TweetEval validation)",
}


@dataclass(frozen=True)
class Measures:
    """The model to measure and the data; `text` has the text model's predictions for the validation texts."""

    base: Bundle
    model: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    images: Mapping[str, Tensor]
    text: Mapping[str, Tensor]


def measure_everything(measures: Measures) -> tuple[dict[str, Any], dict[str, Head], tuple[float, ...]]:
    """Calibrate and measure.

    Returns:
        The figures for metrics.json; the heads with their temperatures; the quantiles of unrelated similarities.
    """
    held_out = {**_tweets(measures), **_pairs(measures)}
    heads, probability = calibrate(measures.base.heads, held_out)
    metrics = {
        "temperature": temperature_figures(heads),
        "evaluations": {
            key: _evaluation(held_out[key], probability[key], heads, title) for key, title in TITLES.items()
        },
        "multilingual": _multilingual(measures, heads),
        "languages": _languages(measures),
        "single_modality": _single_modality(measures),
        "text_model": _text_model(measures),
        "topic_of_images": _topic_of_images(measures),
        "probes": _hard_posts(measures, heads),
        "rows": _rows(measures.labelled),
        "parameters": {
            "all": _count(measures.model),
            **{modality: _count(encoder) for modality, encoder in measures.model.encoders.items()},
        },
    }
    embedded = _embedded_dev(measures)
    metrics["retrieval"] = {"text_to_image": _captions(measures)}
    return metrics, heads, unrelated_quantiles(*embedded)


def _tweets(measures: Measures) -> dict[str, HeldOut]:
    found = {}
    for head, splits in measures.labelled.tweets.items():
        text = measures.encodings.tweets[head]
        logits = _logits(measures, text)[head]
        key = "sentiment_tweets" if head == "sentiment" else head
        truth = torch.tensor(splits.val["label"].to_numpy())
        found[key] = HeldOut(head, "text", logits, truth, splits.val[["text"]])
    return found


def _pairs(measures: Measures) -> dict[str, HeldOut]:
    dev, encoded = measures.labelled.pairs.val, measures.encodings.pairs["dev"]
    posts = dev[["text"]].assign(side=[smallest_side([path]) for path in dev["image_path"]])
    found = {}
    for view, shown in VIEWS.items():
        with torch.inference_mode():
            logits = measures.model.predict(encoded, torch.tensor([shown] * len(dev)))["sentiment"]
        truth = torch.tensor(dev[LABEL_OF_VIEW[view]].to_numpy())
        found[f"mvsa_{view}"] = HeldOut("sentiment", view, logits, truth, posts)
    return found


def _evaluation(part: HeldOut, probability: Tensor, heads: Mapping[str, Head], title: str) -> dict[str, Any]:
    return evaluation_of(probability, part.truth, heads[part.head], part.posts, title, part.inputs)


def _multilingual(measures: Measures, heads: Mapping[str, Head]) -> dict[str, Any]:
    frame = measures.labelled.multilingual
    found = _predict_texts(measures, heads, measures.encodings.multilingual)
    figures = {}
    for language, rows in sorted(frame.groupby("lang").indices.items()):
        if language == "english":  # partly in the training data
            continue
        truth = torch.tensor(frame["label"].to_numpy()[rows])
        title = f"Sentiment, {language} (UMSAB validation)"
        figures[str(language)] = evaluation_of(
            found[torch.tensor(rows)], truth, heads["sentiment"], None, title, "text"
        )
    return figures


def _languages(measures: Measures) -> dict[str, dict[str, float]]:
    """Measure language detection by true language: share detected, share correct, and share flagged as foreign."""
    labelled, own = measures.labelled, measures.base.config.languages
    frame = labelled.multilingual
    posts = [(str(name), part["text"]) for name, part in frame.groupby("lang")]
    posts.append(("english, tweets", labelled.tweets["sentiment"].val["text"]))
    codes = {name.casefold(): code for code, name in LANGUAGES.items()}
    figures = {}
    for name, texts in posts:
        found = pd.Series(languages_of(texts.tolist(), Settings().language_from, own), dtype=object)
        named = found[found.notna()]
        figures[name] = {
            "posts": len(found),
            "named": round(len(named) / len(found), 4),
            "right": round(float((named == codes.get(name.partition(",")[0])).mean()), 4)
            if len(named)
            else 0.0,
            "flagged": round(float((~named.isin(own)).sum()) / len(found), 4),
        }
    return figures


def _single_modality(measures: Measures) -> dict[str, Any]:
    """Measure models of one modality alone, with the labels of that modality: the fused model must match them."""
    train, dev = measures.labelled.pairs.train, measures.labelled.pairs.val
    encoded = measures.encodings.pairs
    head = measures.base.heads["sentiment"]
    figures = {}
    for modality, column in (("text", "text_label"), ("image", "image_label")):
        found = fit_linear_probe(
            encoded["train"][modality],
            train[column].to_numpy(),
            encoded["dev"][modality],
            len(head.classes),
            strength=0.003,  # a strong penalty: 384 to 1,280 inputs, 3,611 posts
            balanced=False,
        )
        truth = torch.tensor(dev[column].to_numpy())
        title = f"A model of the {modality} alone (MVSA-Single dev)"
        figures[modality] = evaluation_of(found.float(), truth, head, None, title, modality)
    return figures


def _text_model(measures: Measures) -> dict[str, Any]:
    """Measure the text model of stage 1, to compare it with the fused model."""
    figures = {}
    for head, splits in measures.labelled.tweets.items():
        truth = torch.tensor(splits.val["label"].to_numpy())
        title = f"{measures.base.heads[head].name}, the text model"
        figures[head] = evaluation_of(
            measures.text[head], truth, measures.base.heads[head], None, title, "text"
        )
    return figures


def _topic_of_images(measures: Measures) -> dict[str, float]:
    """Measure how often an image's topic equals its text's, and the share of the most common topic."""
    encoded, count = measures.encodings.pairs["dev"], len(measures.labelled.pairs.val)
    with torch.inference_mode():
        of_text = measures.model.predict(encoded, torch.tensor([VIEWS["text"]] * count))["topic"].argmax(1)
        of_image = measures.model.predict(encoded, torch.tensor([VIEWS["image"]] * count))["topic"].argmax(1)
    return {
        "agreement": round(float((of_text == of_image).float().mean()), 4),
        "commonest": round(float(np.bincount(of_text.numpy()).max() / count), 4),
    }


def _hard_posts(measures: Measures, heads: Mapping[str, Head]) -> list[dict[str, Any]]:
    text = encode_texts(measures.base, [post for post, _ in HARD_POSTS])
    found = _predict_texts(measures, heads, text)
    return [
        {
            "text": post,
            "people": people,
            "model": heads["sentiment"].classes[int(each.argmax())],
            "confidence": round(float(each.max()), 2),
        }
        for (post, people), each in zip(HARD_POSTS, found, strict=True)
    ]


def _captions(measures: Measures) -> dict[str, float]:
    paths, owner = distinct_images(measures.labelled.captions.val)
    with torch.inference_mode():
        text = measures.model.embed("text", measures.encodings.captions["dev"])
        image = measures.model.embed("image", torch.stack([measures.images[path] for path in paths]))
    return retrieval(text, image, owner)


def _embedded_dev(measures: Measures) -> tuple[Tensor, Tensor]:
    encoded = measures.encodings.pairs["dev"]
    with torch.inference_mode():
        return measures.model.embed("text", encoded["text"]), measures.model.embed("image", encoded["image"])


def _predict_texts(measures: Measures, heads: Mapping[str, Head], text: Tensor) -> Tensor:
    """Predict the sentiment of texts alone: (texts, classes)."""
    shown = torch.tensor([VIEWS["text"]] * len(text))
    return probabilities(heads, _logits(measures, text), shown)["sentiment"]


def _logits(measures: Measures, text: Tensor) -> dict[str, Tensor]:
    blank = torch.zeros(len(text), measures.model.fusion.dims["image"])
    shown = torch.tensor([VIEWS["text"]] * len(text))
    with torch.inference_mode():
        return measures.model.predict({"text": text, "image": blank}, shown)


def _rows(labelled: LabelledData) -> dict[str, int]:
    named = {
        "mvsa": labelled.pairs,
        "captions": labelled.captions,
        **{f"tweets_{head}": splits for head, splits in labelled.tweets.items()},
    }
    rows = {f"{name}_train": len(splits.train) for name, splits in named.items()}
    rows |= {f"{name}_val": len(splits.val) for name, splits in named.items()}
    return {**rows, "unlabelled": len(labelled.unlabelled), "multilingual_val": len(labelled.multilingual)}


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
