"""Mutates the text files or the compressed weights of a bundle at random, loads each mutant and scores with it.

Run by `test_bundle_fuzz` in a Python of its own: what a bundle may not do, it may not do there.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from analysis.attribution import Output, encode_post, explain_post
from analysis.errors import BundleError
from analysis.model.bundle import WEIGHTS, Bundle, load_model
from analysis.model.encoding import encode_images, encode_texts
from analysis.model.outputs import compute_probabilities
from analysis.model.saving import save_bundle

FILES = ("config.json", "config.json", "config.json", "tokenizer.json", "tokenizer_config.json")
VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 3, 17, 10**6, 10**9, 2**63, 10**400, 0.0, -0.5, 1e-300, 1e308, float("nan"),
    float("inf"), "", "x", "mean", "bert", "gelu", "hf-hub:timm/resnet18", "hf_hub:timm/resnet18",
    "local-dir:/nowhere", "https://example.org/model", "../../etc/passwd", "fasterrcnn_resnet50_fpn", "a.b", "\x00",
    "\ud800", "\u202e", "[PAD]", "long " * 1_000, [], [1], ["x", "x"], [None] * 3, [0.0, 0.0, 0.0], {}, {"x": 1},
    {"AutoTokenizer": ["code.Evil", "code.Evil"]}, [[[[[[[[[[1]]]]]]]]]],
)  # fmt: skip
KEYS = ("auto_map", "quantization_config", "attn_implementation", "_attn_implementation", "dtype", "model_type",
        "tokenizer_class", "num_labels", "max_length", "unknown", "added_tokens_decoder")  # fmt: skip
TYPES = (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool, torch.float16, torch.bfloat16,
         torch.float32, torch.float64)  # fmt: skip
NUMBERS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-39,
    -1e-39,
    1e-30,
    3e4,
    1e37,
    -3e38,
    float("inf"),
    float("-inf"),
    float("nan"),
)
TEXTS = ("good day", "so awful a match!!! 😀", "", "\u0301\x00", "bad " * 100)


def places(values: Any) -> Iterator[tuple[Any, Any]]:
    """Every value within a JSON value: what holds it, and its key or number."""
    items = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in list(items):
        yield values, key
        if isinstance(value, (dict, list)):
            yield from places(value)


def mutate_values(values: Any, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        found = list(places(values))
        shallow = [place for place in found if isinstance(place[0], dict)]
        if not found:
            return
        holder, key = chance.choice(shallow if shallow and chance.random() < 0.8 else found)
        kind = chance.random()
        if kind < 0.6:
            holder[key] = deepcopy(chance.choice(VALUES))
        elif kind < 0.75:
            del holder[key]
        elif kind < 0.9 and isinstance(holder, dict):
            holder[chance.choice(KEYS)] = deepcopy(chance.choice(VALUES))
        else:
            other, place = chance.choice(found)
            holder[key] = deepcopy(other.get(place)) if isinstance(other, dict) else None


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    stop = min(len(content), start + chance.choice((1, 1, 4, 40)))
    noise = chance.choice((b"", b"\xff", b"[" * 5_000, b"1" * 5_000, b'"', b"}", chance.randbytes(4)))
    return content[:start] + (b"" if chance.random() < 0.2 else noise + content[stop:])


def mutate(folder: Path, chance: random.Random) -> None:
    for name in {chance.choice(FILES) for _ in range(chance.choice((1, 1, 2)))}:
        path = folder / name
        if chance.random() < 0.2:
            path.write_bytes(mutate_bytes(path.read_bytes(), chance))
        else:
            values = json.loads(path.read_text("utf-8"))
            mutate_values(values, chance)
            path.write_text(json.dumps(values), encoding="utf-8")


def mutate_tensor(value: Tensor, chance: random.Random) -> Tensor:
    """Change the type, the shape or a value."""
    kind, flat = chance.random(), value.reshape(-1).clone()
    if kind < 0.2:
        return value.to(chance.choice(TYPES))
    if kind < 0.4:
        shapes = [(-1,), (*value.shape, 1), (1, *value.shape), value.shape[::-1], (len(flat), 1)]
        return value.reshape(chance.choice(shapes))
    if kind < 0.5:
        return value[: chance.randrange(len(value) + 1)] if value.ndim else flat.repeat(2)
    place = chance.randrange(len(flat))
    if value.is_floating_point():
        flat[place] = chance.choice(NUMBERS)
    else:
        flat[place] = chance.choice((0, 1, 8, 15, 100, 127))
    return flat.reshape(value.shape)


def mutate_weights(folder: Path, chance: random.Random) -> None:
    """Change bytes of the header, or one of the tensors, usually one with codes or scales."""
    path = folder / WEIGHTS
    content = path.read_bytes()
    if chance.random() < 0.2:
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        mutate_values(header, chance)
        made = json.dumps(header).encode()
        path.write_bytes(len(made).to_bytes(8, "little") + made + content[8 + size :])
        return
    weights = load_file(path)
    scales = [name for name in weights if name.endswith(".scale")]
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice((*scales, *(name.removesuffix(".scale") for name in scales)))
        if chance.random() < 0.2:
            name = chance.choice(list(weights))
        kind, value = chance.random(), weights.pop(name, None)
        if value is None or kind < 0.1:
            continue
        if kind < 0.2:
            name = chance.choice((name + ".scale", name.removesuffix(".scale"), "x"))
        weights[name] = mutate_tensor(value, chance) if kind < 0.9 else value
    save_file({name: value.contiguous() for name, value in weights.items()}, path)


def score_with(folder: Path) -> Bundle:
    """Load a bundle, score texts and an image, and explain one score; all must be finite numbers."""
    bundle = load_model(folder)
    text = encode_texts(bundle, TEXTS)
    image = encode_images(bundle, ["a"], lambda _: Image.new("RGB", (9, 40), "teal"))["a"]
    encoded = {"text": text, "image": image.vector.expand(len(TEXTS), -1)}
    for row in ([1.0, 1.0], [1.0, 0.0], [0.0, 1.0]):
        present = torch.tensor([row]).repeat(len(TEXTS), 1)
        with torch.inference_mode():
            for found in compute_probabilities(
                bundle.heads, bundle.model.predict(encoded, present), present
            ).values():
                assert torch.isfinite(found).all()
    name, head = next(iter(bundle.heads.items()))
    ledger = explain_post(bundle, encode_post(bundle, "good day", []), Output(name, head.classes[0]))
    assert all(abs(word.value) < float("inf") for word in ledger.words)
    assert bundle.encoders_id
    assert isinstance(bundle.metrics, dict)
    return bundle


def check_derived(bundle: Bundle) -> None:
    """A bundle that is written again has the same weights, codes and scales; those in fp32 are rounded."""
    folder = bundle.folder / "derived"
    save_bundle(folder, bundle.config, bundle.model, bundle.tokenizers, {}, "", bundle.weight_bits)
    was, now = load_file(bundle.folder / WEIGHTS), load_file(folder / WEIGHTS)
    assert was.keys() == now.keys()
    for name, value in was.items():
        rounded = value.half() if value.dtype == torch.float32 else value
        assert torch.equal(rounded.reshape(-1).view(torch.uint8), now[name].reshape(-1).view(torch.uint8)), (
            name
        )


def main(base: Path, work: Path, seed: int, count: int, weights: bool) -> None:
    torch.set_num_threads(1)  # tiny models compute faster on one thread
    outcomes: Counter[str] = Counter()
    for number in range(count):
        folder = work / f"mutant{number}"
        shutil.copytree(base, folder)
        chance = random.Random(f"{seed} {number}")
        mutate_weights(folder, chance) if weights else mutate(folder, chance)
        try:
            bundle = score_with(folder)
            if weights:
                check_derived(bundle)
            outcomes["scored"] += 1
        except BundleError as error:
            outcomes["refused" if error.thing and error.fact and error.remedy else "failed"] += 1
        except BaseException:
            outcomes["failed"] += 1
            print(f"mutant {number} of seed {seed}:\n{traceback.format_exc()}", flush=True)  # noqa: T201
        shutil.rmtree(folder)
    # `ru_maxrss` can hold the peak of the process that started this one; VmHWM is of this one alone.
    (peak,) = re.findall(r"VmHWM:\s*([0-9]+) kB", Path("/proc/self/status").read_text())
    print(json.dumps({**outcomes, "peak_mb": int(peak) // 1024}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "weights")
