"""The model card, written from the figures that training measured (Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.evaluation.table import MEASURES, gain_rows, leading_sentence
from analysis.model.config import ModelConfig

CARD = """\
# {name}: model card

One fused model of text and pictures. Text encoder: {text} ({text_parameters:,} parameters), fine-tuned on every
text task below at once{taught}. Image encoder: {image} ({image_parameters:,}), trained on ImageNet;
its layers above {layer} are fine-tuned on pictures of posts and on pictures with captions.
Fusion: each encoding is projected to {width} units, combined ({kind}), and mixed by {hidden} units; a missing
modality is a learned vector. Heads: {heads}. The tone heads (emotion, irony, offensive, hate) read the text only:
no picture was labelled for tone. Text and pictures also share a space of {space} numbers, for search, own topics and
the match of a text with its picture. {parameters:,} parameters in all.

## How good it is

Measured on posts that no weight was trained on, by the command that trained it:

    postlens train --data DATA --out BUNDLE --seed {seed}{options}

The intervals hold 95 % of 1,000 resamples of the posts. ECE is the expected calibration error: the average gap
between confidence and the part that is right; "by chance" is what perfect confidence would show on so few posts.
These same splits chose which of a training's few checkpoints was kept, and the temperatures ({temperatures})
were fitted on them, where a head was measured on several sets with each set counting the same; each figure uses the
temperature that the other half of the posts gives.

{evaluations}

Published test splits were not used: not for training, not for choosing, not for these figures.

### What each part brought

{ablation}

Kinds of fusion, trained on the same encodings with three seeds, accuracy on MVSA dev, text and picture:

{fusions}

The simplest within the noise of the best is kept.

A post that lacks a modality is not to suffer from the fusion. Models of one modality alone reach, on the labels of
just that modality, accuracy {text_alone:.3f} for texts and {image_alone:.3f} for pictures; the fused model
{text_fused:.3f} and {image_fused:.3f}.

Text-to-image retrieval, Flickr8k dev, {captions_val:,} captions of 1,000 pictures: the right picture is first for \
{r1:.3f}, among five for {r5:.3f}, among ten for {r10:.3f}.

The topic of a picture alone is the one named for its text for {topic_agreement:.3f} of MVSA dev; always naming the
commonest would reach {topic_commonest:.3f}. So a picture alone says next to nothing about the topic, and
PostLens names none for posts without text.

{explanations}### Slices

{slices}

### Other languages

The model was trained on English. Posts in other languages are scored and flagged (`in_language` is false). What it
makes of them, UMSAB validation, sentiment of the text:

{multilingual}

A third of those posts belongs to each sentiment: 0.333 is what guessing reaches. English posts of this set stand
partly in the training data and are left out.

How well the language itself is told (py3langid, before any scoring): the part of posts whose language is named, the
part of those that is right, and the part of all that is flagged as foreign. Posts too short to tell are not flagged.

{languages}

Hindi posts of this set are written in Latin letters, which py3langid does not know as Hindi.

## Where it fails

{wrong} of {probes} posts that were written to be hard, with what the model makes of them:

{failures}

- Writing inside pictures is not read. Drawings, memes and screenshots are unlike anything it was trained on.
- Long posts are cut after {tokens} tokens, about {words} words.
- A picture alone says little: see the figures for pictures alone above.
- Offensive and hateful are judged by words and context of 2016 to 2019, mostly in posts about immigrants, women and
  politics in the United States. The published test set of the hate data is unlike its training data: models as
  good as this one on validation reach 0.47 to 0.56 macro F1 there (TweetEval). Expect the like on posts of your own.

## What it was trained on

