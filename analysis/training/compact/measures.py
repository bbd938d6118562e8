"""Stage 6 of the `compact` recipe: evaluate the model on dev and validation splits, which were not used for training.

`analysis.training.core.calibration` calibrates the probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from analysis.columns import LANGUAGES
from analysis.evaluation.evaluate import evaluate_predictions, measure_smallest_image_side
from analysis.model.bundle import Bundle
from analysis.model.config import OTHER, Head
from analysis.model.language import detect_languages
from analysis.model.network import MultimodalModel
from analysis.model.text import preprocess_texts
from analysis.settings import Settings
from analysis.training.compact.branches import get_text_branch, scale_branch
from analysis.training.compact.contrastive import compute_unrelated_quantiles, measure_retrieval
from analysis.training.compact.encodings import Encodings
from analysis.training.compact.linear_probe import fit_linear_probe
from analysis.training.compact.text import keep_classes
from analysis.training.core.calibration import HeldOut, fit_temperatures, list_temperatures
from analysis.training.core.data_sets import (
    ENGLISH,
    LabelledData,
    find_labelled_classes,
    list_distinct_images,
)
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS

LANGUAGE_BAR = 0.6
"""Macro F1 of sentiment on validation texts from which a language counts as one that the model knows. The mean of
XLM-R in eight languages is 0.65 (Barbieri et al. 2022)."""
TITLES = {
    "sentiment_tweets": "Sentiment of tweets (TweetEval validation)",
    "mvsa_both": "Sentiment, text and image (MVSA-Single dev)",
    "mvsa_text": "Sentiment, text alone (MVSA-Single dev, label of the text)",
    "mvsa_image": "Sentiment, image alone (MVSA-Single dev, label of the image)",
    "topic": "Topics (TweetTopic validation)",
    "emotion": "Emotion, the likeliest of four (TweetEval validation)",
    "irony": "Irony (TweetEval validation)",
    "offensive": "Offensive (TweetEval validation)",
    "hate": "Hate (TweetEval validation)",
}


@dataclass(frozen=True)
class MeasuredModel:
    """The model to evaluate and the data; `text` contains the text model's predictions for the validation texts."""

    base: Bundle
    model: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    images: Mapping[str, Tensor]
    text: Mapping[str, Tensor]


def measure_trained_model(
    measured: MeasuredModel,
) -> tuple[dict[str, Any], dict[str, Head], tuple[float, ...]]:
    """Calibrate and evaluate the model; the logits of the branch of other languages are scaled in place.

    Returns:
        The metrics for metrics.json, the heads with fitted temperatures, and the quantiles of unrelated similarities.
    """
    held_out = {**_predict_tweets(measured), **_predict_pairs(measured)}
    heads, probability, factors = fit_temperatures(measured.base.heads, held_out)
    for head, factor in factors.items():
        scale_branch(measured.model, head, get_text_branch(measured.base, OTHER), factor)
    metrics = {
        "temperature": list_temperatures(heads, factors),
        "evaluations": {
            key: _evaluate_held_out(held_out[key], probability[key], heads, title)
            for key, title in TITLES.items()
        },
        "multilingual": _measure_other_languages(held_out, probability, heads),
        "languages": _measure_language_detection(measured),
        "unknown_tokens": _measure_unknown_tokens(measured),
        "single_modality": _measure_single_modalities(measured),
        "text_model": _measure_text_model(measured),
        "topic_of_images": _measure_image_topics(measured),
        "rows": _count_rows(measured.labelled),
        "parameters": {
            "all": count_parameters(measured.model),
            **{modality: count_parameters(encoder) for modality, encoder in measured.model.encoders.items()},
        },
    }
    embedded = _embed_dev(measured)
    metrics["retrieval"] = {"text_to_image": _measure_caption_retrieval(measured)}
    return metrics, heads, compute_unrelated_quantiles(*embedded)


