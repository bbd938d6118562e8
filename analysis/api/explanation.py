"""The explanation of one post, as HTML and as values."""

from __future__ import annotations

import importlib
import secrets
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.api.output import open_output
from analysis.api.privacy import choose_privacy
from analysis.attribution import (
    Checks,
    EncodedPost,
    Ledger,
    Output,
    Verification,
    WordValue,
    check_explanation,
    encode_post,
    explain_post,
    list_further_contents,
    score_modalities_alone,
    verify_explanation,
)
from analysis.columns import list_class_titles
from analysis.errors import AttributionError, PostLensError
from analysis.exporters import (
    ExplainedPost,
    ExplanationExporter,
    export_explanation_html,
    get_exporter,
    protect_explained_post,
)
from analysis.scoring.stored_images import read_stored_image

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model.bundle import Bundle

_FRAME_HEIGHT = 640  # pixels in a notebook
_BROWSER_SECONDS = 15.0  # time for the browser to fetch a page

Probabilities = Mapping[str, Mapping[str, Mapping[str, float]]]


class Explanation:
    """Explains one prediction for one post with values that add up; all values are logits.

    Attributes:
        post: The post's columns, such as post_id and text.
        output: The explained head and class.
        ledger: All values: base + text + images = total, and the contribution of each word and region.
        probabilities: By inputs ("both", "text", "image"), head and class.
    """

    def __init__(
        self,
        bundle: Bundle,
        post: pd.Series,
        images: Sequence[tuple[str, Image.Image]],
        encoded: EncodedPost,
        ledger: Ledger,
        probabilities: Probabilities,
        verify: bool = False,
    ) -> None:
        self.post = post
        self.output = ledger.output
        self.ledger = ledger
        self.probabilities = probabilities
        self._bundle = bundle
        self._images = images
        self._encoded = encoded
        self._verify = verify

    def __repr__(self) -> str:
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in self.modalities.items())
        return f"Explanation({self.output.head}={self.output.name}: {parts} logits)"

    def _repr_html_(self) -> str:
        page = escape(self.to_html(), quote=True)
        style = f"width: 100%; height: {_FRAME_HEIGHT}px; border: 0"
        return f'<iframe srcdoc="{page}" sandbox="" style="{style}"></iframe>'

    @property
    def words(self) -> tuple[WordValue, ...]:
        """The words in text order, each with its position and value; empty without text."""
        return self.ledger.words

    @property
    def modalities(self) -> dict[str, float]:
        """What each modality adds (Shapley values); 0 for one that the post lacks."""
        return dict(self.ledger.phi)

    @cached_property
    def checks(self) -> Checks:
        """Reliability checks, such as whether removing the top words and regions changes the score."""
        if self._verify and self.verification:
            return self.verification.share_checks
        return check_explanation(self._bundle, self._encoded, self.ledger)

    @cached_property
    def verification(self) -> Verification | None:
        """Integrated gradients of the same output, and how well they agree; takes up to a few seconds.

        None if words and regions come from integrated gradients already, as in models whose scores are no sum over
        words and regions.
        """
        if not self.ledger.has_shares:
            return None
        return verify_explanation(self._bundle, self._encoded, self.ledger)

    def to_html(self) -> str:
        """Write the explanation as a self-contained HTML document without scripts.

        It includes checks, and the verification if that was requested. For models whose words and regions are shares
        of a sum, checks are only included with the verification.
        """
        return export_explanation_html(self._explained())

    def save(
        self, path: str | Path, privacy: str = "everything", salt_file: str | Path | None = None
    ) -> None:
        """Write the explanation to a file in the format of its suffix, such as .html (see `analysis.exporters`).

        Args:
            path: The file.
            privacy: What is shown of the post; see `Scores.save`.
            salt_file: The secret key of the pseudonyms, created if missing.

        Raises:
            PostLensError: No format has this suffix, a file cannot be written, or the privacy is unknown.
        """
        target, chosen = Path(path), choose_privacy(privacy, salt_file)
        exporter = get_exporter(target, ExplanationExporter)
        explained = protect_explained_post(self._explained(), chosen)
        with open_output(target) as file:
            exporter.write(explained, file)

    def show(self) -> None:
        """Show the explanation in the notebook if there is one, else in the browser.

        Raises:
            PostLensError: There is neither a notebook nor a browser.
        """
        if _in_notebook():
            importlib.import_module("IPython.display").display(self)
        else:
            _open_in_browser(self.to_html())

    def _explained(self) -> ExplainedPost:
        return ExplainedPost(
            self.post,
            self.ledger,
            self.probabilities,
            self._images,
            self._bundle.id,
            list_class_titles(self._bundle.heads),
            self.checks if self._verify or not self.ledger.has_shares else None,
            self.verification if self._verify else None,
        )


def explain_row(
    bundle: Bundle,
    post: pd.Series,
    image_path: Callable[[str], Path],
    output: str | None,
    verify: bool = False,
) -> Explanation:
    """Explain one row of a table of posts; see `Model.explain`.

    Args:
        bundle: The model.
        post: At least post_id, text and images.
        image_path: Returns the file of an image by its media id.
        output: What to explain; see `parse_explained_output`.
        verify: Whether files and pages include the verification.
    """
    text = post["text"]
    images = [(name, read_stored_image(image_path(name), name)) for name in post["images"]]
    encoded = encode_post(bundle, text, images, list_further_contents(bundle.model.modalities, post))
    probabilities = score_modalities_alone(bundle, encoded)
    ledger = explain_post(bundle, encoded, parse_explained_output(output, probabilities))
    return Explanation(bundle, post, images, encoded, ledger, probabilities, verify)


def parse_explained_output(output: str | None, probabilities: Probabilities) -> Output:
    """Parse what to explain: "head=class", or a head for its most likely class; None for the most likely sentiment.

    Args:
        output: The argument of `Model.explain`.
        probabilities: The post's probabilities; those for all of its modalities come first.

    Raises:
        AttributionError: The head does not exist, or the post has no input for it.
    """
    head, is_class, name = (output or "sentiment").partition("=")
    if is_class:
        return Output(head, name)
    classes = next(iter(probabilities.values()), {})
    if head not in classes:
        raise AttributionError(
            f"Output {head!r}", "is not predicted for this post", f"Choose from {', '.join(classes)}."
        )
    return Output(head, max(classes[head], key=classes[head].__getitem__))


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")  # a notebook kernel has loaded it; PostLens does not depend on it
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _open_in_browser(page: str) -> None:
    """Serve a page once on localhost and open it, so that no file with the post's text is left on disk."""
    path = f"/{secrets.token_urlsafe(16)}"
    done = False

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal done
            found = self.path == path
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if found:
                self.wfile.write(page.encode("utf-8"))
                done = True

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        if not webbrowser.open(f"http://127.0.0.1:{server.server_port}{path}"):
            raise PostLensError(
                "A browser", "was not found", "Use save(...) to write the explanation to a file."
            )
        end = time.monotonic() + _BROWSER_SECONDS
        while not done and (server_timeout := end - time.monotonic()) > 0:
            server.timeout = server_timeout
            server.handle_request()
