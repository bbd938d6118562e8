"""The columns of the report in their order, each with what it means: the data dictionary.

Writing them to a file is `analysis.report.export`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analysis.model.config import Head
from analysis.query.filters import LIKELY
from analysis.scoring.columns import class_columns
from analysis.settings import Settings

ORIGINAL = "original: "
"""What stands before the name of a column of the analyst's own table."""


@dataclass(frozen=True)
class ReportColumn:
    """One column of the report.

    Attributes:
        name: Its header.
        title: The same for people.
        meaning: What it says, with range and unit, in plain language.
        kind: "text", "number", "count", "yes/no" or "time".
        default: Whether a report has it unless told otherwise.
    """

    name: str
    title: str
    meaning: str
    kind: str
    default: bool = True


def report_columns(heads: Mapping[str, Head], original: Iterable[str] = ()) -> tuple[ReportColumn, ...]:
    """List every column that a report can have, in order.

    Args:
        heads: The bundle's heads by name; each has columns of its own (`analysis.scoring.columns`).
        original: Columns of the analyst's tables to add (`analysis.report.export.original_names`).

    Returns:
        The columns.
    """
    further = (column for name in heads if name != "sentiment" for column in _of_head(heads, name))
    own = (
        ReportColumn(ORIGINAL + name, name, "A column of your own table, as it came.", "text", default=False)
        for name in original
    )
    return (*_POST, *_SENTIMENT, *further, *_LANGUAGE, *_REASONS, *_SOURCE, *own)


def _of_head(heads: Mapping[str, Head], name: str) -> Iterator[ReportColumn]:
    """The columns of a head other than sentiment: its class, how sure, and a probability each."""
    head, title = heads[name], name.replace("_", " ").capitalize()
    without = "" if head.answers(("image",)) else f" {_LACKS} text."
    if head.needs:
        without = f" Also unclear for posts without {' and '.join(head.needs)}, which alone tells it."
    if not head.mark:
        limit = Settings().topic_from if name == "topic" else Settings().emotion_from
        yield ReportColumn(
            name,
            title,
            f"The likeliest {title.lower()} ({', '.join(head.classes)}), or unclear when none has a probability of "
            f"{limit:g} or more.{without}",
            "text",
        )
    if not head.exclusive:
        yield ReportColumn(
            f"{name}_confidence",
            f"{title} confidence",
            f"Probability of the likeliest {title.lower()}, 0 to 1.",
            "number",
        )
    for one, column in class_columns(heads)[name].items():
        said = head.title(one)
        if head.mark:
            meaning = (
                f"Probability that the post is {said.lower()}, 0 to 1: counted above {LIKELY:g}.{without}"
            )
        elif head.exclusive:
            meaning = f"Probability of {said} among the classes of {name}, 0 to 1; they add up to 1.{without}"
        else:
            meaning = (
                f"Probability that the post is about {said}, 0 to 1. A post can be about several topics, so these do "
                "not add up to 1."
            )
        short = f"P({said.lower()})" if head.exclusive else f"{title}: {said}"
        yield ReportColumn(column, short, meaning, "number")


_LOGITS = (
    "in logits, the scale on which the model adds up its reasons: the same for all posts; mostly -5 to 5"
)
_LACKS = "Empty for a post without"

