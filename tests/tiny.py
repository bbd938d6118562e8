"""A tiny but real bundle, made without network: the parts of `compact`, a thousandth of its size."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer

from analysis.model.bundle import build_model
from analysis.model.config import SENTIMENTS, EncoderConfig, FusionConfig, Head, ModelConfig, SpaceConfig
from analysis.model.saving import save_bundle

WORDS = ["good", "bad", "awful", "lovely", "day", "match", "phone", "the", "a", "is", "so", "#", "##s", "!", ",", ".",
         "@", "user", "http", "red", "heart", "rain", "not", "match"]  # fmt: skip
TOPICS = ("daily_life", "sports_gaming")


def tiny_config(fusion: FusionConfig, space: bool = True) -> ModelConfig:
    """Describe the model, with or without a space that text and images share."""
    bert = BertConfig(
        vocab_size=64, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64,
    )  # fmt: skip
    rank = 2 if fusion.kind == "additive" else 0
    text = EncoderConfig(
        "transformers", "tiny-bert", dim=16, max_tokens=32, architecture=bert.to_dict(), share_rank=rank
    )
    image = EncoderConfig("timm", "test_efficientnet", dim=256, side=48, explained_layer="network.blocks.1")
    heads = {
        "sentiment": Head(
            "sentiment",
            SENTIMENTS,
            ("Negative", "Neutral", "Positive"),
            temperature=1.5,
            alone=(1.2, 2.0),
            values=(-1.0, 0.0, 1.0),
        ),
        "topic": Head("topic", TOPICS, ("Daily life", "Sports & gaming"), exclusive=False, needs=("text",)),
        "emotion": Head("emotion", ("anger", "joy"), ("Anger", "Joy"), reads=("text",)),
        "irony": Head("irony", ("not_irony", "irony"), ("Not ironic", "Ironic"), reads=("text",)),
    }
    shared = SpaceConfig(dim=8, hidden={"image": 12}, unrelated=(-0.5, 0.0, 0.5)) if space else None
    return ModelConfig("tiny", {"text": text, "image": image}, fusion, heads, shared)


def write_tiny_bundle(folder: Path, fusion: FusionConfig, seed: int = 0, space: bool = True) -> Path:
    """Write a bundle with random weights, large enough for every word and image to affect the scores."""
    folder.mkdir(parents=True)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = list(dict.fromkeys([*special, *WORDS, *letters]))
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    torch.manual_seed(seed)
    config = tiny_config(fusion, space)
    model = build_model(config)
    model.encoders["text"].network = BertModel(model.encoders["text"].network.config)  # with weights drawn
    for name, parameter in model.named_parameters():
        if not name.startswith("encoders.image") and (parameter.ndim > 1 or "absent" in name):
            torch.nn.init.normal_(parameter, std=0.3)
    for name, buffer in model.fusion.named_buffers():  # the mean encodings of an additive fusion
        torch.nn.init.normal_(buffer, std=0.3 if name == "mean_text" else 0.01)
    save_bundle(folder, config, model, {"": tokenizer}, {"seed": seed}, "# tiny\n")
    return folder
