"""The scores of posts, as a table, charts and a report; and explanations of single posts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from analysis.api.explanation import Explanation, explain_row
from analysis.api.output import open_output
from analysis.api.plots import Plots
from analysis.api.privacy import choose_privacy
from analysis.columns import Column, report_columns
from analysis.custom_topics import CustomTopic
from analysis.errors import PostLensError
from analysis.exporters import ReportExporter, get_exporter, list_published_columns, read_report_chunks
from analysis.model.bundle import Bundle
from analysis.query import list_values

_SHOWN = ("post_id", "text", "sentiment", "confidence", "topic")
_SHOWN_ROWS = 10


class Scores:
    """Scored posts; returned by `Model.score`.

    Attributes:
        rejected: What was not scored, one row each: kind, name, reason, remedy, post_id, raw.
        index: One label per post: the index of the original DataFrame, else 0, 1, 2, ...
    """

    def __init__(
        self,
        table: pd.DataFrame,
        bundle: Bundle,
        image_path: Callable[[str], Path],
        rejected: pd.DataFrame,
        index: pd.Index | None = None,
        topics: Sequence[CustomTopic] = (),
    ) -> None:
        self._table = table
        self._bundle = bundle
        self._image_path = image_path  # a bound method, which keeps the folder of the images alive
        self._topics = topics
        self.rejected = rejected
        self.index = table.index if index is None else index

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        counts = self._table["sentiment"].value_counts()
        parts = [
            f"{counts[name]:,} {name}" for name in self._bundle.heads["sentiment"].classes if name in counts
        ]
        parts += [f"{len(self.rejected):,} rejected"] if len(self.rejected) else []
        return f"Scores({len(self):,} posts by {self._bundle.id}{': ' if parts else ''}{', '.join(parts)})"

    def _repr_html_(self) -> str:
        first = self.to_pandas().head(_SHOWN_ROWS)
        rows = first[[name for name in _SHOWN if name in first]].to_html(max_cols=None, escape=True)
        return f"<p>{self!r}</p>{rows}"

    @property
    def plot(self) -> Plots:
        """Charts of the scores, one method each, such as `scores.plot.sentiment()`; all return Plotly figures."""
        return Plots(self._table, self._bundle)

    def to_pandas(self) -> pd.DataFrame:
        """Return the scores as a table: one row per post, with the columns of the report (see the data dictionary).

        Example:
            >>> import analysis as pl
            >>> scores = pl.load().score(["What a lovely evening!"])
            >>> scores.to_pandas().loc[0, ["sentiment", "topic", "inputs_used"]].tolist()
            ['positive', 'daily_life', 'text']
        """
        columns = {
            "images": self._table["image_names"].map(list),
            "n_images": self._table["images"].map(len).astype("int64"),
        }
        found = [column.name for column in self._columns if column.table == "found"]
        names = [column.name for column in self._columns]
        table = self._table.assign(**columns, **list_values(self._table, found))
        return table[[name for name in names if name in table]].set_axis(self.index)

    def explain(self, post: int | str, output: str | None = None, verify: bool = False) -> Explanation:
        """Explain one post: which of text and images, which words and which regions influenced a prediction.

        Args:
            post: Its position, from 0, or its post_id.
            output: What to explain: a head, such as "topic", for its predicted class, or a class, such as
                "topic=daily_life". None for the predicted sentiment.
            verify: Also compute integrated gradients and checks for `show` and `save`, which takes up to a few
                seconds. Without effect for models that are always explained by integrated gradients.

        Raises:
            PostLensError: The post does not exist.
            AttributionError: The model does not have this output.

        Example:
            >>> import analysis as pl
            >>> scores = pl.load().score(["What a lovely evening!"])
            >>> sorted(scores.explain(0).modalities)
            ['image', 'text']
        """
        row = self._table.iloc[self._position(post)]
        return explain_row(self._bundle, row, self._image_path, output, verify)

    def save(
        self, path: str | Path, privacy: str = "everything", salt_file: str | Path | None = None
    ) -> None:
        """Write the report to a file in the format of its suffix, such as .csv (see `analysis.exporters`).

        Args:
            path: The file. Text that a spreadsheet would run as a formula is prefixed with an apostrophe.
            privacy: What is shown of the posts: "everything"; "pseudonyms" instead of authors, mentions, links to
                profiles, post ids and file names; or "scores-only".
            salt_file: The secret key of the pseudonyms, created if missing; None for pseudonyms of this report alone.

        Raises:
            PostLensError: No format has this suffix, a file cannot be written, or the privacy is unknown.
        """
        target, chosen = Path(path), choose_privacy(privacy, salt_file)
        exporter = get_exporter(target, ReportExporter)
        chunks = read_report_chunks([self._table], self._columns, chosen)
        published = list_published_columns(self._columns, chosen)
        with open_output(target) as file:
            exporter.write(chunks, published, file)

    @property
    def _columns(self) -> tuple[Column, ...]:
        return report_columns(
            self._bundle.heads, modalities=self._bundle.config.modalities, topics=self._topics
        )

    def _position(self, post: int | str) -> int:
        if isinstance(post, str):
            found = self._table.index[self._table["post_id"] == post]
            if len(found):
                return int(found[0])
        elif isinstance(post, bool) or not hasattr(post, "__index__"):
            raise PostLensError(
                "The post", f"is of the type {type(post).__name__}", "Give a number or a post_id."
            )
        elif -len(self) <= operator.index(post) < len(self):
            return operator.index(post)
        raise PostLensError(
            f"Post {post!r}" if isinstance(post, str) else f"Post number {post}",
            f"is not among the {len(self):,} scored posts",
            f"Give a number from 0 to {len(self) - 1} or a post_id."
            if len(self)
            else "Score some posts first.",
        )
