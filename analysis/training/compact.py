"""The recipe of the `compact` bundle: which data teach which head, how it is validated, what is written.

1. Base encoders are loaded and stay frozen; every text and picture is encoded once.
2. A text-only topic model is trained on TweetTopic. It is the teacher of topics for MVSA, whose posts have
   pictures but no topic labels: its probabilities for a text are the targets of the pair and of the picture
   alone (cross-modal distillation, Gupta et al. 2016).
3. Five-fold cross-validation over MVSA train and TweetTopic train gives held-out logits, from which the heads'
   temperatures and the cross-validated figures come.
4. The final model is trained on all of train, and measured on MVSA dev and TweetTopic validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from analysis.model.bundle import Bundle, save_bundle
from analysis.model.config import SENTIMENTS, EncoderConfig, FusionConfig, Head, ModelConfig
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.settings import Settings
from analysis.training.card import model_card
from analysis.training.checkpoints import LITE0, MINILM, base_encoders, tokenizer_source
from analysis.training.data import TOPICS, LabelledData, read_data
from analysis.training.encodings import Encodings, encode_data
from analysis.training.examples import LABEL_OF_VIEW, VIEWS, Examples, join, make_examples
from analysis.training.loop import TrainingConfig, balance, fit, predict
from analysis.training.metrics import classification_metrics, fit_temperature

VIEW_WEIGHT = {"both": 1.0, "text": 0.5, "image": 0.5}
FOLDS = 5

COMPACT = ModelConfig(
    name="compact",
    encoders={
        "text": EncoderConfig("transformers", MINILM, dim=384),
        "image": EncoderConfig("timm", LITE0, dim=1280, explained_layer="network.blocks.4"),
    },
    fusion=FusionConfig(width=256, hidden=128, dropout=0.5),
    heads={
        "sentiment": Head("sentiment", SENTIMENTS, ("Negative", "Neutral", "Positive")),
        "topic": Head(
            "topic",
            tuple(name for name, _ in TOPICS.values()),
            tuple(title for _, title in TOPICS.values()),
            exclusive=False,
        ),
    },
)


def train_compact(
    data: Path, out: Path, config: TrainingConfig, model: ModelConfig = COMPACT
) -> dict[str, Any]:
    """Train, validate and write the bundle.

    Args:
        data: Folder of the labelled data; see `read_data`.
        out: The bundle's folder.
        config: How fusion and heads are trained.
        model: What is trained.

    Returns:
        The figures that metrics.json holds.

    Raises:
        TrainingError: The data cannot be used.
        BundleError: Base weights cannot be reached, or the folder cannot be written.
    """
    from transformers import AutoTokenizer

    labelled = read_data(data)
    encoders = base_encoders(model)
    architecture = encoders["text"].network.config.to_dict()  # type: ignore[union-attr, operator]
    architecture.pop("_name_or_path")  # where the checkpoint lay on this machine is nobody's business
    model = replace(
        model, encoders={**model.encoders, "text": replace(model.encoders["text"], architecture=architecture)}
    )
    base = Bundle(
        out,
        model,
        _network(encoders, model),
        AutoTokenizer.from_pretrained(tokenizer_source(model.encoders["text"])),
        "",
    )
    encodings = encode_data(base, labelled)
    trained, model, metrics = train_on_encodings(base, labelled, encodings, config)
    save_bundle(out, model, trained, base.tokenizer, metrics, model_card(model, metrics))
    return metrics


def train_on_encodings(
    base: Bundle, labelled: LabelledData, encodings: Encodings, config: TrainingConfig
) -> tuple[MultimodalModel, ModelConfig, dict[str, Any]]:
    """Cross-validate, calibrate, train and measure, from encodings.

    Args:
        base: Encoders, configuration and tokenizer.
        labelled: The labels.
        encodings: Of the same rows.
        config: How.

    Returns:
        The trained model, its configuration with temperatures, and the figures.
    """
    recipe = Recipe(base, labelled, encodings, config)
    held_out = recipe.cross_validate()
    heads = {
        name: replace(head, temperature=fit_temperature(*held_out[name], head))
        for name, head in base.heads.items()
    }
    everything = recipe.examples(
        torch.arange(len(labelled.mvsa_train)), torch.arange(len(labelled.topic_train))
    )
    model = recipe.fit(everything, "final model")
    metrics = {
        "seed": config.seed,
        "temperature": {name: head.temperature for name, head in heads.items()},
        "mvsa_dev": recipe.measure_mvsa_dev(model, heads),
        "mvsa_dev_single_modality_models": recipe.measure_single_modalities(),
        "topic_cross_validation": measure(*held_out["topic"], heads["topic"]),
        "topic_val": recipe.measure_topic_val(model, heads),
        "topic_of_pictures": recipe.measure_topic_of_pictures(model, heads),
        "rows": {
            "mvsa_train": len(labelled.mvsa_train),
            "mvsa_dev": len(labelled.mvsa_dev),
            "topic_train": len(labelled.topic_train),
            "topic_val": len(labelled.topic_val),
        },
        "parameters": {
            "all": _count(model),
            **{modality: _count(encoder) for modality, encoder in model.encoders.items()},
        },
    }
    return model, replace(base.config, heads=heads), metrics


@dataclass(frozen=True)
class Recipe:
    """Everything that training needs, and the steps that cross-validation and the final model share."""

    base: Bundle
    labelled: LabelledData
    encodings: Encodings
    config: TrainingConfig

    def fit(self, examples: Examples, title: str) -> MultimodalModel:
        """Train a new fusion and new heads on the frozen encoders."""
        model = _network(dict(self.base.model.encoders.items()), self.base.config)
        topics = torch.tensor(self.labelled.topic_train["label"].to_numpy())
        weights = {
            "sentiment": torch.ones(len(SENTIMENTS)),
            "topic": balance(topics, len(TOPICS), self.config.balance),
        }
        return fit(model, examples, self.base.heads, self.encodings.blanks, weights, self.config, title)

    def tweets(self, split: str, rows: Tensor) -> Examples:
        """TweetTopic rows: text alone, with their topic."""
        frame = {"train": self.labelled.topic_train, "val": self.labelled.topic_val}[split]
        labels = torch.tensor(frame["label"].to_numpy())[rows]
        return self._make("text", self.encodings.topic_text[split][rows], None, {"topic": labels})

    def pairs(self, split: str, rows: Tensor, view: str, topics: Tensor | None = None) -> Examples:
        """MVSA rows in one view, with the sentiment label of that view, and topic probabilities if given."""
        frame = {"train": self.labelled.mvsa_train, "dev": self.labelled.mvsa_dev}[split]
        targets = {"sentiment": torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy())[rows]}
        if topics is not None:
            targets["topic"] = topics
        return self._make(
            view, self.encodings.mvsa_text[split][rows], self.encodings.mvsa_image[split][rows], targets
        )

    def teacher(self, tweets: Examples) -> MultimodalModel:
        """Train the text-only topic model."""
        return self.fit(tweets, "topic teacher")

    def examples(self, mvsa: Tensor, topic: Tensor) -> Examples:
        """Build the training examples of some rows of train: TweetTopic as text, MVSA in every view."""
        tweets = self.tweets("train", topic)
        taught = torch.sigmoid(predict(self.teacher(tweets), self.pairs("train", mvsa, "text"))["topic"])
        return join(tweets, *(self.pairs("train", mvsa, view, taught) for view in VIEWS))

    def cross_validate(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Train on four fifths of train, predict the last, five times.

        Returns:
            Held-out logits and targets by head: sentiment in every view of MVSA, topic of TweetTopic.
        """
        heads: dict[str, list[tuple[Tensor, Tensor]]] = {"sentiment": [], "topic": []}
        folds = KFold(FOLDS, shuffle=True, random_state=self.config.seed)
        rows = [np.arange(len(frame)) for frame in (self.labelled.mvsa_train, self.labelled.topic_train)]
        for number, (mvsa, topic) in enumerate(
            zip(*(folds.split(each) for each in rows), strict=True), start=1
        ):
            examples = self.examples(torch.from_numpy(mvsa[0]), torch.from_numpy(topic[0]))
            model = self.fit(examples, f"fold {number} of {FOLDS}")
            for view in VIEWS:
                held_out = self.pairs("train", torch.from_numpy(mvsa[1]), view)
                heads["sentiment"].append(
                    (predict(model, held_out)["sentiment"], held_out.targets["sentiment"])
                )
            held_out = self.tweets("train", torch.from_numpy(topic[1]))
            heads["topic"].append((predict(model, held_out)["topic"], held_out.targets["topic"]))
        return {
            name: (torch.cat([logits for logits, _ in parts]), torch.cat([target for _, target in parts]))
            for name, parts in heads.items()
        }

    def measure_mvsa_dev(self, model: MultimodalModel, heads: Mapping[str, Head]) -> dict[str, Any]:
        """Measure sentiment on MVSA dev in every view, against the label of that view."""
        rows = torch.arange(len(self.labelled.mvsa_dev))
        examples = {view: self.pairs("dev", rows, view) for view in VIEWS}
        return {
            view: measure(predict(model, each)["sentiment"], each.targets["sentiment"], heads["sentiment"])
            for view, each in examples.items()
        }

    def measure_single_modalities(self) -> dict[str, Any]:
        """Measure what one modality alone can say of the joint label: logistic regression on its encodings."""
        figures = {}
        for modality, encoded in (("text", self.encodings.mvsa_text), ("image", self.encodings.mvsa_image)):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=1000))
            model.fit(encoded["train"].numpy(), self.labelled.mvsa_train["label"])
            probability = torch.from_numpy(model.predict_proba(encoded["dev"].numpy()))
            truth = torch.tensor(self.labelled.mvsa_dev["label"].to_numpy())
            figures[modality] = classification_metrics(probability, truth, self.base.heads["sentiment"])
        return figures

    def measure_topic_val(self, model: MultimodalModel, heads: Mapping[str, Head]) -> dict[str, Any]:
        """Measure topics on TweetTopic validation."""
        examples = self.tweets("val", torch.arange(len(self.labelled.topic_val)))
        return measure(predict(model, examples)["topic"], examples.targets["topic"], heads["topic"])

    def measure_topic_of_pictures(self, model: MultimodalModel, heads: Mapping[str, Head]) -> dict[str, Any]:
        """Measure how often the topic of a picture alone is the one named for its text, on MVSA dev.

        There are no topic labels for pictures: the text's own topic stands in, where it is named at all.
        """
        rows = torch.arange(len(self.labelled.mvsa_dev))
        of_text, of_image = (
            probabilities(heads, predict(model, self.pairs("dev", rows, view)))["topic"]
            for view in ("text", "image")
        )
        named = of_text.max(1).values >= Settings().topic_from
        figures = classification_metrics(of_image[named], of_text[named].argmax(1), heads["topic"])
        commonest = of_text[named].argmax(1).bincount().max() / named.sum()
        return {**figures, "commonest_topic": round(float(commonest), 4)}

    def _make(self, view: str, text: Tensor, image: Tensor | None, targets: Mapping[str, Tensor]) -> Examples:
        dims = {modality: part.dim for modality, part in self.base.config.encoders.items()}
        classes = {name: len(head.classes) for name, head in self.base.heads.items()}
        return make_examples(text, image, view, targets, dims, classes, VIEW_WEIGHT[view])


def measure(logits: Tensor, target: Tensor, head: Head) -> dict[str, Any]:
    """Measure logits against targets, (posts, classes) each; see `classification_metrics`."""
    return classification_metrics(
        probabilities({head.name: head}, {head.name: logits})[head.name], target.argmax(1), head
    )


def _network(encoders: Mapping[str, nn.Module], config: ModelConfig) -> MultimodalModel:
    dims = {modality: part.dim for modality, part in config.encoders.items()}
    return MultimodalModel(encoders, build_fusion(dims, config.fusion), config.heads)


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