def _predict_tweets(measured: MeasuredModel) -> dict[str, HeldOut]:
    found = {}
    for head, splits in measured.labelled.tweets.items():
        text = measured.encodings.tweets[head]
        logits = _predict_logits(measured, text)[head]
        key = "sentiment_tweets" if head == "sentiment" else head
        truth = torch.tensor(splits.val["label"].to_numpy())
        found[key] = HeldOut(head, "text", logits, truth, splits.val[["text"]])
    frame = measured.labelled.languages.val
    logits = _predict_logits(measured, measured.encodings.languages)["sentiment"]
    is_other = _find_other(measured)
    for language, rows in _list_languages(frame).items():
        truth = torch.tensor(frame["label"].to_numpy()[rows])
        chosen = torch.tensor(rows)
        read_by_other = None if is_other is None else is_other[chosen]
        found[f"sentiment_{language}"] = HeldOut(
            "sentiment", "text", logits[chosen], truth, is_other=read_by_other
        )
    return found


def _find_other(measured: MeasuredModel) -> Tensor | None:
    """Find the validation texts that the branch of other languages reads, (texts,) bool; None without branches."""
    if OTHER not in measured.base.tokenizers:
        return None
    return measured.encodings.languages[:, get_text_branch(measured.base, OTHER).constant] > 0


def _list_languages(frame: pd.DataFrame) -> dict[str, Any]:
    """List the rows of each language but English, whose texts are partly validation tweets too."""
    groups = frame.groupby("lang").indices
    return {str(language): rows for language, rows in sorted(groups.items()) if language != ENGLISH}


def _predict_pairs(measured: MeasuredModel) -> dict[str, HeldOut]:
    dev, encoded = measured.labelled.pairs.val, measured.encodings.pairs["dev"]
    posts = dev[["text"]].assign(side=[measure_smallest_image_side([path]) for path in dev["image_path"]])
    found = {}
    for view, shown in VIEWS.items():
        with torch.inference_mode():
            logits = measured.model.predict(encoded, torch.tensor([shown] * len(dev)))["sentiment"]
        truth = torch.tensor(dev[LABEL_OF_VIEW[view]].to_numpy())
        found[f"mvsa_{view}"] = HeldOut("sentiment", view, logits, truth, posts)
    return found


def _evaluate_held_out(
    part: HeldOut, probability: Tensor, heads: Mapping[str, Head], title: str
) -> dict[str, Any]:
    head, kept = heads[part.head], find_labelled_classes(heads[part.head])
    found = probability[:, kept]
    return evaluate_predictions(found, part.truth, keep_classes(head, kept), part.posts, title, part.inputs)


def _measure_other_languages(
    held_out: Mapping[str, HeldOut], probability: Mapping[str, Tensor], heads: Mapping[str, Head]
) -> dict[str, Any]:
    prefix, figures = "sentiment_", {}
    for key, part in held_out.items():
        language = key.removeprefix(prefix)
        if key.startswith(prefix) and key not in TITLES:
            title = f"Sentiment, {language} (validation)"
            figures[language] = _evaluate_held_out(part, probability[key], heads, title)
    return figures


