"""A text encoder with branches: each text is read by the encoder of its language."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from transformers import BertConfig, BertModel, BertTokenizer

from analysis import query
from analysis.attribution import IntegratedGradients, Output, encode_post, explain_post
from analysis.attribution.words import select_top_words
from analysis.errors import BundleError
from analysis.model.bundle import Bundle, build_model, load_model
from analysis.model.config import BY_LANGUAGE, OTHER, EncoderConfig, FusionConfig, ModelConfig
from analysis.model.encoding import encode_texts
from analysis.model.engines import OpenVinoEngine, TorchEngine
from analysis.model.saving import save_bundle
from analysis.model.text_branches import choose_branches
from analysis.posts import post_frame
from analysis.scoring.pipeline import score_batch
from tests.scored import new_batch
from tests.tiny import tiny_config

ENGLISH = "What a lovely evening with all of you, thank you so much for coming!"
GERMAN = "Heute war der Zug schon wieder zwanzig Minuten zu spät, danke dafür"
MIXED = "bhai kya scene hai, movie was too good yaar"
POSITIVE = Output("sentiment", "positive")
DIMS = {"en": 16, OTHER: 8}


def branched_config(fusion: FusionConfig) -> ModelConfig:
    """Describe a tiny model whose text encoder has a branch for English and one for other texts."""
    config = tiny_config(fusion)
    text = config.encoders["text"]
    architectures = {
        name: BertConfig(
            vocab_size=256, hidden_size=dim, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
            max_position_embeddings=64,
        ).to_dict()
        for name, dim in DIMS.items()
    }  # fmt: skip
    branches = {name: replace(text, dim=dim, architecture=architectures[name]) for name, dim in DIMS.items()}
    encoder = EncoderConfig(BY_LANGUAGE, "tiny, by language", dim=26, branches=branches)
    return replace(config, encoders={**config.encoders, "text": encoder})


def tokenizer_of(folder: Path, letters: str) -> BertTokenizer:
    folder.mkdir(parents=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    return BertTokenizer(str(folder / "vocab.txt"))


@pytest.fixture(scope="module")
def branched(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("branched")
    torch.manual_seed(0)
    config = branched_config(FusionConfig(kind="additive", rank=0))
    model = build_model(config)
    for name, branch in model.encoders["text"].branches.items():
        branch.encoder.network = BertModel(branch.encoder.network.config, add_pooling_layer=True)
        torch.nn.init.normal_(branch.mean, std=0.3)
        assert branch.mean.shape == (DIMS[name],)
    for parameter in [*model.fusion.parameters(), *model.heads.parameters(), *model.space.parameters()]:
        torch.nn.init.normal_(parameter, std=0.3)
    for mean in model.fusion.buffers():
        torch.nn.init.normal_(mean, std=0.1)
    tokenizers = {
        "en": tokenizer_of(folder / "one", "abcdefghijklmnopqrstuvwxyz,!"),
        OTHER: tokenizer_of(folder / "other", "zyxwvutsrqponmlkjihgfedcbaäöüß,!"),
    }
    save_bundle(folder / "bundle", config, model, tokenizers, {}, "# tiny\n")
    return load_model(folder / "bundle")


def test_each_text_goes_to_the_branch_of_its_language(branched: Bundle) -> None:
    config = branched.config.encoders["text"]
    texts = [ENGLISH, GERMAN, MIXED, "😍😍", "", "これは本当に素晴らしい一日でした"]
    assert choose_branches(config, texts) == ["en", OTHER, OTHER, "en", "en", OTHER]
    assert choose_branches(config.branches["en"], texts) == [""] * len(texts)


def test_each_branch_has_its_own_places(branched: Bundle) -> None:
    english, german = encode_texts(branched, [ENGLISH, GERMAN])
    assert english[:24].bool().tolist() == [True] * 16 + [False] * 8
    assert german[:24].bool().tolist() == [False] * 16 + [True] * 8
    assert english[24:].tolist() == [1.0, 0.0]
    assert german[24:].tolist() == [0.0, 1.0]


def test_a_branch_encodes_as_its_encoder_does_alone(branched: Bundle) -> None:
    tokens = branched.tokenizers[OTHER](GERMAN.lower(), return_tensors="pt", truncation=True, max_length=32)
    branch = branched.text_encoder(OTHER)
    with torch.inference_mode():
        alone = branch.encoder(tokens["input_ids"], tokens["attention_mask"])[0] - branch.mean
    torch.testing.assert_close(encode_texts(branched, [GERMAN])[0, 16:24], alone, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_a_text_is_encoded_the_same_among_texts_of_other_branches(branched: Bundle) -> None:
    texts = [ENGLISH, GERMAN, MIXED, "😍😍", "grinning face", "😀"]
    together = encode_texts(branched, texts)
    single = torch.cat([encode_texts(branched, [text]) for text in texts])
    assert torch.equal(together, single)
    torch.testing.assert_close(
        encode_texts(branched, texts, engine=OpenVinoEngine(branched)), together, atol=1e-5, rtol=1e-4
    )


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_words_of_both_branches_are_explained(branched: Bundle, text: str, photo: Image.Image) -> None:
    post = encode_post(branched, text, [("a", photo)])
    ledger = explain_post(branched, post, POSITIVE)
    assert [word.text for word in ledger.words][:2] == text.replace(",", "").split()[:2]
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    checked = explain_post(branched, post, POSITIVE, word_method=IntegratedGradients)
    assert checked.word_check is not None
    assert checked.word_check.verdict != "failed"


@pytest.mark.slow
def test_both_branches_have_the_numbers_of_words(branched: Bundle) -> None:
    assert set(branched.part_encoders["text"]) == {"en", OTHER}
    weights, bias = branched.model.stack_share_weights("sentiment", "text") or (
        torch.zeros(0),
        torch.zeros(0),
    )
    for engine in (TorchEngine(branched, "cpu"), OpenVinoEngine(branched)):
        for branch in DIMS:
            ids = torch.tensor([[2, 7, 8, 3]])
            inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
            (found,) = engine.encode("text", [inputs], branch)
            assert found.vectors.shape == (1, 26)
            assert found.numbers is not None
            expected = found.vectors @ weights.T + bias
            torch.testing.assert_close(found.numbers.sum(1), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"dim": 24}, "dim must be the sum"),
        ({"branches": {}}, "branches must be 'other'"),
        ({"kind": "transformers"}, "branches must be empty"),
        ({"certainty": 2.0}, "certainty must be a number"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    branched: Bundle, change: dict[str, object], named: str
) -> None:
    values = branched.config.to_json()
    values["encoders"]["text"] |= change
    with pytest.raises(BundleError, match=named):
        ModelConfig.from_json(values)


@pytest.mark.parametrize(
    ("name", "named"), [("x y", "code of a language"), ("de", "a branch has no branches")]
)
def test_branches_are_languages_without_branches(branched: Bundle, name: str, named: str) -> None:
    values = branched.config.to_json()
    branches = values["encoders"]["text"]["branches"]
    branches[name] = {**branches["en"], "branches": {"en": branches["en"]}}
    with pytest.raises(BundleError, match=named):
        ModelConfig.from_json(values)


@pytest.mark.slow
def test_a_batch_of_several_languages_is_scored_with_the_words_of_each_post(
    branched: Bundle, tmp_path: Path
) -> None:
    texts = [ENGLISH, GERMAN, MIXED, "😍😍"]
    posts = post_frame([{"post_id": str(number), "text": text} for number, text in enumerate(texts)])
    batch = new_batch(tmp_path, posts, part_posts=2)
    score_batch(batch, branched, engine="torch")
    for post in query.read_page(batch).to_dict("records"):
        output = Output("sentiment", post["sentiment"])
        ledger = explain_post(branched, encode_post(branched, post["text"]), output)
        found = select_top_words(ledger.words, 5)
        assert [word for word, _ in post["top_words"]] == [word for word, _ in found]
        for (_, stored), (_, shown) in zip(post["top_words"], found, strict=True):
            assert stored == pytest.approx(shown, abs=1e-5)


def test_a_linked_branch_is_refused_and_its_files_are_named(branched: Bundle, tmp_path: Path) -> None:
    linked, missing = (shutil.copytree(branched.folder, tmp_path / name) for name in ("linked", "missing"))
    shutil.move(linked / "en", tmp_path / "elsewhere")
    (linked / "en").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=r"linked/en/tokenizer.json is a symbolic link"):
        load_model(linked)
    (missing / "en" / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"missing/en/tokenizer.json is missing"):
        load_model(missing)