| data | rows (train, validation) | what for | source and terms |
|---|---|---|---|
| TweetEval sentiment | {tweets_sentiment_train:,}, {tweets_sentiment_val:,} | sentiment | SemEval-2013 to 2016 \
task A; \
Twitter's terms, not to be redistributed |
| MVSA-Single | {mvsa_train:,}, {mvsa_val:,} | sentiment of text, picture, both; shared space | Niu et al., \
MMM 2016, split of CLMLF \
(Li et al., NAACL Findings 2022). Research use; tweets of real people |
| TweetTopic, single label | {tweets_topic_train:,}, {tweets_topic_val:,} | topics | Antypas et al., COLING 2022 |
| TweetEval emotion | {tweets_emotion_train:,}, {tweets_emotion_val:,} | emotion | Mohammad et al., SemEval-2018 |
| TweetEval irony | {tweets_irony_train:,}, {tweets_irony_val:,} | irony | Van Hee et al., SemEval-2018 |
| TweetEval offensive | {tweets_offensive_train:,}, {tweets_offensive_val:,} | offensive | OLID, Zampieri et \
al. 2019 |
| TweetEval hate | {tweets_hate_train:,}, {tweets_hate_val:,} | hate | Basile et al., SemEval-2019 |
| Flickr8k | {captions_train:,}, {captions_val:,} captions | shared space | Hodosh et al., JAIR 2013 |
| unlabelled tweets | {unlabelled:,} | heads of the fused model, shared space | \
TweetEval emoji, MVSA-Multiple, HFM: texts only |
| UMSAB | none, {multilingual_val:,} | figures for other languages | Barbieri et al., LREC 2022 |
| all-MiniLM-L6-v2; EfficientNet-Lite0, ImageNet | - | where the encoders started | Apache-2.0 |

None of these data is part of PostLens.

Known flaws of the data

- MVSA's joint label follows from the two single ones: equal labels keep that label, otherwise the one that is not
  neutral wins, and contradictions were dropped. So the data never shows a positive text with a negative
  picture; on such posts the model extrapolates.
- 40 % of MVSA's posts are retweets, near-duplicates exist (also across train and dev), 49 groups of duplicates carry
  conflicting labels, emoji were lost to `?` in 9 % of the texts, 39 pictures have a side under 100 px. Six in
  ten posts are positive, one in ten neutral.
- Labels of sentiment, irony and offence are opinions, and people differ.
- 233 published test texts of the hate data also stand in its train split.
- Nearly all posts are tweets in English from 2012 to 2021. Newer words, other platforms and other languages
  are outside of what was tested.

## What it is for

Intended use: to sort, count and read batches of English social posts, with the posts themselves at hand. Numbers for
publication should name the model and the share of "not sure" posts, and rest on a sample read by people.

Do not use it to judge or rank persons, to decide on moderation or on anything else about a person without a human
reading the post, or for languages, platforms and kinds of picture that it was not tested on.
"""

EXPLANATIONS = """\
### How far its explanations hold

Of the predicted sentiment of {posts} posts of MVSA dev, drawn at random; on posts of your own by
`postlens evaluate compact --data FILE --task sentiment --explanations`.

{sums}

Words or regions are taken away (comprehensiveness, deletion) and shown alone (sufficiency, insertion) in the order of
their attribution, and in random orders. Above 0 the attribution is better than chance; in brackets the interval that
holds 95 % of resamples of the posts.

{gains}

{leading}

