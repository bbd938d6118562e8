import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.errors import BundleError
from analysis.model import load_model
from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_clean_texts, encode_images, encode_texts
from analysis.model.engines import Engine, OpenVinoEngine, TorchEngine, choose_engine
from analysis.model.outputs import compute_probabilities
from analysis.model.text import preprocess_text

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "sample_posts"
NEAR_TIE = 0.02
VIEWS = {("text", "image"): [1.0, 1.0], ("text",): [1.0, 0.0], ("image",): [0.0, 1.0]}
WORDS = [
    "no",
    "lovely",
    "day",
    "😀",
    "#goal",
    "rain",
    "awful",
    "@ann",
    "http://x.y",
    "GREAT",
    "new",
    "phone,",
    "!!",
]


@pytest.fixture(scope="module")
def shipped() -> tuple[Bundle, Engine]:
    bundle = load_model()
    return bundle, OpenVinoEngine(bundle)


def some_texts(count: int) -> list[str]:
    """Texts of 1 to 200 words, and of languages that the encoder hardly knows."""
    rng = np.random.default_rng(0)
    drawn = [" ".join(rng.choice(WORDS, length)) for length in rng.integers(1, 30, count - 3)]
    return [*drawn, " ".join(rng.choice(WORDS, 200)), "どうもありがとう", "شكرا جزيلا"]


def some_images() -> dict[str, Image.Image]:
    rng = np.random.default_rng(1)
    noise = {str(n): Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)) for n in range(4)}
    flat = {"black": Image.new("RGB", (300, 40)), "white": Image.new("RGB", (10, 10), "white")}
    return noise | flat | {path.name: Image.open(path).convert("RGB") for path in SAMPLES.rglob("*.jpg")}


def test_both_engines_give_the_same_probabilities_and_labels(shipped: tuple[Bundle, Engine]) -> None:
    bundle, fast = shipped
    images = some_images()
    texts = some_texts(len(images))
    found = []
    for engine in (TorchEngine(bundle, "cpu"), fast):
        image = encode_images(bundle, list(images), images.__getitem__, engine=engine)
        encoded = {
            "text": encode_texts(bundle, texts, engine=engine),
            "image": torch.stack([each.vector for each in image.values()]),
        }
        for present in VIEWS.values():
            shown = torch.tensor([present]).repeat(len(texts), 1)
            with torch.inference_mode():
                found.append(compute_probabilities(bundle.heads, bundle.model.predict(encoded, shown), shown))
    assert len(found) == 6
    for modalities, slow, quick in zip(VIEWS, found[:3], found[3:], strict=True):
        for head in (name for name, each in bundle.heads.items() if each.answers(modalities)):
            assert (slow[head] - quick[head]).abs().max() < 0.01
            best = slow[head].topk(2, dim=1).values
            clear = best[:, 0] - best[:, 1] > NEAR_TIE
            assert clear.any()
            assert torch.equal(slow[head].argmax(1)[clear], quick[head].argmax(1)[clear])


def test_openvino_encodes_a_text_the_same_in_any_batch(shipped: tuple[Bundle, Engine]) -> None:
    bundle, fast = shipped
    texts = some_texts(40)
    together = encode_texts(bundle, texts, batch=32, engine=fast)
    backwards = encode_texts(bundle, texts[::-1], batch=3, engine=fast).flip(0)
    assert torch.equal(together, backwards)
    torch.testing.assert_close(together, encode_texts(bundle, texts), atol=1e-5, rtol=0)


def test_results_come_in_the_order_of_the_batches(shipped: tuple[Bundle, Engine]) -> None:
    _, fast = shipped
    ids = torch.randint(1000, 9000, (12, 8), generator=torch.Generator().manual_seed(0))

    def batches() -> Iterator[dict[str, torch.Tensor]]:
        for row in ids:
            yield {"input_ids": row.unsqueeze(0), "attention_mask": torch.ones(1, 8, dtype=torch.long)}

    one_by_one = [next(fast.encode("text", iter([inputs]), "en")) for inputs in batches()]
    together = list(fast.encode("text", batches(), "en"))
    assert len(together) == 12
    for single, each in zip(one_by_one, together, strict=True):
        assert torch.equal(single.vectors, each.vectors)


def test_both_engines_give_the_same_numbers_of_words_and_positions(additive_bundle: Bundle) -> None:
    texts = [preprocess_text(text) for text in ("good day", "a match so awful , the rain !")]
    images = {"a": Image.effect_noise((60, 80), 90).convert("RGB")}
    found = []
    for engine in (TorchEngine(additive_bundle, "cpu"), OpenVinoEngine(additive_bundle)):
        words = encode_clean_texts(additive_bundle, texts, engine=engine)
        image = encode_images(additive_bundle, ["a"], images.__getitem__, engine=engine)["a"]
        found.append([*words, image])
    assert [len(each.numbers) for each in found[0]] == [2, 8, 4]
    for slow, quick in zip(*found, strict=True):
        torch.testing.assert_close(slow.vector, quick.vector, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(slow.numbers, quick.numbers, atol=1e-5, rtol=1e-4)


def test_few_posts_are_not_compiled(tiny_bundle: Bundle) -> None:
    assert isinstance(choose_engine(tiny_bundle, posts=9, openvino_from=10), TorchEngine)
    assert isinstance(choose_engine(tiny_bundle, posts=10, openvino_from=10), OpenVinoEngine)
    assert isinstance(choose_engine(tiny_bundle, "torch"), TorchEngine)
    assert isinstance(choose_engine(tiny_bundle, "openvino", posts=1, openvino_from=10), OpenVinoEngine)


def test_a_missing_engine_is_an_error_and_auto_uses_another(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BundleError, match=r"Engine openvino is not installed\. Run `pip install openvino`"):
        choose_engine(tiny_bundle, "openvino")
    with caplog.at_level(logging.WARNING):
        assert isinstance(choose_engine(tiny_bundle), TorchEngine)
    assert "Falling back to PyTorch" in caplog.text
    with pytest.raises(BundleError, match="Engine 'tpu' is unknown"):
        choose_engine(tiny_bundle, "tpu")


def test_encoders_that_openvino_cannot_run_are_refused_in_words(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no such operation\nand more")

    monkeypatch.setattr("analysis.model.engines._convert_encoder", refuse)
    with pytest.raises(BundleError, match=r"cannot run tiny: RuntimeError: no such operation\. Choose"):
        choose_engine(tiny_bundle, "openvino")


def test_compiling_sends_no_telemetry(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        pytest.fail("the use of OpenVINO is reported over the network")

    monkeypatch.setattr("openvino_telemetry.Telemetry.__init__", fail)
    monkeypatch.setattr("openvino_telemetry.utils.sender.TelemetrySender.send", fail)
    OpenVinoEngine(tiny_bundle)


def test_inputs_openvino_was_not_compiled_for_use_pytorch(tiny_bundle: Bundle) -> None:
    engine = OpenVinoEngine(tiny_bundle)
    del engine._compiled["text", ""]
    assert torch.equal(
        encode_texts(tiny_bundle, ["good day"], engine=engine), encode_texts(tiny_bundle, ["good day"])
    )
