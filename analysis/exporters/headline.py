"""The most important numbers of a batch, and sentences that say them; the Overview and the report show both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis import query
from analysis.columns import UNCLEAR, Column
from analysis.model.config import SENTIMENTS
from analysis.query import Filters, Totals
from analysis.query.intervals import compute_net_interval
from analysis.wording import (
    format_percent,
    format_posts,
    format_share_and_interval,
    format_share_with_interval,
    title_from_name,
)
from analysis.workspace import Batch

TOPIC = "topic"


@dataclass(frozen=True)
class Count:
    """A number of posts, and what it is a share of.

    Attributes:
        title: Display name of what is counted.
        posts: The number.
        total: Number of posts that it is a share of.
    """

    title: str
    posts: int
    total: int

    @property
    def share(self) -> float:
        """The share, 0..1; 0 if there are no posts at all."""
        return self.posts / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share; None if there are no posts at all."""
        return query.compute_share_interval(self.posts, self.total) if self.total else None


@dataclass(frozen=True)
class Row:
    """Posts with one value of a column: the value, its display name, and the number of posts by sentiment."""

    value: str
    title: str
    posts: Mapping[str, int]


@dataclass(frozen=True)
class Group:
    """Posts counted by the values of a column and by sentiment: the title, and the values, most posts first."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Headline:
    """The most important numbers of some posts.

    Attributes:
        totals: Counts of the posts.
        sentiments: Counts by sentiment, in the order of `SENTIMENTS`.
        topics: Posts by topic and sentiment.
        image_share: Mean share of the image in the score of posts with text and image, 0..1; None without such posts.
        image_decided: Posts whose sentiment is that of the image alone and not that of the text.
    """

    totals: Totals
    sentiments: Sequence[Count]
    topics: Group
    image_share: float | None
    image_decided: int

    @property
    def net_sentiment(self) -> int:
        """The share of positive posts minus that of negative ones, in percentage points."""
        negative, _, positive = self.sentiments
        return round(100 * (positive.share - negative.share))

    def format_net_interval(self) -> str:
        """Format the 95 % interval of the net sentiment of scored posts, such as "−12 to +18"."""
        negative, _, positive = self.sentiments
        limits = compute_net_interval(positive.posts, negative.posts, negative.total)
        return " to ".join(f"{100 * limit:+.0f}" for limit in limits).replace("-", "−")


def collect_headline(batch: Batch, filters: Filters, columns: Sequence[Column]) -> Headline:
    """Collect the most important numbers.

    Args:
        batch: The batch.
        filters: Which posts match.
        columns: Every column of the model's scores (`all_columns`).
    """
    totals = query.compute_totals(batch, filters)
    found = query.count_by(batch, filters, "sentiment")
    counts = dict(zip(found["sentiment"], found["posts"], strict=True))
    shares = query.average_shares_by(batch, filters, "sentiment")
    both = shares["posts"].sum()
    topic = next(column for column in columns if column.name == TOPIC)
    return Headline(
        totals,
        [Count(title_from_name(name), int(counts.get(name, 0)), totals.scored) for name in SENTIMENTS],
        count_group(batch, filters, TOPIC, topic.chart_title, topic.title_of),
        float((shares["share_image"] * shares["posts"]).sum() / both) if both else None,
        query.count_by_deciding_modality(batch, filters)["image"],
    )


def count_group(
    batch: Batch,
    filters: Filters,
    column: str,
    title: str,
    title_of: Callable[[str], str],
    most: int | None = None,
) -> Group:
    """Count posts by the values of a column and by sentiment.

    Args:
        batch: The batch.
        filters: Which posts match.
        column: A column that `query.count_by` knows.
        title: Title of the group.
        title_of: Returns the display name of a value.
        most: Maximum number of values; all others share a last row. None for no maximum.
    """
    by_value: dict[str, dict[str, int]] = {}
    found = query.count_by(batch, filters, column, "sentiment")
    for value, sentiment, posts in found.itertuples(index=False):
        by_value.setdefault(value, {})[sentiment] = int(posts)
    return make_group(title, by_value, title_of, most)


def make_group(
    title: str,
    by_value: Mapping[str, Mapping[str, int]],
    title_of: Callable[[str], str],
    most: int | None = None,
) -> Group:
    """Order counts by sentiment of each value; see `count_group` for the other arguments."""
    ordered = sorted(by_value.items(), key=lambda each: -sum(each[1].values()))
    rows = [Row(value, title_of(value), posts) for value, posts in ordered[:most]]
    if others := ordered[len(rows) :]:
        posts = {name: sum(each.get(name, 0) for _, each in others) for name in SENTIMENTS}
        rows.append(Row("", f"{len(others):,} other value{'s' * (len(others) != 1)}", posts))
    return Group(title, rows)


def list_findings(headline: Headline) -> list[str]:
    """Write the most important numbers as sentences."""
    totals = headline.totals
    if not totals.posts:
        return ["No posts match the filters."]
    if not totals.scored:
        return ["None of these posts has been scored yet."]
    shares = [
        f"{format_count_share(count)} are {count.title.lower()} ({format_count_interval(count)})"
        for count in headline.sentiments
    ]
    found = [f"Of {format_posts(totals.scored)}, {', '.join(shares[:-1])}, and {shares[-1]}."]
    clear = [row for row in headline.topics.rows if row.value != UNCLEAR]
    negative = headline.sentiments[0]
    most = max(clear, key=lambda row: row.posts.get("negative", 0), default=None)
    if most and most.posts.get("negative", 0):
        share = _format_share(most.posts["negative"], negative.posts)
        found.append(f"The most common topic of negative posts is “{most.title}”: {share} of them.")
    if headline.image_share is not None:
        found.append(
            f"In posts with text and image, the image has {format_percent(headline.image_share)} of the influence on "
            f"the sentiment on average. It decided {format_posts(headline.image_decided)} against the text."
        )
    if totals.uncertain:
        found.append(
            f"The model is not sure about {_format_share(totals.uncertain, totals.scored)} of the posts. Read some "
            "of them before you rely on small differences."
        )
    return found


def _format_share(posts: int, total: int) -> str:
    return format_share_with_interval(posts / total, *query.compute_share_interval(posts, total))


def format_count_share(count: Count) -> str:
    """Format a share with as many decimals as its interval: "26 %", "42.0 %"; "0 %" without posts."""
    return format_share_and_interval(count.share, *(count.interval or (0.0, 0.0)))[0]


def format_count_interval(count: Count) -> str:
    """Format the 95 % interval of a share: "15 to 43 %", "41.7 to 42.3 %"; "" without posts."""
    return format_share_and_interval(count.share, *count.interval)[1] if count.interval else ""
