"""Loads a model and scores posts with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import query
from analysis.api.explanation import Explanation, explain_row
from analysis.api.output import progress_bar
from analysis.api.posts import Posts, check_all_accepted, check_api_input, check_path
from analysis.api.scores import Scores
from analysis.custom_topics import CustomTopic, check_topics
from analysis.errors import IntakeError, PostLensError, WorkspaceError
from analysis.model.bundle import Bundle, load_model
from analysis.posts import has_text
from analysis.scoring.memory import score_posts
from analysis.scoring.pace import ignore_progress
from analysis.scoring.pipeline import score_batch
from analysis.search import check_examples, find_custom_topics
from analysis.search.topics import check_has_space
from analysis.settings import Settings
from analysis.taxonomy import read_topics_file
from analysis.workspace import Batch, Workspace, default_workspace_home

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model import Head


def load(model: str | Path = "compact") -> Model:
    """Load a model.

    Args:
        model: Name of a bundle that ships with PostLens, or the folder of a bundle, such as one from `postlens
            train`.

    Returns:
        The model, ready to score.

    Raises:
        BundleError: The bundle does not exist, is malformed, or does not run.

    Example:
        >>> import analysis as pl
        >>> model = pl.load()
        >>> model.name
        'compact'
    """
    return Model(load_model(model))


def open_workspace(folder: str | Path | None = None) -> Workspace:
    """Open the workspace, which contains the batches of the dashboard.

    Args:
        folder: The workspace's folder; None for $POSTLENS_HOME, or else ~/.postlens.

    Returns:
        The workspace: `batches()` lists its batches, `open(batch_id)` opens one, and `Model.score` scores it.

    Raises:
        PostLensError: The folder is a file, or not a path.

    Example:
        >>> import tempfile
        >>> import analysis as pl
        >>> pl.open_workspace(tempfile.mkdtemp()).batches()
        []
    """
    home = default_workspace_home() if folder is None else check_path(folder, "The workspace's folder")
    if home.is_file():
        raise WorkspaceError(str(home), "is a file", "Give the folder of a workspace, or of a new one.")
    return Workspace(home)


def read_topics(path: str | Path) -> list[CustomTopic]:
    """Read topics of your own from a file, for `Model.score`.

    Args:
        path: A taxonomy file, which the page Custom topics of the dashboard downloads; or a text with a name a line.

    Raises:
        PostLensError: It cannot be read, or is not valid.

    Example:
        >>> import tempfile
        >>> import analysis as pl
        >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        ...     print("delivery", file=file, flush=True)
        ...     pl.read_topics(file.name)[0].name
        'delivery'
    """
    return read_topics_file(check_path(path, "The file of topics"), Settings())


class Model:
    """A loaded model; see `load`.

    Attributes:
        bundle: The network with its configuration, tokenizer and metrics, for advanced use.
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
        topics: Sequence[str | CustomTopic] = (),
    ) -> Scores:
        """Score posts for sentiment, topics and all other heads of the model.

        Args:
            posts: One of
                - a string: one text,
                - a list, a Series or any other iterable of texts,
                - a DataFrame with a column `text`, a column `images`, or both; images are paths, bytes, PIL images,
                  or lists of these, and other columns such as `post_id` and `created_at` are recognised by name,
                - a `pathlib.Path`: a table, a zip or a folder,
                - the result of `read_posts`,
                - a batch of `open_workspace`; its scores are stored in the workspace, and an interrupted call is
                  resumed by the next one.
            media: With a path: the folder of the images, if they are not in the zip or folder.
            words: Also find the most influential words of each post, if the model does not compute them with the
                scores, as those with an additive fusion do.
            engine: The engine that runs the encoders: "openvino", "torch", or "auto", which uses a GPU if there is
                one, else OpenVINO for many posts and PyTorch for few.
            progress: Show a progress bar.
            topics: Topics of your own: names, such as ["delivery", "prices"], or `CustomTopic` with a description,
                examples or a threshold, such as those of `read_topics`. The scores then have the columns
                `own_topics` and, for each, `similarity: NAME`. A post has every topic that is similar enough in
                meaning to its text or its images.

        Returns:
            The scores in the order of the posts. The model reads the first 128 tokens of a text, about 96 words;
            posts that cannot be scored, such as posts without text and images,
            are omitted and listed in `Scores.rejected`.

        Raises:
            IntakeError: The input as a whole cannot be read.
            BundleError: The model has no sentiment or topic head, or no embeddings for your own topics, or the engine
                cannot run.
            ScoringError, WorkspaceError: A batch is damaged, or another process is scoring it; or a topic is not
                valid.

        Example:
            >>> import analysis as pl
            >>> scores = pl.load().score(["What a lovely evening!", "The train is late again, how awful"])
            >>> scores.to_pandas()["sentiment"].tolist()
            ['positive', 'negative']
        """
        chosen = _check_topics(topics, self.bundle)
        with progress_bar() if progress else nullcontext(ignore_progress) as show:
            if isinstance(posts, Batch):
                score_batch(posts, self.bundle, posts.settings, words, show, engine=engine)
                if chosen:
                    posts = posts.with_custom_topics(find_custom_topics(posts, self.bundle, chosen))
                table = pd.concat(list(query.read_post_chunks(posts)), ignore_index=True)
                return Scores(table, self.bundle, posts.media_path, posts.rejected(), topics=chosen)
            checked = check_api_input(posts, media)
            table = score_posts(
                checked.table,
                checked.media.path,
                self.bundle,
                words=words,
                progress=show,
                engine=engine,
                topics=chosen,
            )
        return Scores(table, self.bundle, checked.image_path, checked.rejected, checked.index, chosen)

    def explain(
        self,
        text: str = "",
        images: str | Path | bytes | Image.Image | list[Any] | None = None,
        output: str | None = None,
        verify: bool = False,
    ) -> Explanation:
        """Explain one post: which of text and images, which words and which regions influenced a prediction.

        Args:
            text: The post's text; "" for none.
            images: Its images: a path, bytes, a PIL image, or a list of these.
            output: What to explain: a head, such as "topic", for its predicted class, or a class, such as
                "topic=daily_life". None for the predicted sentiment.
            verify: Also compute integrated gradients and checks for `show` and `save`, which takes up to a few
                seconds. Without effect for models that are always explained by integrated gradients.

        Returns:
            The explanation.

        Raises:
            IntakeError: The post has neither text nor images that can be read.
            AttributionError: The model does not have this output.

        Example:
            >>> import analysis as pl
            >>> explanation = pl.load().explain("What a lovely evening!")
            >>> explanation.output.name
            'positive'
            >>> max(explanation.words, key=lambda word: word.value).text
            'lovely'
        """
        if not isinstance(text, str):
            raise IntakeError("The text", f"is of the type {type(text).__name__}", "Give one string.")
        frame = pd.DataFrame({"text": [text], "images": pd.Series([images], dtype=object)})
        if images is None and not has_text(text):
            raise IntakeError("The post", "has neither text nor images", "Give a text, images, or both.")
        checked = check_api_input(frame)
        check_all_accepted(checked)
        return explain_row(self.bundle, checked.table.iloc[0], checked.image_path, output, verify)


def _check_topics(topics: Sequence[str | CustomTopic], bundle: Bundle) -> tuple[CustomTopic, ...]:
    """Check custom topics before posts are scored, and clean their names; () for none."""
    if isinstance(topics, str) or not all(isinstance(topic, str | CustomTopic) for topic in topics):
        raise PostLensError(
            "The custom topics",
            "are not a list of names or of CustomTopic",
            'Give a list, such as ["delivery"].',
        )
    if not topics:
        return ()
    check_has_space(bundle.config, bundle.id)
    checked = check_topics(topics, Settings())
    check_examples(bundle, checked)
    return checked
