"""What the trained bundle is measured on: dev and validation splits, which no weight has seen.

How its probabilities are made honest is `analysis.training.core.calibration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from analysis.evaluation.evaluate import evaluation_of, smallest_side
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.encoding import encode_texts
from analysis.model.language import LANGUAGES, languages_of
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.settings import Settings
from analysis.training.compact.contrastive import retrieval, unrelated
from analysis.training.compact.encodings import Encodings
from analysis.training.compact.probes import PROBES
from analysis.training.core.calibration import HeldOut, calibrated, temperature_figures
from analysis.training.core.data_sets import LabelledData, distinct_pictures
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS

TITLES = {
    "sentiment_tweets": "Sentiment of tweets (TweetEval validation)",
    "mvsa_both": "Sentiment, text and picture (MVSA-Single dev)",
    "mvsa_text": "Sentiment, text alone (MVSA-Single dev, label of the text)",
    "mvsa_image": "Sentiment, picture alone (MVSA-Single dev, label of the picture)",
    "topic": "Topics (TweetTopic validation)",
    "emotion": "Emotion (TweetEval validation)",
    "irony": "Irony (TweetEval validation)",
    "offensive": "Offensive (TweetEval validation)",
    "hate": "Hate (TweetEval validation)",
}


@dataclass(frozen=True)
class Measures:
    """What there is to measure, and on what; `text` is what the text model says of each task's validation texts."""

    base: Bundle
    model: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    pictures: Mapping[str, Tensor]
    text: Mapping[str, Tensor]


def measure_everything(measures: Measures) -> tuple[dict[str, Any], dict[str, Head], tuple[float, ...]]:
    """Calibrate and measure.

    Returns:
        The figures for metrics.json; the heads with their temperatures; the quantiles of unrelated similarities.
    """
    held_out = {**_tweets(measures), **_pairs(measures)}
    heads, probability = calibrated(measures.base.heads, held_out)
    metrics = {
        "temperature": temperature_figures(heads),
        "evaluations": {
            key: _evaluation(held_out[key], probability[key], heads, title) for key, title in TITLES.items()
        },
        "multilingual": _multilingual(measures, heads),
        "languages": _languages(measures),
        "single_modality": _single_modality(measures),
        "text_model": _text_model(measures),
        "topic_of_pictures": _topic_of_pictures(measures),
        "probes": _probes(measures, heads),
        "rows": _rows(measures.labelled),
        "parameters": {
            "all": _count(measures.model),
            **{modality: _count(encoder) for modality, encoder in measures.model.encoders.items()},
        },
    }
    embedded = _embedded_dev(measures)
    metrics["retrieval"] = {"text_to_image": _captions(measures)}
    return metrics, heads, unrelated(*embedded)


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
    posts = dev[["text"]].assign(side=[smallest_side([path]) for path in dev["picture"]])
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
    found = _of_texts(measures, heads, measures.encodings.multilingual)
    figures = {}
    for language, rows in sorted(frame.groupby("lang").indices.items()):
        if language == "english":  # stands partly in the training data
            continue
        truth = torch.tensor(frame["label"].to_numpy()[rows])
        title = f"Sentiment, {language} (UMSAB validation)"
        figures[str(language)] = evaluation_of(
            found[torch.tensor(rows)], truth, heads["sentiment"], None, title, "text"
        )
    return figures


def _languages(measures: Measures) -> dict[str, dict[str, float]]:
    """Say how often a post's language is named, named right, and not among the model's, by the true language."""
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
    """Measure models of one modality alone, on the labels of just that modality: what fusion must not lose."""
    train, dev = measures.labelled.pairs.train, measures.labelled.pairs.val
    figures = {}
    for modality, kind in (("text", "text_label"), ("image", "image_label")):
        # strong pull to small weights: 384 to 1,280 inputs, 3,611 posts
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=2000))
        model.fit(measures.encodings.pairs["train"][modality].numpy(), train[kind])
        probability = torch.zeros(len(dev), 3)
        probability[:, model.classes_] = torch.tensor(
            model.predict_proba(measures.encodings.pairs["dev"][modality].numpy()), dtype=torch.float32
        )
        truth = torch.tensor(dev[kind].to_numpy())
        title = f"A model of the {modality} alone (MVSA-Single dev)"
        figures[modality] = evaluation_of(
            probability, truth, measures.base.heads["sentiment"], None, title, modality
        )
    return figures


def _text_model(measures: Measures) -> dict[str, Any]:
    """Measure the text model of the first stage: what the second brought to texts."""
    figures = {}
    for head, splits in measures.labelled.tweets.items():
        truth = torch.tensor(splits.val["label"].to_numpy())
        title = f"{measures.base.heads[head].name}, the text model"
        figures[head] = evaluation_of(
            measures.text[head], truth, measures.base.heads[head], None, title, "text"
        )
    return figures


def _topic_of_pictures(measures: Measures) -> dict[str, float]:
    """Say how often the topic of a picture alone is the one of its text, and how common the commonest is."""
    encoded, count = measures.encodings.pairs["dev"], len(measures.labelled.pairs.val)
    with torch.inference_mode():
        of_text = measures.model.predict(encoded, torch.tensor([VIEWS["text"]] * count))["topic"].argmax(1)
        of_image = measures.model.predict(encoded, torch.tensor([VIEWS["image"]] * count))["topic"].argmax(1)
    return {
        "agreement": round(float((of_text == of_image).float().mean()), 4),
        "commonest": round(float(np.bincount(of_text.numpy()).max() / count), 4),
    }


def _probes(measures: Measures, heads: Mapping[str, Head]) -> list[dict[str, Any]]:
    text = encode_texts(measures.base, [post for post, _ in PROBES])
    found = _of_texts(measures, heads, text)
    return [
        {
            "text": post,
            "people": people,
            "model": heads["sentiment"].classes[int(each.argmax())],
            "confidence": round(float(each.max()), 2),
        }
        for (post, people), each in zip(PROBES, found, strict=True)
    ]


def _captions(measures: Measures) -> dict[str, float]:
    paths, owner = distinct_pictures(measures.labelled.captions.val)
    with torch.inference_mode():
        text = measures.model.embed("text", measures.encodings.captions["dev"])
        image = measures.model.embed("image", torch.stack([measures.pictures[path] for path in paths]))
    return retrieval(text, image, owner)


def _embedded_dev(measures: Measures) -> tuple[Tensor, Tensor]:
    encoded = measures.encodings.pairs["dev"]
    with torch.inference_mode():
        return measures.model.embed("text", encoded["text"]), measures.model.embed("image", encoded["image"])


def _of_texts(measures: Measures, heads: Mapping[str, Head], text: Tensor) -> Tensor:
    """Ask for the sentiment of texts alone: (texts, classes)."""
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
