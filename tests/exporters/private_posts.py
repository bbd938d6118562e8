"""Posts with names in many forms, and everything that a reader of their reports sees."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
from hypothesis import strategies as st
from python_calamine import load_workbook

from analysis.columns import Column, report_columns
from analysis.exporters import (
    PLAIN_CSV,
    Privacy,
    PrivacyLevel,
    ReportExporter,
    list_exporters,
    list_published_columns,
    read_report_chunks,
)
from analysis.model.presets import COMPACT
from analysis.model.text import preprocess_text
from tests.scored import HEADS, scores_of

SALT = bytes(range(32))
PSEUDONYMS = Privacy(PrivacyLevel.PSEUDONYMS, SALT)
SCORES_ONLY = Privacy(PrivacyLevel.SCORES_ONLY, SALT)
PRIVATE = (PSEUDONYMS, SCORES_ONLY)
CONFIG = replace(COMPACT, heads=HEADS)
EXPORTERS = [*list_exporters(ReportExporter), PLAIN_CSV]
USER = re.compile(r"user_[0-9a-f]{12}")

NAMES = st.text(
    st.characters(categories=["Ll", "Lu", "Lo", "Nd"], include_characters="_"), min_size=8, max_size=15
).filter(lambda name: name.upper().casefold() == name.swapcase().casefold() == name.casefold())
"""Too long to be in a report by chance, and the same name in any case (unlike "ı", which is "I" in capitals)."""
FORMS = (
    "@{}", ".@{}", "＠{}", "@{}@mastodon.social", "{}@example.org", "<@U01|{}>", "@\u2068{}\u2069", "{{@{}@}}",
    "u/{}", "https://x.com/{}/status/1?s=20", "twitter.com/{}", "https://www.instagram.com/{}/", "https://tiktok.com/@{}/video/1",
    "t.me/{}", "https://mastodon.social/@{}/1", "https://m.example.org/users/{}/statuses/1", "www.reddit.com/user/{}",
    "https://out.example.org/?u=https%3A%2F%2Fx.com%2F{}%2Fstatus%2F1", "<a href='https://a.b/@{}'>@<span>{}</span></a>",
)  # fmt: skip


@st.composite
def texts_with(draw: st.DrawFn, name: str) -> str:
    """Random text with a name in several forms."""
    forms = draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=4))
    parts = [draw(st.text(max_size=12))]
    for form in forms:
        parts.append(form.replace("{}", draw(st.sampled_from([name, name.upper(), name.swapcase()]))))
        parts.append(draw(st.text(max_size=12)))
    return " ".join(parts)


def columns_of(posts: pd.DataFrame) -> tuple[Column, ...]:
    own = dict.fromkeys(key for extra in posts["extra"] for key in json.loads(extra))
    return report_columns(HEADS, own)


def scored_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts with scores, and with all words of their texts as top words, as `query.read_post_chunks` reads them."""
    words = [
        [(text[word.start : word.end], 0.5) for word in preprocess_text(text).words] for text in posts["text"]
    ]
    scores = scores_of(posts).drop(columns="post_id")
    return pd.concat([posts, scores], axis=1).assign(
        top_words=pd.Series(words, dtype=object), copies=0, copy_of=posts["post_id"].iloc[0]
    )


def everything_in(content: bytes, exporter: ReportExporter) -> str:
    """All that a reader of a report can see: headers, cells, and the sheet that explains the columns."""
    if exporter.name == "xlsx":
        workbook = load_workbook(io.BytesIO(content))
        return repr([workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names])
    if exporter.name == "parquet":
        table = pq.read_table(io.BytesIO(content))
        return repr([table.schema.names, table.to_pylist()])
    return content.decode("utf-8-sig")


def written(posts: pd.DataFrame, exporter: ReportExporter, privacy: Privacy) -> str:
    target, columns = io.BytesIO(), columns_of(posts)
    exporter.write(
        read_report_chunks([posts], columns, privacy), list_published_columns(columns, privacy), target
    )
    return everything_in(target.getvalue(), exporter)


def rows_of(posts: pd.DataFrame, privacy: Privacy) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(posts, PLAIN_CSV, privacy), newline="")))
