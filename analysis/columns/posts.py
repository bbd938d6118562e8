"""The columns of posts, of their near copies, and of what they were scored from."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from analysis.columns.column import Column, Order, Preset, View
from analysis.columns.filter_kinds import Days, FilterKind, Flag, HasAny, OneOf
from analysis.columns.modalities import TEXT_AND_IMAGE, format_inputs_used, input_titles
from analysis.columns.scored import Scored, Values

INPUTS = input_titles(TEXT_AND_IMAGE)
"""Titles of `inputs_used` for a model of text and image."""
WEEKDAYS = dict(
    zip(
        "1234567", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True
    )
)
"""Titles of `weekday`."""
HOURS = {str(hour): f"{hour:02}:00" for hour in range(24)}
"""Titles of `hour`."""
_TIME = pa.timestamp("us", tz="UTC")
MOMENT_SQL = "make_timestamp(epoch_us(created_at))"
"""The time of a post in UTC, as SQL, whatever the time zone of the session."""
HAS_TIME_SQL = f"{MOMENT_SQL} <> date_trunc('day', {MOMENT_SQL})"
"""Whether a post has a time of day, as SQL: at exactly midnight in UTC, most have a date without one."""
TIME_PARTS = {
    "day": "CAST({moment} AS DATE)",
    "weekday": "CAST(isodow({moment}) AS TINYINT)",
    "hour": f"CAST(CASE WHEN {HAS_TIME_SQL} THEN hour({{moment}}) END AS TINYINT)",
}
"""The columns with parts of the time of a post, as SQL of the time in some zone; there is no hour without a time."""
REACTIONS = ("likes", "shares", "comments")
"""The columns whose known values are the interactions of a post."""
MAX_REACTIONS = 2**60
"""Larger numbers of likes, shares or comments count as this, so that the sum of the three fits into 64 bits."""


def _inputs_used(scored: Scored) -> Values:
    rows = zip(*scored.has.values(), strict=True)
    return [
        format_inputs_used([name for name, there in zip(scored.has, row, strict=True) if there])
        for row in rows
    ]


def _post_column(
    name: str, label: str, meaning: str, view: View, filter_kind: FilterKind | None = None
) -> Column:
    """Declare a text column of the post table."""
    return Column(
        name,
        "post",
        "posts",
        pa.string(),
        label=label,
        meaning=meaning,
        filter=filter_kind,
        sort=True,
        export=Preset.BASIC,
        view=view,
    )


def _time_part(name: str, filter_name: str, label: str, titles: Mapping[str, str]) -> Column:
    """Declare a part of the time of a post, by which posts can be filtered."""
    return Column(
        name,
        "post",
        "derived",
        pa.int64(),
        label=label,
        filter=OneOf(
            name=filter_name,
            label=label,
            options=tuple(titles),
            help="In the chosen time zone.",
            is_long=True,
            place=91,
        ),
        summary=True,
        sql=TIME_PARTS[name].format(moment=MOMENT_SQL),
        inputs=("created_at",),
        titles=titles,
        is_internal=True,
    )


POSTS = (
    _post_column(
        "post_id",
        "Post",
        "The id from the source, or one derived from the content.",
        View(width=110, place=100, label="ID"),
    ),
    _post_column(
        "text", "Text", "The post's text. Empty for a post of images only.", View(width=330, place=10)
    ),
    _post_column(
        "author",
        "Author",
        "Who posted it, as given in the source. Empty if unknown.",
        View(width=110, place=4),
        HasAny(name="authors", label="Author", place=91),
    ),
    Column(
        "created_at",
        "post",
        "posts",
        _TIME,
        label="Posted (UTC)",
        meaning="When it was posted, in UTC (ISO 8601). Empty if unknown.",
        sort=True,
        orders=(Order("Newest first", descending=True), Order("Oldest first")),
        summary=True,
        export=Preset.BASIC,
        view=View(width=130, format="D MMM YYYY, HH:mm", place=6),
    ),
    Column(
        "day",
        "post",
        "derived",
        pa.date32(),
        label="Day",
        filter=Days(
            name="since",
            until="until",
            label="From",
            until_label="To",
            place=90,
            help="In the chosen time zone.",
        ),
        summary=True,
        sql=TIME_PARTS["day"].format(moment=MOMENT_SQL),
        inputs=("created_at",),
        is_internal=True,
    ),
    _time_part("weekday", "weekdays", "Weekday", WEEKDAYS),
    _time_part("hour", "hours", "Hour", HOURS),
    Column(
        "images",
        "post",
        "posts",
        pa.list_(pa.string()),  # media ids (`analysis.intake.media`), in the post's order
        label="Images",
        meaning="Names of its images, joined by a semicolon.",
        export=Preset.FULL,
    ),
    Column("image_names", "post", "posts", pa.list_(pa.string()), label="Names of images"),
    Column(
        "n_images",
        "post",
        "report",
        pa.int64(),
        label="Number of images",
        meaning="How many images it has.",
        export=Preset.BASIC,
    ),
    Column(
        "inputs_used",
        "post",
        "scores",
        pa.string(),
        label="Scored from",
        meaning="What the model read: {modalities}, or several of them (both is text and image). Empty, like all "
        "scores, for a post not scored yet.",
        filter=OneOf(name="inputs", label="Content type", options=tuple(INPUTS), place=40),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        view=View(width=125, place=70, label="Content type"),
        compute=_inputs_used,
        titles=INPUTS,
    ),
)

SOURCE = (
    Column(
        "copies",
        "source",
        "copies",
        pa.int64(),
        label="Near copies",
        meaning="How many other posts of the batch repeat this one, ignoring case, links, names and punctuation, "
        "with images that look the same. 0 for posts without images and with fewer than 3 words, which are not "
        "compared.",
        sort=True,
        export=Preset.BASIC,
    ),
    Column(
        "copy_of",
        "source",
        "copies",
        pa.string(),
        label="Copy of",
        meaning="The post_id of the first of these posts. Empty for the first itself, and if there are no copies.",
        sort=True,
        export=Preset.FULL,
    ),
    Column(
        "is_copy",
        "source",
        "derived",
        pa.bool_(),
        label="Near copy",
        filter=Flag(
            name="near_copy",
            label="Near copies",
            without="Without near copies",
            choices=("Exclude", "Only these"),
            help="Posts that repeat an earlier post of the batch with the same images, ignoring case, links, names, "
            "punctuation, and image size or compression. Detected once all posts of the batch are scored.",
            place=63,
        ),
        summary=True,
        sql="CASE WHEN copies IS NOT NULL THEN copy_of IS NOT NULL END",
        inputs=("copies", "copy_of"),
        is_internal=True,
    ),
    *(
        Column(
            name,
            "source",
            "posts",
            pa.int64(),
            label=name.capitalize(),
            meaning=f"{what}, as given in the source. Empty if unknown.",
            sort=True,
            orders=(Order(f"Most {name} first", descending=True),),
            summary=name == "likes",
            export=Preset.FULL,
            view=View(width=80, format="localized", place=16),
        )
        for name, what in zip(REACTIONS, ("Likes", "Shares or reposts", "Comments"), strict=True)
    ),
    # Without meaning and export: reports contain likes, shares and comments, which it is the sum of.
    Column(
        "interactions",
        "source",
        "derived",
        pa.int64(),
        label="Interactions",
        sort=True,
        orders=(Order("Most interactions first", descending=True),),
        summary=True,
        sql=f"CASE WHEN coalesce({', '.join(REACTIONS)}) IS NOT NULL "
        f"THEN {' + '.join(f'least(greatest(coalesce({name}, 0), 0), {MAX_REACTIONS})' for name in REACTIONS)} END",
        inputs=REACTIONS,
    ),
    Column(
        "source",
        "source",
        "posts",
        pa.string(),
        label="File",
        meaning="The file that the post came from.",
        sort=True,
        export=Preset.FULL,
    ),
    Column(
        "row",
        "source",
        "posts",
        pa.int64(),
        label="Row",
        meaning="Its row in that file, 1 is the first below the header; 0 without a table.",
        export=Preset.FULL,
    ),
    Column("extra", "source", "posts", pa.string(), label="Other columns of the source, as JSON"),
    Column(
        "model",
        "source",
        "scores",
        pa.string(),
        label="Model",
        meaning="The model bundle that scored it: its name and the start of its hash.",
        sort=True,
        export=Preset.BASIC,
        compute=lambda scored: [scored.model] * len(scored.match),
    ),
)
