"""One explanation as a self-contained page without scripts or external resources, for light and dark mode.

The values come from `analysis.attribution`, the highlighted words and images from `analysis.charts.highlights`.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from PIL import Image

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import Completeness, Ledger
from analysis.attribution.sentences import (
    describe_agreement,
    describe_base,
    describe_baseline_agreement,
    describe_completeness,
    describe_faithfulness,
    describe_questions,
    describe_share_method,
    describe_shares,
    title_of_explained_output,
)
from analysis.charts.highlights import find_strongest, heat_map_overlay, highlighted_words
from analysis.charts.palette import LOWERS, PLAIN, RAISES
from analysis.exporters.exporter import ExplainedPost, ExplanationExporter
from analysis.exporters.html_page import format_html_page
from analysis.exporters.privacy import PrivacyLevel
from analysis.wording import (
    BIDI_CONTROLS,
    format_inputs_title,
    format_percent,
    format_signed,
    format_time,
    join_with_and,
    title_from_name,
)

if TYPE_CHECKING:
    from analysis.attribution.checks import Checks
    from analysis.attribution.verification import Agreement

_STYLE = f"""
:root {{ color-scheme: light dark; --ink: #1a1a1a; --ground: #ffffff; --faint: #d0d0d0; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #ececec; --ground: #14171c; --faint: #444a52; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
        max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.4rem; }} h2 {{ font-size: 1.1rem; margin-top: 2rem; }} h3 {{ font-size: 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--faint);
          font-weight: normal; }}
