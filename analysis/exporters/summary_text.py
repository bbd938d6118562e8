"""Sentences of the summary report, for its page and its slides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.charts.palette import SIGNED_SENTIMENTS
from analysis.exporters.corrections import describe_correction
from analysis.exporters.summary import Summary
from analysis.timezones import UTC_NAME, to_local_time
from analysis.wording import BIDI_CONTROLS, format_long_day, format_percent, format_posts, join_with_and

METHOD = (
    "PostLens predicts the sentiment, topics and tone of each post from its text and its images with one model. A "
    "share is the number of posts with that prediction, divided by the number of posts with any prediction of that "
    "kind. Its 95 % interval (Wilson) says how much the share could differ in another sample of such posts. It does "
    "not include errors of the model. The influences of text and image are Shapley values: together with the score "
    "of an empty or average post, they add up to the score of the predicted class. Their mean over these posts is "
    "exact, so it has no interval. Intervals are not adjusted for the number of shares."
)
PICTURE_TITLES = ("First image of the post", "The same image, coloured by influence")
"""Titles of the pictures of a post (`StrikingPost.pictures`)."""
CROSS_VALIDATED = (
    "“Own labels” are the labels of people that trained this model. Each was compared with the prediction of a model "
    "that was trained without it (cross-validation), so the figures are about posts like those that were labelled."
)
UNKNOWN_ACCURACY = "The accuracy of the model that scored these posts is not known here."


def describe_scope(summary: Summary) -> str:
    """Say which posts the report is on."""
    totals = summary.headline.totals
    parts = [format_posts(totals.posts)]
    if summary.filters:
        parts[0] += f" of {summary.all_posts:,} ({'; '.join(summary.filters)})"
    if summary.days:
        first, last = (format_long_day(day) for day in summary.days)
        days = first if first == last else f"{first} to {last}"
        parts.append(days if summary.timezone == UTC_NAME else f"{days} ({summary.timezone})")
    parts.append(f"report of {format_long_day(summary.created_at)}")
    return " · ".join(parts)


def list_limits(summary: Summary) -> list[str]:
    """List what limits the numbers, such as posts that the model is not sure about."""
    totals = summary.headline.totals
    limits = [
        f"{format_posts(totals.uncertain)} with low confidence, marked “not sure”",
        f"{format_posts(totals.disagree)} whose text alone and image alone get clearly different scores",
    ]
    if totals.in_a_language:
        known = (
            f"other than {join_with_and(summary.languages)}"
            if summary.languages
            else "the model does not know"
        )
        limits.append(f"{format_posts(totals.other_language)} in a language {known}")
    if totals.scored < totals.posts:
        limits.append(f"{format_posts(totals.posts - totals.scored)} not scored, and not in any share")
    if totals.near_copies:
        limits.append(f"{format_posts(totals.near_copies)} that nearly repeat an earlier post")
    if summary.labelled:
        limits.append(describe_labels(summary))
    if summary.rejected:
        limits.append(f"Of the upload: {summary.rejected}")
    return limits


def describe_labels(summary: Summary) -> str:
    """Say how many posts have labels of people, what they change, and whether they correct shares and why not."""
    found = summary.corrected
    about = (
        f"{format_posts(summary.labelled)} of {summary.all_posts:,} with labels of people. In a table of posts, they "
        "replace the model's sentiment. The shares and charts of this report count the model's."
    )
    if found.shares:
        return f"{about} Shares of sentiment that the labels correct are given next to them."
    if found.is_expected:
        return f"{about} The labels do not correct the shares. {found.reason}"
    return (
        f"{about} The labels do not correct the shares: {found.sample:,} of the labelled posts "
        f"{'belongs' if found.sample == 1 else 'belong'} to the random sample that this needs. {found.reason}"
    )


def format_citation(summary: Summary) -> str:
    """Say how to cite the report."""
    model = summary.model or "no model"
    return (
        f"PostLens {summary.version}, model {model}: report on “{summary.name}”, {describe_scope(summary)}."
    )


def list_evaluation_rows(summary: Summary) -> list[list[str]]:
    """List the evaluations of the model, each with its title, posts, accuracy and macro F1; own labels come first."""
    return [
        [
            str(each["title"]),
            f"{each['posts']:,}",
            *(format_metric(each, name) for name in ("accuracy", "macro_f1")),
        ]
        for each in (*summary.own_evaluations, *summary.evaluations)
    ]


def format_metric(evaluation: Mapping[str, Any], name: str) -> str:
    """Format a figure of an evaluation with its interval, such as "0.71 (0.69 to 0.73)"."""
    interval = evaluation.get("intervals", {}).get(name)
    limits = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    return f"{evaluation[name]:.2f}{limits}"


def shorten_post_text(text: str, most: int) -> str:
    """Write the text of a post on one line, with at most this many characters."""
    line = " ".join(BIDI_CONTROLS.sub("", text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def list_post_facts(post: Mapping[str, Any]) -> list[str]:
    """List what is known of a post: sentiment, correction, confidence, influence of text and image, likes."""
    facts = [SIGNED_SENTIMENTS[post["sentiment"]]]
    if corrected := describe_correction(post):
        facts.append(f"corrected by people: {SIGNED_SENTIMENTS[corrected]}")
    facts.append("not sure" if post["uncertain"] else f"confidence {format_percent(post['confidence'])}")
    if post["inputs_used"] == "both" and not pd.isna(post["share_text"]):
        facts.append(
            f"text {format_percent(post['share_text'])}, image {format_percent(post['share_image'])} of the influence"
        )
    likes = post.get("likes")
    if likes is not None and not pd.isna(likes):
        facts.append(f"{int(likes):,} like{'s' * (likes != 1)}")
    return facts


def list_post_sources(post: Mapping[str, Any], timezone: str) -> list[str]:
    """List where a post is from: author, day and id."""
    author = post.get("author")
    found = [str(author)] if author and not pd.isna(author) else []
    if not pd.isna(post["created_at"]):
        found.append(format_long_day(to_local_time(post["created_at"], timezone)))
    return [*found, f"post {post['post_id']}"]
