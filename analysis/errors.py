"""All errors that PostLens raises, as one tree.

    PostLensError
      IntakeError         an input that cannot be read at all
      BundleError         a model bundle that cannot be loaded or written
      WorkspaceError      a batch on disk that is missing, damaged or unwritable
      SearchError         a search by words that is malformed or too long
      ScoringError        a batch that cannot be scored
      AttributionError    an explanation that cannot be computed
      TrainingError       data or settings that a model cannot be trained on
      EvaluationError     labelled posts that cannot be read, or that a model cannot be measured on

A single bad row or file raises no error: intake lists it as rejected (`analysis.intake.rejections`).
"""

from __future__ import annotations


class PostLensError(Exception):
    """An error with a thing, a fact and a remedy.

    Args:
        thing: The affected file, post or option, for display ("post_17.jpg").
        fact: The problem, worded to follow the thing ("is 9,000 x 9,000 px; the limit is 40 MP").
        remedy: The remedy, as a sentence ("Resize it and add it again.").
    """

    def __init__(self, thing: str, fact: str, remedy: str) -> None:
        super().__init__(thing, fact, remedy)
        self.thing = thing
        self.fact = fact
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.thing} {self.fact}. {self.remedy}"


class IntakeError(PostLensError):
    """An input that cannot be read at all."""


class BundleError(PostLensError):
    """A model bundle that cannot be loaded or written."""


class WorkspaceError(PostLensError):
    """A batch on disk that is missing, damaged or unwritable."""


class SearchError(PostLensError):
    """A search by words that is malformed or too long."""


class ScoringError(PostLensError):
    """A batch that cannot be scored."""


class AttributionError(PostLensError):
    """An explanation that cannot be computed."""


class TrainingError(PostLensError):
    """Data or settings that a model cannot be trained on."""


class EvaluationError(PostLensError):
    """Labelled posts that cannot be read, or that a model cannot be measured on."""