_POST = (
    ReportColumn(
        "post_id", "Post", "The post's id: the source's own, else made from the post's content.", "text"
    ),
    ReportColumn("text", "Text", "The post's text. Empty for a picture alone.", "text"),
    ReportColumn("author", "Author", "Who posted it, as the source says. Empty where unknown.", "text"),
    ReportColumn(
        "created_at", "Posted at", "When it was posted, in UTC (ISO 8601). Empty where unknown.", "time"
    ),
    ReportColumn(
        "images", "Pictures", "Names of its pictures, joined by a semicolon.", "text", default=False
    ),
    ReportColumn("n_images", "Number of pictures", "How many pictures it has.", "count"),
    ReportColumn(
        "inputs_used",
        "Scored from",
        "What the model read: text, image, or both. Empty, like all scores, for a post not scored yet.",
        "text",
    ),
)
_SENTIMENT = (
    ReportColumn("sentiment", "Sentiment", "The likeliest sentiment: negative, neutral or positive.", "text"),
    ReportColumn("p_negative", "P(negative)", "Probability that the post is negative, 0 to 1.", "number"),
    ReportColumn("p_neutral", "P(neutral)", "Probability that the post is neutral, 0 to 1.", "number"),
    ReportColumn(
        "p_positive",
        "P(positive)",
        "Probability that the post is positive, 0 to 1. The three add up to 1.",
        "number",
    ),
    ReportColumn(
        "valence",
        "Valence",
        "P(positive) minus P(negative): -1 is surely negative, 0 balanced, 1 surely positive.",
        "number",
    ),
    ReportColumn(
        "confidence",
        "Confidence",
        "Probability of the likeliest sentiment, 0.33 to 1, calibrated: of the posts with 0.8, about 80 % are right.",
        "number",
    ),
    ReportColumn(
        "uncertain",
        "Not sure",
        f"true when the confidence is below {Settings().uncertain_below:g}: the sentiment named is then likelier "
        "wrong than right; false otherwise.",
        "yes/no",
    ),
    ReportColumn(
        "text_sentiment",
        "Sentiment of the text",
        f"The likeliest sentiment from the text alone. {_LACKS} text.",
        "text",
    ),
    ReportColumn(
        "image_sentiment",
        "Sentiment of the pictures",
        f"The likeliest sentiment from the pictures alone. {_LACKS} pictures.",
        "text",
    ),
    ReportColumn(
        "text_valence",
        "Valence of the text",
        f"Valence from the text alone, -1 to 1. {_LACKS} text.",
        "number",
    ),
    ReportColumn(
        "image_valence",
        "Valence of the pictures",
        f"Valence from the pictures alone, -1 to 1. {_LACKS} pictures.",
        "number",
    ),
    ReportColumn(
        "agreement",
        "Agreement",
        "How near the valences of text and pictures are: 1 minus half their distance, 0 (opposite) to 1 (equal). "
        "Empty unless the post has both.",
        "number",
    ),
    ReportColumn(
        "decided_by",
        "Decided by",
        "text or image: the one whose sentiment the post was given, where text alone and pictures alone say "
        "different things. Empty elsewhere.",
        "text",
    ),
    ReportColumn(
        "text_image_match",
        "Match of text and pictures",
        "How well the text fits the pictures: the share of texts of other posts that fit them less, 0 to 1; 0.5 is "
        "no better than chance. Empty unless the post has both, and with a model that has no space for both.",
        "number",
    ),
)
_LANGUAGE = (
    ReportColumn(
        "language",
        "Language",
        "The language of the text, as an ISO 639-1 code such as en. Empty where it cannot be told: without text, or "
        "with too little of it.",
        "text",
    ),
    ReportColumn(
        "in_language",
        "In the model's languages",
        "true when the model was trained on the text's language; false when not, and its scores are then to be "
        "checked before use. Empty where the language is unknown.",
        "yes/no",
    ),
)
_REASONS = (
    ReportColumn(
        "phi_text",
        "Weight of the text",
        f"What the text adds to the predicted sentiment (Shapley value), {_LOGITS}. Above 0 it speaks for that "
        "sentiment, below 0 against it. 0 without text.",
        "number",
    ),
    ReportColumn(
        "phi_image",
        "Weight of the pictures",
        f"What the pictures add to the predicted sentiment (Shapley value), {_LOGITS}. 0 without pictures.",
        "number",
    ),
    ReportColumn(
        "interaction",
        "Interaction",
        f"What text and pictures add together beyond each alone, {_LOGITS}. Half of it is counted in each weight "
        "above. 0 unless the post has both.",
        "number",
    ),
    ReportColumn(
        "share_text",
        "Share of the text",
        "Part of both weights (without their signs) that is the text's, 0 to 1. Empty when both are near 0.",
        "number",
    ),
    ReportColumn(
        "share_image",
        "Share of the pictures",
        "Part of both weights (without their signs) that is the pictures', 0 to 1. Empty when both are near 0.",
        "number",
    ),
    ReportColumn(
        "phi_text_topic",
        "Weight of the text for the topic",
        f"What the text adds to the likeliest topic (Shapley value), {_LOGITS}. 0 without text.",
        "number",
        default=False,
    ),
    ReportColumn(
        "phi_image_topic",
        "Weight of the pictures for the topic",
        f"What the pictures add to the likeliest topic (Shapley value), {_LOGITS}. 0 without pictures.",
        "number",
        default=False,
    ),
    ReportColumn(
        "interaction_topic",
        "Interaction for the topic",
        f"What text and pictures add together to the likeliest topic beyond each alone, {_LOGITS}. 0 unless the post "
        "has both.",
        "number",
        default=False,
    ),
    ReportColumn(
        "top_words",
        "Strongest words",
        "The words that weigh most for (+) or against (-) the predicted sentiment, in logits. Empty without text, "
        "where words were not asked for, or where their values do not add up.",
        "text",
    ),
)
_SOURCE = (
    ReportColumn(
        "copies",
        "Near copies",
        "How many other posts of the batch say the same, but for case, links, names and punctuation, with pictures "
        "that look the same. 0 for posts without pictures and of fewer than 3 words, which are not compared.",
        "count",
    ),
    ReportColumn(
        "copy_of",
        "Copy of",
        "The post_id of the first of these posts. Empty for the first itself, and where there are no copies.",
        "text",
        default=False,
    ),
    ReportColumn("likes", "Likes", "Likes, as the source says. Empty where unknown.", "count", default=False),
    ReportColumn(
        "shares",
        "Shares",
        "Shares or reposts, as the source says. Empty where unknown.",
        "count",
        default=False,
    ),
    ReportColumn(
        "comments", "Comments", "Comments, as the source says. Empty where unknown.", "count", default=False
    ),
    ReportColumn("source", "File", "The file that the post came from.", "text", default=False),
    ReportColumn(
        "row",
        "Row",
        "Its row in that file, 1 is the first below the header; 0 without a table.",
        "count",
        default=False,
    ),
    ReportColumn(
        "model", "Model", "The model bundle that scored it: its name and the start of its hash.", "text"
    ),
)
