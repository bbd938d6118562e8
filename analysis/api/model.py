"""Loading a model, and scoring posts with it in one call."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import query
from analysis.api.explanation import Explanation, explain_row
from analysis.api.output import progress_bar
from analysis.api.posts import Posts, check_all_accepted, posts_of
from analysis.api.scores import Scores
from analysis.errors import IntakeError
from analysis.model.bundle import Bundle, load_model
from analysis.posts import has_text
from analysis.scoring.memory import score_posts
from analysis.scoring.pace import no_progress
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Workspace, default_home

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model import Head


def load(model: str | Path = "compact") -> Model:
    """Load a model.

    Args:
        model: The name of a bundle shipped with PostLens, or the folder of one, such as `postlens train` writes.

    Returns:
        The model, ready to score.

    Raises:
        BundleError: There is no such bundle, it is malformed, or it does not run.

    Example:
        >>> import analysis as pl
        >>> model = pl.load()
        >>> model.name
        'compact'
    """
    return Model(load_model(model))


def open_workspace(folder: str | Path | None = None) -> Workspace:
    """Open the workspace, which holds the batches of the dashboard.

    Args:
        folder: The workspace's folder; None for $POSTLENS_HOME, or else ~/.postlens.

    Returns:
        The workspace: `batches()` lists its batches, `open(batch_id)` opens one, and `Model.score` scores it.

    Example:
        >>> import tempfile
        >>> import analysis as pl
        >>> pl.open_workspace(tempfile.mkdtemp()).batches()
        []
    """
    return Workspace(default_home() if folder is None else Path(folder))


class Model:
    """A loaded model; see `load`.

    Attributes:
        bundle: The network with its configuration, tokenizer and metrics, for work beyond this class.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def __repr__(self) -> str:
        return f"Model({self.id!r})"

    @property
    def name(self) -> str:
        """The bundle's name, such as "compact"."""
        return self.bundle.name

    @property
    def id(self) -> str:
        """The bundle's name and the start of its hash, as in the column `model` of scores."""
        return self.bundle.id

    @property
    def heads(self) -> dict[str, Head]:
        """The model's heads by name: what it predicts, and the classes of each."""
        return dict(self.bundle.heads)

    def score(
        self,
        posts: str | Iterable[Any] | pd.DataFrame | Path | Posts | Batch,
        media: str | Path | None = None,
        words: bool = False,
        engine: str = "auto",
        progress: bool = False,
    ) -> Scores:
        """Score posts for sentiment, topics and whatever else the model predicts.

        Args:
            posts: One of
                - a string: one text,
                - a list, a Series or any other iterable of texts,
                - a DataFrame with a column `text`, a column `images`, or both; images are paths, bytes, PIL images,
                  or lists of these, and other columns such as `post_id` and `created_at` are recognised by name,
                - a `pathlib.Path`: a table, a zip or a folder,
                - what `read_posts` returns,
                - a batch of `open_workspace`, whose scores are then stored in the workspace; if interrupted, the next
                  call resumes.
            media: With a path: the folder of the posts' images, where they are not in the zip or folder.
            words: Also find the words that influence each post's sentiment most; 0.2 to 1 s a post.
            engine: What runs the encoders: "openvino", "torch", or "auto": a GPU if there is one, else OpenVINO for
                many posts and PyTorch for few.
            progress: Show a progress bar.

        Returns:
            The scores, in the posts' order. Posts that cannot be scored, such as those without text and images, are
            left out and listed in `Scores.rejected`.

        Raises:
            IntakeError: The input as a whole cannot be read.
            BundleError: The model has no sentiment or topic head, or the engine cannot run.
            ScoringError, WorkspaceError: A batch of a workspace is damaged, or another process is scoring it.

        Example:
            >>> import analysis as pl
            >>> scores = pl.load().score(["What a lovely evening!", "The train is late again, how awful"])
            >>> scores.to_pandas()["sentiment"].tolist()
            ['positive', 'negative']
        """
        with progress_bar() if progress else nullcontext(no_progress) as show:
            if isinstance(posts, Batch):
                score_batch(posts, self.bundle, posts.settings, words, show, engine=engine)
                table = pd.concat(list(query.chunks(posts)), ignore_index=True)
                return Scores(table, self.bundle, posts.media_path, posts.rejected())
            checked = posts_of(posts, media)
            table = score_posts(
                checked.table, checked.media.path, self.bundle, words=words, progress=show, engine=engine
            )
        return Scores(table, self.bundle, checked.image_path, checked.rejected, checked.index)

    def explain(
        self,
        text: str = "",
        images: str | Path | bytes | Image.Image | list[Any] | None = None,
        output: str | None = None,
    ) -> Explanation:
        """Explain one post: which of text and images, which words and which regions influenced a prediction.

        Args:
            text: The post's text; "" for none.
            images: Its images: a path, bytes, a PIL image, or a list of these.
            output: What to explain: a head, such as "topic", for its predicted class, or a class, such as
                "topic=daily_life". None for the predicted sentiment.

        Returns:
            The explanation.

        Raises:
            IntakeError: The post has neither text nor images that can be read.
            AttributionError: The model has no such output.

        Example:
            >>> import analysis as pl
            >>> explanation = pl.load().explain("What a lovely evening!")
            >>> explanation.output.name
            'positive'
            >>> max(explanation.words, key=lambda word: word.value).text
            'lovely'
        """
        frame = pd.DataFrame({"text": [text], "images": pd.Series([images], dtype=object)})
        if images is None and not (isinstance(text, str) and has_text(text)):
            raise IntakeError("The post", "has neither text nor images", "Give a text, images, or both.")
        checked = posts_of(frame)
        check_all_accepted(checked)
        return explain_row(self.bundle, checked.table.iloc[0], checked.image_path, output)
