"""The explanation of one post without names of people, or without the post."""

from __future__ import annotations

from dataclasses import replace

from analysis.attribution.ledger import Ledger
from analysis.exporters.exporter import ExplainedPost
from analysis.exporters.privacy import Privacy, protect_post


def protect_explained_post(explained: ExplainedPost, privacy: Privacy) -> ExplainedPost:
    """Replace names in an explanation by pseudonyms, or remove the post's text, words and images.

    Args:
        explained: The explanation of a post as given.
        privacy: The chosen privacy.

    Returns:
        The explanation; with pseudonyms, words keep their highlights at their new places, and images have no names.
    """
    if privacy.shows_names:
        return explained
    original = dict(explained.post)
    post = protect_post(original, privacy)
    verification = explained.verification
    if verification is not None:
        verification = replace(verification, ledger=_protect_ledger(verification.ledger, original, privacy))
    return replace(
        explained,
        post=post,
        ledger=_protect_ledger(explained.ledger, original, privacy),
        images=explained.images if privacy.shows_posts else [],
        verification=verification,
        privacy=privacy.level,
    )


def _protect_ledger(ledger: Ledger, post: dict[str, object], privacy: Privacy) -> Ledger:
    if not privacy.shows_posts:
        return replace(ledger, words=(), images=())
    author = post.get("author")
    author = author if isinstance(author, str) else None
    _, words = privacy.pseudonyms.text_with_words(str(post["text"]), author, ledger.words)
    return replace(ledger, words=words)
