"""A tokenizer from anywhere is data: damaged, oversized and inconsistent ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.attribution import Output, encode_post, explain_post
from analysis.errors import BundleError
from analysis.model.bundle import load_model
from analysis.model.encoding import encode_texts
from tests.model.hostile import change, put, refused

pytestmark = pytest.mark.usefixtures("isolated")


def test_a_tokenizer_without_padding_is_refused(copied: Path) -> None:
    change(copied, "tokenizer_config.json", lambda values: values.pop("pad_token"))
    refused(copied, "does not name a pad_token")
    (copied / "tokenizer_config.json").unlink()
    refused(copied, "does not name a pad_token")


@pytest.mark.parametrize("value", [3, ["x"], {"content": 3}, {}, "", "[NOWHERE]"])
def test_invalid_special_tokens_are_refused(copied: Path, value: object) -> None:
    change(copied, "tokenizer_config.json", put("mask_token", value))
    refused(copied, "tokenizer")


def test_a_tokenizer_whose_tokens_have_no_embedding_is_refused(copied: Path) -> None:
    change(copied, "tokenizer.json", lambda values: values["model"]["vocab"].update(zebra=64))
    refused(copied, "has token numbers up to 64, but the text encoder has 64 embeddings")
    change(copied, "tokenizer.json", lambda values: values["model"]["vocab"].pop("zebra"))
    change(
        copied,
        "tokenizer.json",
        lambda values: values["post_processor"]["special_tokens"]["[CLS]"].update(ids=[999]),
    )
    refused(copied, "produces tokens that the text encoder has no embedding for")


def test_a_tokenizer_that_would_take_gigabytes_is_refused(copied: Path) -> None:
    change(copied, "tokenizer.json", lambda values: values["model"]["vocab"].update(zebra=10**9))
    refused(copied, "has a token numbered 1,000,000,000; the limit is 1,048,576")
    change(copied, "tokenizer.json", lambda values: values["model"]["vocab"].pop("zebra"))
    change(copied, "tokenizer.json", lambda values: values["added_tokens"][-1].update(id=2**31))
    refused(copied, "has a token numbered 2,147,483,648")


@pytest.mark.parametrize(("steps", "content"), [(40, "aa"), (1, "a" * 10_000), (2, "a" * 5)])
def test_a_tokenizer_that_makes_texts_much_longer_is_refused(copied: Path, steps: int, content: str) -> None:
    replace = {"type": "Replace", "pattern": {"String": "a"}, "content": content}
    change(
        copied, "tokenizer.json", put("normalizer", {"type": "Sequence", "normalizers": [replace] * steps})
    )
    refused(copied, "it makes texts up to .* times longer")


def test_repeated_byte_level_encoding_is_refused(copied: Path) -> None:
    step = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    change(copied, "tokenizer.json", put("pre_tokenizer", {"type": "Sequence", "pretokenizers": [step] * 64}))
    refused(copied, "times longer")


def test_a_template_of_millions_of_tokens_is_refused(copied: Path) -> None:
    template = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "x", "type_id": 0}}] * 5_000
        + [{"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [],
        "special_tokens": {"x": {"id": "x", "ids": [1] * 5_000, "tokens": ["[UNK]"] * 5_000}},
    }
    change(copied, "tokenizer.json", put("post_processor", {"type": "Sequence", "processors": [template]}))
    refused(copied, "tokens to a text")


def test_a_pattern_that_gives_up_on_a_text_is_a_plain_error(copied: Path) -> None:
    pattern = {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": "b"}
    change(copied, "tokenizer.json", put("normalizer", pattern))
    bundle = load_model(copied)
    text = "a" * 40 + " b"
    with pytest.raises(BundleError, match=r"tokenizer.json cannot be read"):
        encode_texts(bundle, [text])
    with pytest.raises(BundleError, match=r"tokenizer.json cannot be read"):
        encode_post(bundle, text, [])


def test_a_tokenizer_that_fails_on_unknown_words_is_refused(copied: Path) -> None:
    change(copied, "tokenizer.json", put("model/unk_token", "[NOWHERE]"))
    refused(copied, "tokenizer.json cannot be read")


def test_a_tokenizer_without_a_mask_still_explains(copied: Path) -> None:
    for name in ("mask_token", "cls_token"):
        change(copied, "tokenizer_config.json", lambda values, name=name: values.pop(name))
    bundle = load_model(copied)
    ledger = explain_post(bundle, encode_post(bundle, "good day"), Output("sentiment", "positive"))
    assert [word.text for word in ledger.words] == ["good", "day"]