td.value {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
td.bar {{ width: 50%; }}
.track {{ position: relative; height: 1rem; }}
.track div {{ position: absolute; top: 0; bottom: 0; min-width: 2px; }}
.raises {{ background: {RAISES}; }}
.lowers {{ background: repeating-linear-gradient(45deg, {LOWERS} 0 4px, transparent 4px 6px); }}
.plain {{ background: {PLAIN}; }}
figure {{ margin: 1rem 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }}
figure img {{ max-width: 49%; height: auto; }} figcaption {{ flex-basis: 100%; }}
"""


def export_explanation_html(explained: ExplainedPost) -> str:
    """Write the explanation of one output of one post.

    Returns:
        A complete HTML document in which all content of the post is escaped.
    """
    post, ledger, titles, checks = explained.post, explained.ledger, explained.titles, explained.checks
    verified = explained.verification
    output, bundle_id = escape(title_of_explained_output(ledger.output, titles)), escape(explained.bundle_id)
    sections = [
        _author_and_time(post),
        f"<h2>Predictions</h2>{_probability_tables(explained.probabilities, titles, ledger)}",
        f"<h2>Why “{output}”: {_name_modalities(ledger)}</h2>{_waterfall_table(ledger, checks)}",
    ]
    text, images = str(post["text"]), explained.images
    shows_posts = explained.privacy is not PrivacyLevel.SCORES_ONLY
    if shows_posts and ledger.present["text"]:
        sections.append(f"<h2>Words</h2>{_words_section(text, ledger, output, checks)}")
        if verified and ledger.phi["text"]:
            section = _words_section(text, verified.ledger, output, verified.checks)
            sections.append(_verified_section(section, verified.words, "words"))
    if shows_posts and ledger.present["image"]:
        sections.append(f"<h2>Images</h2>{_images_section(post, ledger, images, output, checks)}")
        if verified and ledger.phi["image"]:
            section = _images_section(post, verified.ledger, images, output, verified.checks)
            sections.append(_verified_section(section, verified.regions, "regions"))
    if explained.privacy is not PrivacyLevel.EVERYTHING:
        sections.append(
            f"<h2>Privacy: {explained.privacy.title.lower()}</h2><p>{escape(explained.privacy.meaning)}</p>"
        )
    title = f"Post {_escape_name(post['post_id'])}: {output}"
    body = f"""<h1>{title}</h1>
{"".join(sections)}
<p><small>Scored and explained by PostLens with the model {bundle_id}. All values of the explanation are in
logits, the additive scale of the model: values above 0 raise the score for “{output}”, values below 0 lower
it.</small></p>"""
    return format_html_page(title, _STYLE, body)


def _author_and_time(post: Mapping[str, Any] | pd.Series) -> str:
    values = [post[name] for name in ("author", "created_at") if name in post and not pd.isna(post[name])]
    sentences = [format_time(value) if isinstance(value, datetime) else str(value) for value in values]
    return f"<p>{_escape_name(', '.join(sentences))}</p>" if sentences else ""


def _escape_name(text: object) -> str:
    """Escape an untrusted name and remove bidirectional controls."""
    return escape(BIDI_CONTROLS.sub("", str(text)))


def _name_modalities(ledger: Ledger) -> str:
    """Name the modalities of the model: "text and images", followed by any others."""
    further = [escape(ledger.title(name).lower()) for name in ledger.phi if name not in ("text", "image")]
    return join_with_and(["text", "images", *further])


def _probability_tables(
    alone: Mapping[str, Mapping[str, Mapping[str, float]]], titles: Mapping[str, str], ledger: Ledger
) -> str:
    """One table per head, one row per class; columns for all inputs and for each modality alone."""
    full = next(iter(alone.values()))
    tables = []
    for head, scores in full.items():
        names = "".join(f"<th>{escape(format_inputs_title(inputs, ledger.titles))}</th>" for inputs in alone)
        rows = "".join(
            f"<tr><th>{escape(title_from_name(name, titles))}</th>"
            + "".join(
                f"<td>{format_percent(given[head][name]) if head in given else '–'}</td>"
                for given in alone.values()
            )
            + "</tr>"
            for name in sorted(scores, key=lambda name: -scores[name])
        )
        tables.append(f"<table><tr><th>{escape(title_from_name(head))}</th>{names}</tr>{rows}</table>")
    return "<br>".join(tables)


def _waterfall_table(ledger: Ledger, checks: Checks | None) -> str:
    """The waterfall from the base, such as an empty post, to this one, one row per step."""
    base = escape(describe_base(ledger).partition(" ")[2])  # without the article
    steps = [(base[:1].upper() + base[1:], 0.0, ledger.base, "plain")]
    reached = ledger.base
    for name, value in ledger.phi.items():
        label = ledger.title(name) if ledger.present[name] else f"No {ledger.title(name).lower()}"
        steps.append((escape(label), reached, reached + value, "raises" if value >= 0 else "lowers"))
        reached += value
    steps.append(("This post", 0.0, ledger.total, "plain"))
    ends = [end for _, start, stop, _ in steps for end in (start, stop)]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    rows = "".join(
        f'<tr><th>{label}</th><td class="value">{format_signed(stop - start)}</td><td class="bar"><div class="track">'
        f'<div class="{look}" style="left: {100 * (min(start, stop) - low) / span:.1f}%; '
        f'width: {100 * abs(stop - start) / span:.1f}%"></div></div></td></tr>'
        for label, start, stop, look in steps
    )
    there = [escape(ledger.title(name).lower()) for name in ledger.phi if ledger.present[name]]
    if len(there) < 2:
        return f"<table>{rows}</table>"
    shares = [
        f"{escape(ledger.title(name).lower())} {format_percent(part)}"
        for name in ledger.phi
        if (part := ledger.share(name)) is not None
    ]
    weight = f"Their shares of the total: {', '.join(shares)}." if shares else ""
    rest = f"{weight} {describe_baseline_agreement(checks.firm) if checks else ''}".strip()
    if format_signed(ledger.interaction) == format_signed(0.0):
        return f"<table>{rows}</table><p>{rest}</p>"
    counted = "half of it is counted in each" if len(there) == 2 else "the values above include it"
    return (
        f"<table>{rows}</table><p>Of this, {format_signed(ledger.interaction)} is the interaction of "
        f"{join_with_and(there)}; "
        f"{counted}. {rest}</p>"
    )


def _words_section(text: str, ledger: Ledger, output: str, checks: Checks | None) -> str:
    reliability = _share_text(ledger, "text") + _reliability_text(
        "words", ledger.word_check, ledger.text_remainder, checks.words if checks else None
    )
    if _is_refused(ledger.word_check):
        return highlighted_words(text, ()) + reliability
    return (
        f"{highlighted_words(text, ledger.words)}<p>Solid violet line: raises “{output}”; dashed brown line: "
        f"lowers it; a thicker line is a larger effect.</p>{reliability}"
    )


def _images_section(
    post: Mapping[str, Any] | pd.Series,
    ledger: Ledger,
    images: Sequence[tuple[str, Image.Image]],
    output: str,
    checks: Checks | None,
) -> str:
    names = list(post["image_names"]) if "image_names" in post else []
    strongest = find_strongest(ledger.images)
    figures = []
    for number, (value, (_, image)) in enumerate(zip(ledger.images, images, strict=True)):
        name = _escape_name(names[number] if number < len(names) else f"Image {number + 1}")
        original = image.convert("RGB")
        original.thumbnail((640, 640))
        shown = f'<img src="{_data_uri(original)}" alt="{name}">'
        caption = name
        if not _is_refused(ledger.pixel_check):
            heat = _data_uri(heat_map_overlay(image, value, strongest))
            shown += f'<img src="{heat}" alt="Regions of {name} by their value">'
            caption = f"{name}: {format_signed(value.value)}"
        figures.append(f"<figure>{shown}<figcaption>{caption}</figcaption></figure>")
    reliability = _share_text(ledger, "image") + _reliability_text(
        "regions", ledger.pixel_check, ledger.image_remainder, checks.regions if checks else None
    )
    if _is_refused(ledger.pixel_check):
        return "".join(figures) + reliability
    return (
        f"{''.join(figures)}<p>Violet: raises “{output}”, the strongest regions outlined in white; brown: lowers "
        f"it, the strongest hatched.</p>{reliability}"
    )


def _verified_section(section: str, agreement: Agreement | None, parts: str) -> str:
    """A section by integrated gradients, and how it compares with the one of shares above."""
    sentences = [describe_agreement(agreement, parts)] if agreement else []
    sentences.append(describe_questions(parts))
    return f"<h3>Verified by integrated gradients</h3>{section}<p>{' '.join(sentences)}</p>"


def _share_text(ledger: Ledger, modality: str) -> str:
    sentence = describe_shares(ledger, modality)
    return f"<p>{sentence} {describe_share_method(modality)}</p>" if sentence else ""


def _reliability_text(
    parts: str, check: Completeness | None, remainder: float, order: Faithfulness | None
) -> str:
    sentences = [f"Not shown, because the {parts} do not add up."] if _is_refused(check) else []
    sentences += [describe_completeness(check, parts, remainder)] if check else []
    sentences += [describe_faithfulness(order, parts)] if order and not _is_refused(check) else []
    return f"<p>{' '.join(sentences)}</p>" if sentences else ""


def _is_refused(check: Completeness | None) -> bool:
    """Return whether an attribution is too far from adding up to be shown."""
    return check is not None and check.refused


def _data_uri(image: Image.Image) -> str:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(encoded.getvalue()).decode()}"


def _write_html(explained: ExplainedPost, target: IO[bytes]) -> None:
    target.write(export_explanation_html(explained).encode("utf-8"))


EXPORTER = ExplanationExporter("html", "HTML", (".html", ".htm"), "text/html", _write_html)