"""

FIGURES = {
    "accuracy": "accuracy",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro F1",
    "macro_recall": "macro recall",
    "ece": "ECE",
}


def model_card(config: ModelConfig, metrics: Mapping[str, Any]) -> str:
    """Write the card of a bundle.

    Args:
        config: What the model is.
        metrics: What `analysis.training.compact.train_compact` measured.

    Returns:
        Markdown.
    """
    text, image = config.encoders["text"], config.encoders["image"]
    evaluations, probes, teacher = metrics["evaluations"], metrics["probes"], metrics.get("teacher")
    options = f" --teacher {teacher['name']}" if teacher else ""
    if "topic_cross_validated" in evaluations:
        options += " --cross-validate"
    wrong = [probe for probe in probes if probe["model"] != probe["people"]]
    return CARD.format(
        name=config.name,
        text=text.name,
        image=image.name,
        text_parameters=metrics["parameters"]["text"],
        image_parameters=metrics["parameters"]["image"],
        parameters=metrics["parameters"]["all"],
        width=config.fusion.width,
        kind=config.fusion.kind,
        hidden=config.fusion.hidden,
        layer=image.explained_layer.removeprefix("network."),
        space=config.space.dim if config.space else 0,
        heads="; ".join(f"{name} ({', '.join(head.titles)})" for name, head in config.heads.items()),
        seed=metrics["seed"],
        options=options,
        taught=f", and on what {teacher['name']} said of {teacher['texts']:,} more" if teacher else "",
        temperatures=", ".join(f"{name} {value:.2f}" for name, value in metrics["temperature"].items()),
        evaluations=_evaluations(evaluations.values()),
        ablation=_ablation(metrics["ablation"]),
        fusions=_rows(
            ("fusion", "parameters", "accuracy, mean", "each seed"),
            [
                (each["fusion"], f"{each['parameters']:,}", f"{each['mean']:.3f}", _three(each["accuracy"]))
                for each in metrics["fusions"]
            ],
        ),
        text_alone=metrics["single_modality"]["text"]["accuracy"],
        image_alone=metrics["single_modality"]["image"]["accuracy"],
        text_fused=evaluations["mvsa_text"]["accuracy"],
        image_fused=evaluations["mvsa_image"]["accuracy"],
        **metrics["retrieval"]["text_to_image"],
        topic_agreement=metrics["topic_of_pictures"]["agreement"],
        topic_commonest=metrics["topic_of_pictures"]["commonest"],
        explanations=_explanations(metrics["explanations"]) if "explanations" in metrics else "",
        slices=_slices(evaluations.values()),
        multilingual=_rows(
            ("language", "posts", "accuracy", "macro F1", "macro recall"),
            [
                (
                    language,
                    f"{each['posts']:,}",
                    *(f"{each[key]:.3f}" for key in ("accuracy", "macro_f1", "macro_recall")),
                )
                for language, each in metrics["multilingual"].items()
            ],
        ),
        languages=_rows(
            ("language", "posts", "named", "right of named", "flagged"),
            [
                (
                    language,
                    f"{each['posts']:,}",
                    *(f"{each[key]:.3f}" for key in ("named", "right", "flagged")),
                )
                for language, each in metrics["languages"].items()
            ],
        ),
        wrong=len(wrong),
        probes=len(probes),
        failures="\n".join(
            f'- "{probe["text"]}" is called {probe["model"]} ({probe["confidence"]:.2f}); '
            f"a reader would say {probe['people']}."
            for probe in wrong
        )
        or "- None of them: which does not say that there are none.",
        tokens=text.max_tokens,
        words=text.max_tokens * 3 // 4,
        **metrics["rows"],
    )


def plain_card(config: ModelConfig, evaluations: Mapping[str, Any], command: str) -> str:
    """Write a short card, for a bundle that is not shipped.

    Args:
        config: What the model is.
        evaluations: What was measured, by name.
        command: What trained it.

    Returns:
        Markdown.
    """
    parts = "; ".join(f"{modality}: {part.name}" for modality, part in config.encoders.items())
    figures = _evaluations(evaluations.values())
    return f"# {config.name}: model card\n\nEncoders: {parts}.\n\n{figures}\n\nTrained by `{command}`.\n"


def _evaluations(evaluations: Sequence[Mapping[str, Any]] | Any) -> str:
    header = ("measured on", "posts", *FIGURES.values(), "by chance")
    rows = [
        (
            each["title"],
            f"{each['posts']:,}",
            *(_with_interval(each, key) for key in FIGURES),
            f"{each['ece_by_chance']:.3f}",
        )
        for each in evaluations
    ]
    return _rows(header, rows)


def _with_interval(evaluation: Mapping[str, Any], key: str) -> str:
    low, high = evaluation["intervals"][key]
    return f"{evaluation[key]:.3f} ({low:.3f}-{high:.3f})"


def _ablation(steps: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for step in steps for name in step["figures"]))
    return _rows(
        ("model", *names),
        [
            (
                step["step"],
                *(f"{step['figures'][name]:.3f}" if name in step["figures"] else "" for name in names),
            )
            for step in steps
        ],
    )


def _explanations(evidence: Mapping[str, Any]) -> str:
    """Write the section on explanations, measured on posts of MVSA dev with text and picture."""
    sums = _rows(
        ("sum off by", "median", "90 % quantile", "complete (5 %)", "rough (20 %)", "refused"),
        [
            (parts, *(f"{each[key]:.3f}" for key in ("median", "p90", "ok", "rough", "failed")))
            for parts, each in evidence["completeness"].items()
        ],
    )
    gains = _rows(("better than random by, logits", *MEASURES), gain_rows(evidence))
    leading = leading_sentence(evidence["leading"]) if evidence.get("leading", {}).get("posts") else ""
    return EXPLANATIONS.format(posts=evidence["posts"], sums=sums, gains=gains, leading=leading)


def _slices(evaluations: Sequence[Mapping[str, Any]] | Any) -> str:
    return _rows(
        ("measured on", "slice", "posts", "accuracy", "macro F1"),
        [
            (
                each["title"],
                part["slice"],
                f"{part['posts']:,}",
                f"{part['accuracy']:.3f}",
                f"{part['macro_f1']:.3f}",
            )
            for each in evaluations
            if each["head"] == "sentiment"
            for part in each["slices"]
        ],
    )


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _three(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