def list_tested_languages(figures: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """List the codes of the languages whose macro F1 of sentiment reaches `LANGUAGE_BAR`, after English.

    Args:
        figures: Evaluations by name of the language.
    """
    codes = {name.casefold(): code for code, name in LANGUAGES.items()}
    passed = [
        codes[name] for name, each in figures.items() if name in codes and each["macro_f1"] >= LANGUAGE_BAR
    ]
    return ("en", *sorted(passed))


def _measure_language_detection(measured: MeasuredModel) -> dict[str, dict[str, float]]:
    """Measure language detection by language: the shares detected, correct, and flagged as foreign."""
    labelled, own = measured.labelled, measured.base.config.languages
    frame = labelled.languages.val
    posts = [(str(name), part["text"]) for name, part in frame.groupby("lang")]
    posts.append(("english, tweets", labelled.tweets["sentiment"].val["text"]))
    codes = {name.casefold(): code for code, name in LANGUAGES.items()}
    figures = {}
    for name, texts in posts:
        found = pd.Series(detect_languages(texts.tolist(), Settings().language_from, own), dtype=object)
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


def _measure_unknown_tokens(measured: MeasuredModel) -> dict[str, float]:
    """Measure the share of tokens by language that the encoder of other languages, or the only one, does not know."""
    tokenizer, frame = list(measured.base.tokenizers.values())[-1], measured.labelled.languages.val
    figures = {}
    for language, texts in frame.groupby("lang")["text"]:
        rows = tokenizer(preprocess_texts(texts.tolist()))["input_ids"]
        unknown = sum(token == tokenizer.unk_token_id for row in rows for token in row)
        figures[str(language)] = round(unknown / sum(map(len, rows)), 5)
    return figures


def _measure_single_modalities(measured: MeasuredModel) -> dict[str, Any]:
    """Evaluate models of a single modality with the labels of that modality, as baselines for the fused model."""
    train, dev = measured.labelled.pairs.train, measured.labelled.pairs.val
    encoded = measured.encodings.pairs
    head = measured.base.heads["sentiment"]
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
        figures[modality] = evaluate_predictions(found.float(), truth, head, None, title, modality)
    return figures


def _measure_text_model(measured: MeasuredModel) -> dict[str, Any]:
    """Evaluate the text model of stage 1, for comparison with the fused model."""
    figures = {}
    for head, splits in measured.labelled.tweets.items():
        truth = torch.tensor(splits.val["label"].to_numpy())
        part = HeldOut(head, "text", measured.text[head], truth)
        figures[head] = _evaluate_held_out(
            part, measured.text[head], measured.base.heads, f"{head}, the text model"
        )
    return figures


def _measure_image_topics(measured: MeasuredModel) -> dict[str, float]:
    """Measure how often the topic of the image equals that of the text, and the share of the most common topic."""
    encoded, count = measured.encodings.pairs["dev"], len(measured.labelled.pairs.val)
    with torch.inference_mode():
        of_text = measured.model.predict(encoded, torch.tensor([VIEWS["text"]] * count))["topic"].argmax(1)
        of_image = measured.model.predict(encoded, torch.tensor([VIEWS["image"]] * count))["topic"].argmax(1)
    return {
        "agreement": round(float((of_text == of_image).float().mean()), 4),
        "commonest": round(float(np.bincount(of_text.numpy()).max() / count), 4),
    }


def _measure_caption_retrieval(measured: MeasuredModel) -> dict[str, float]:
    paths, owner = list_distinct_images(measured.labelled.captions.val)
    with torch.inference_mode():
        first = next(iter(measured.encodings.captions.values()))
        text = measured.model.embed("text", first["dev"])
        image = measured.model.embed("image", torch.stack([measured.images[path] for path in paths]))
    return measure_retrieval(text, image, owner)


def _embed_dev(measured: MeasuredModel) -> tuple[Tensor, Tensor]:
    encoded = measured.encodings.pairs["dev"]
    with torch.inference_mode():
        return measured.model.embed("text", encoded["text"]), measured.model.embed("image", encoded["image"])


def _predict_logits(measured: MeasuredModel, text: Tensor) -> dict[str, Tensor]:
    blank = torch.zeros(len(text), measured.model.fusion.dims["image"])
    shown = torch.tensor([VIEWS["text"]] * len(text))
    with torch.inference_mode():
        return measured.model.predict({"text": text, "image": blank}, shown)


def _count_rows(labelled: LabelledData) -> dict[str, int]:
    named = {
        "mvsa": labelled.pairs,
        "captions": labelled.captions,
        **{f"tweets_{head}": splits for head, splits in labelled.tweets.items()},
    }
    rows = {f"{name}_train": len(splits.train) for name, splits in named.items()}
    rows |= {f"{name}_val": len(splits.val) for name, splits in named.items()}
    rows |= {f"further_{number}": len(each.texts) for number, each in enumerate(labelled.further)}
    languages = labelled.languages
    return {
        **rows,
        "unlabelled": len(labelled.unlabelled),
        "languages_train": len(languages.train),
        "languages_val": len(languages.val),
    }


def count_parameters(*modules: torch.nn.Module) -> int:
    """Count the parameters of networks."""
    return sum(parameter.numel() for module in modules for parameter in module.parameters())
