"""The model card, written from the figures that training measured (Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.model.config import Head, ModelConfig

CARD = """\
# {name}: model card

One fused model of text and pictures. Text encoder: {text} ({text_parameters:,} parameters). Image encoder:
{image} ({image_parameters:,}). Both are frozen. Fusion: each encoding is projected to {width} units, joined,
and mixed by {hidden} units; a missing modality is a learned vector. Heads: {heads}. {parameters:,} parameters
in all.

## How good it is

Measured on posts that the model was not trained on, by the command that trained it:

    postlens train --data DATA --out BUNDLE --seed {seed}

{sentiment_table}

The last two rows are logistic regressions on one encoder's output: what a model without fusion would reach.

F1 by class, text and picture: {sentiment_classes}.

{topic_table}

F1 by class, cross-validated: {topic_classes}.

The last row of the topics has no labels by people. It says how often the topic of a picture alone is the one
named for its text, on MVSA dev; always naming the commonest topic would reach {commonest_topic:.3f}. So a picture
alone says next to nothing about the topic, and PostLens names none for posts without text.

ECE is the expected calibration error: the average gap between confidence and the part that is right.
Temperatures, fitted on held-out folds of train: {temperatures}.

## Where it fails

- Irony: "Great, another delay" is often read as positive; nothing in the training data marks irony.
- Plain complaints without strong words ("third firmware update and it still fails") are often called neutral:
  the texts of MVSA hold few of them.
- Neutral posts, above all short news-like ones with a pleasant picture, tend to be called positive.
- Writing inside pictures is not read.
- Long posts are cut after {tokens} tokens, about {words} words.
- A picture alone says little: see the figures for pictures alone above.
- The rarest topic, arts & culture, is often taken for daily life or pop culture.

## What it was trained on

| data | rows used | what for | source and terms |
|---|---|---|---|
| MVSA-Single | {mvsa_train:,} train, {mvsa_dev:,} dev | sentiment | Niu et al., MMM 2016, in the split of CLMLF \
(Li et al., NAACL Findings 2022). Research use; tweets of real people |
| TweetTopic, single label | {topic_train:,} train, {topic_val:,} validation | topics of texts | Antypas et al., \
COLING 2022 |
| all-MiniLM-L6-v2 | - | text encoder, frozen | Apache-2.0 |
| EfficientNet-Lite0, ImageNet | - | image encoder, frozen | Apache-2.0 |

None of these data is part of PostLens. Published test splits were not used.

Known flaws of the data

- MVSA's joint label follows from the two single ones: equal labels keep that label, otherwise the one that is
  not neutral wins, and contradictions were dropped. So the data never shows a positive text with a negative
  picture; on such posts the model extrapolates.
- 40 % of MVSA's posts are retweets, near-duplicates exist (also across train and dev), 49 groups of duplicates
  carry conflicting labels, emoji were lost to `?` in 9 % of the texts, 39 pictures have a side under 100 px.
- Six in ten MVSA posts are positive, one in ten neutral: neutral posts are often missed.
- Both data sets are tweets in English from 2014 to 2021. Newer words, other platforms and other languages are
  outside of what was tested.
- There are no topic labels for pictures. The topics of pictures were learned from the text topics of the same
  posts: a guess from the company a picture keeps, not from people's judgement.

## What it is for

Intended use: to sort, count and read batches of English social posts, with the posts themselves at hand.
Numbers for publication should name the model and the share of "not sure" posts, and rest on a sample read by
people.

Do not use it to judge or rank persons, to decide on moderation or on anything else about a person without a
human reading the post, or for languages, platforms and kinds of picture that it was not tested on (memes with
text in the picture, screenshots, drawings).
"""

SENTIMENT_ROWS = (
    ("text and picture, joint label", "both"),
    ("text alone, label of the text", "text"),
    ("picture alone, label of the picture", "image"),
)
SINGLE_ROWS = (
    ("a model of text alone, joint label", "text"),
    ("a model of pictures alone, joint label", "image"),
)
TOPIC_ROWS = (
    ("text, 5-fold cross-validation on train", "topic_cross_validation"),
    ("text, validation split", "topic_val"),
    ("picture alone, against the topic of its text", "topic_of_pictures"),
)


def model_card(config: ModelConfig, metrics: Mapping[str, Any]) -> str:
    """Write the card of a bundle.

    Args:
        config: What the model is.
        metrics: What `analysis.training.compact.train_compact` measured.

    Returns:
        Markdown.
    """
    text, image = config.encoders["text"], config.encoders["image"]
    parameters, dev = metrics["parameters"], metrics["mvsa_dev"]
    single = metrics["mvsa_dev_single_modality_models"]
    heads = "; ".join(f"{name} ({', '.join(head.titles)})" for name, head in config.heads.items())
    return CARD.format(
        name=config.name,
        text=text.name,
        image=image.name,
        text_parameters=parameters["text"],
        image_parameters=parameters["image"],
        parameters=parameters["all"],
        width=config.fusion.width,
        hidden=config.fusion.hidden,
        heads=heads,
        seed=metrics["seed"],
        sentiment_table=_table(
            "sentiment, MVSA-Single dev",
            [(title, dev[key]) for title, key in SENTIMENT_ROWS]
            + [(title, single[key]) for title, key in SINGLE_ROWS],
        ),
        sentiment_classes=_by_class(dev["both"], config.heads["sentiment"]),
        topic_table=_table("topics", [(title, metrics[key]) for title, key in TOPIC_ROWS]),
        topic_classes=_by_class(metrics["topic_cross_validation"], config.heads["topic"]),
        commonest_topic=metrics["topic_of_pictures"]["commonest_topic"],
        temperatures=", ".join(f"{name} {value:.2f}" for name, value in metrics["temperature"].items()),
        tokens=text.max_tokens,
        words=text.max_tokens * 3 // 4,
        **metrics["rows"],
    )


def _table(title: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    lines = [f"| {title} | posts | accuracy | weighted F1 | macro F1 | ECE |", "|---|---|---|---|---|---|"]
    for name, figures in rows:
        values = " | ".join(f"{figures[key]:.3f}" for key in ("accuracy", "weighted_f1", "macro_f1", "ece"))
        lines.append(f"| {name} | {figures['posts']:,} | {values} |")
    return "\n".join(lines)


def _by_class(figures: Mapping[str, Any], head: Head) -> str:
    return ", ".join(
        f"{title.lower()} {figures['f1'][name]:.2f} ({figures['support'][name]:,} posts)"
        for name, title in zip(head.classes, head.titles, strict=True)
    )
