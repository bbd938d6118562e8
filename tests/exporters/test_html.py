"""The explanation page: complete, self-contained, and free of active content from the post."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.attribution.checks import Checks
from analysis.attribution.faithfulness import Curve, Faithfulness
from analysis.attribution.ledger import CLASS_ACTIVATION, Completeness, Ledger
from analysis.attribution.verification import Agreement, Verification
from analysis.exporters import ExplainedPost, export_explanation_html
from tests.charts.ledgers import BOTH, IMAGE, TEXT, TEXT_ONLY

SCORES = {"sentiment": {"negative": 0.1, "neutral": 0.3, "positive": 0.6}, "topic": {"daily_life": 0.8}}
POST: dict[str, Any] = {
    "post_id": "p<1>",
    "text": TEXT,
    "author": '"><img src=x>',
    "image_names": ["<svg onload=x>.jpg"],
}
EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(ledger: Ledger = BOTH, post: dict[str, Any] | pd.Series = POST, **how: Any) -> str:
    inputs = ("both", "text", "image") if ledger.present["image"] else ("text",)
    images = [(IMAGE.media_id, Image.new("RGB", (40, 20), "teal"))] if ledger.present["image"] else []
    probabilities = dict.fromkeys(inputs, SCORES)
    return export_explanation_html(
        ExplainedPost(post, ledger, probabilities, images, "compact@1a2b3c4d", **how)
    )


def test_the_page_says_what_why_and_how_well_it_adds_up() -> None:
    text = " ".join("".join(Tags(page()).text).split())
    assert "Positive 60 % 60 % 60 %".replace(" ", "") in text.replace(" ", "")
    assert "Text alone" in text
    assert "+0.20 is the interaction of text and image" in text
    assert "text 79 %, image 21 %" in text
    assert "The words add up to +1.90 of +1.90 logits, 0 % off (16 steps). They are reliable." in text
    assert (
        "The regions add up to −0.45 of −0.50 logits, 10 % off (64 steps). Treat them as approximate" in text
    )
    assert "Not attributed to any of the regions: −0.05" in text
    assert "compact@1a2b3c4d" in text


def test_the_checks_stand_beside_what_they_checked() -> None:
    order = Faithfulness(4, Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, 0.4, 1.5, 1.5), reach=2.0)
    checks = Checks(words=order, regions=order, phi={"text": 1.0, "image": 0.1}, firm=True)
    text = " ".join("".join(Tags(page(checks=checks)).text).split())
    assert "Removing the top words lowers the score by 0.80 logits" in text
    assert "Removing the top regions lowers the score by 0.80 logits" in text
    assert "Robust: the same modality dominates" in text


SHARES = replace(
    BOTH,
    interaction=0.0,
    base_is_average=True,
    methods={"text": CLASS_ACTIVATION, "image": CLASS_ACTIVATION},
    word_check=None,
    pixel_check=None,
    text_remainder=0.1,
    images=(replace(IMAGE, cells=np.array([[0.2, -0.3], [0.0, -0.35]])),),
)


def test_shares_are_exact_and_compared_with_an_average_post() -> None:
    text = " ".join("".join(Tags(page(SHARES)).text).split())
    assert "Average post with text and image" in text
    assert "Empty post" not in text
    assert "The words add up to +1.80 of the +1.90 logits of the text." in text
    assert "The regions add up to the −0.50 logits of the image, exactly." in text
    assert "class activation mapping" in text
    assert "is the interaction of" not in text
    assert "Their shares of the total: text 79 %, image 21 %." in text
    assert "Verified by" not in text


def test_a_verification_stands_below_each_section() -> None:
    order = Faithfulness(4, Curve(0.8, 0.1, 1.0, 2.0), Curve(0.2, 0.4, 1.5, 1.5), reach=2.0)
    checks = Checks(words=order, regions=order, phi={"text": 1.0, "image": 0.1}, firm=True)
    verification = Verification(
        replace(BOTH, base_is_average=True), checks, checks, Agreement(0.8, True), Agreement(0.1, False)
    )
    shown = Tags(page(SHARES, checks=checks, verification=verification))
    text = " ".join("".join(shown.text).split())
    assert text.count("Verified by integrated gradients") == 2
    assert "Both methods agree well on the order of the words (rank correlation +0.80" in text
    assert "Both methods hardly agree on the order of the regions" in text
    assert "which words of the post itself led to the score" in text
    assert "16 steps" in text
    assert len([tag for tag, _ in shown.tags if tag == "img"]) == 4


def test_an_account_that_does_not_add_up_is_not_marked() -> None:
    text = "".join(Tags(page(TEXT_ONLY)).text)
    assert "Not shown, because the words do not add up." in text
    assert "I <b>hate</b> & love" in text
    assert not [tag for tag, attributes in Tags(page(TEXT_ONLY)).tags if tag == "span"]
    failed = replace(BOTH, pixel_check=Completeness(1.0, 0.2, 64, "failed"))
    assert len([tag for tag, _ in Tags(page(failed)).tags if tag == "img"]) == 1


def test_inputs_that_a_head_does_not_read_have_no_probability() -> None:
    with_irony = {**SCORES, "irony": {"irony": 0.8}}
    alone = {"both": with_irony, "text": with_irony, "image": SCORES}
    images = [(IMAGE.media_id, Image.new("RGB", (40, 20), "teal"))]
    explained = ExplainedPost(POST, BOTH, alone, images, "compact@1a2b3c4d")
    text = "".join(Tags(export_explanation_html(explained)).text)
    assert "Irony80 %80 %–" in "".join(text.split("\n"))


def test_a_missing_image_is_named_and_has_no_section() -> None:
    text = "".join(Tags(page(TEXT_ONLY)).text)
    assert "No image" in text
    assert "Images" not in text
    assert "interaction of text and image" not in text
    assert "Do not rely on them" in text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    for tag, attributes in Tags(page()).tags:
        assert tag not in {"script", "link", "iframe", "object", "embed", "form", "a", "svg"}
        assert not any(name.startswith("on") or name == "href" for name in attributes)
        assert (attributes.get("src") or "data:").startswith("data:")
    assert "url(" not in page()
    (policy,) = (tag["content"] for name, tag in Tags(page()).tags if name == "meta" and "http-equiv" in tag)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


@pytest.mark.parametrize("field", ["post_id", "text", "author", "created_at", "image_names"])
def test_whatever_a_post_holds_is_shown_as_text(field: str) -> None:
    post = {**POST, field: [EVIL] if field == "image_names" else EVIL}
    shown = page(post=post)
    assert "<script" not in shown
    assert EVIL in "".join(Tags(shown).text)


def test_titles_of_a_bundle_are_shown_as_text() -> None:
    assert "<script" not in page(TEXT_ONLY, titles={"daily_life": EVIL})


def test_an_author_and_a_time_that_are_unknown_are_left_out() -> None:
    post = pd.Series({**POST, "author": float("nan"), "created_at": pd.NaT})
    assert "nan" not in re.sub(r"<style>.*</style>|data:[^\"]*", "", page(post=post), flags=re.DOTALL).lower()
    assert "NaT" not in page(post={**POST, "author": None, "created_at": None})


def test_each_image_stands_beside_its_heat_map() -> None:
    images = [attributes for tag, attributes in Tags(page()).tags if tag == "img"]
    assert [image["alt"] for image in images] == [
        "<svg onload=x>.jpg",
        "Regions of <svg onload=x>.jpg by their value",
    ]


def test_names_of_a_post_cannot_reverse_the_words_after_them() -> None:
    reversing = {**POST, "post_id": "p\u202e1", "author": "eve\u2067", "image_names": ["a\u202e.jpg"]}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page(post=reversing))
