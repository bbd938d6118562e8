import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch

from analysis.errors import BundleError
from analysis.model import load_model
from analysis.model.bundle import SHIPPED, Bundle


@pytest.fixture
def copied(tiny_bundle: Bundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle.folder, tmp_path / "copy"))


def test_loading_gives_the_weights_that_were_saved(tiny_bundle: Bundle, copied: Path) -> None:
    again = load_model(copied)
    assert again.id == tiny_bundle.id
    for name, value in tiny_bundle.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name]), name


def test_weights_on_disk_are_half_precision_and_in_memory_single(tiny_bundle: Bundle) -> None:
    from safetensors.torch import load_file

    on_disk = load_file(tiny_bundle.folder / "model.safetensors")
    assert {value.dtype for value in on_disk.values() if value.is_floating_point()} == {torch.float16}
    assert {parameter.dtype for parameter in tiny_bundle.model.parameters()} == {torch.float32}


def test_the_id_changes_with_the_weights_and_with_the_configuration(
    copied: Path, tiny_bundle: Bundle
) -> None:
    config = json.loads((copied / "config.json").read_text())
    config["heads"]["sentiment"]["temperature"] = 2.5
    (copied / "config.json").write_text(json.dumps(config))
    assert load_model(copied).id != tiny_bundle.id


def test_an_unknown_model_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(BundleError, match=r"'nowhere' was not found.*compact"):
        load_model("nowhere")


def test_damaged_weights_are_refused(copied: Path) -> None:
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BundleError, match=r"model.safetensors cannot be read"):
        load_model(copied)


def test_pickled_weights_are_not_executed(copied: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(copied / "executed"),)  # type: ignore[return-value]

    (copied / "model.safetensors").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(BundleError):
        load_model(copied)
    assert not (copied / "executed").exists()


def test_weights_of_another_configuration_are_refused(copied: Path) -> None:
    config = json.loads((copied / "config.json").read_text())
    config["fusion"]["hidden"] = 4
    (copied / "config.json").write_text(json.dumps(config))
    with pytest.raises(BundleError, match=r"does not match config.json"):
        load_model(copied)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "x", "encoders": 3}'])
def test_damaged_configuration_is_refused(copied: Path, content: str) -> None:
    (copied / "config.json").write_text(content)
    with pytest.raises(BundleError, match=r"config.json"):
        load_model(copied)


@pytest.mark.slow
def test_the_shipped_bundle_is_complete_small_and_has_metrics() -> None:
    bundle = load_model()
    assert bundle.name == "compact"
    assert sum(path.stat().st_size for path in bundle.folder.iterdir()) <= 64 * 1024**2
    assert not list(bundle.folder.glob("*.bin")) + list(bundle.folder.glob("*.pth"))
    assert bundle.metrics["evaluations"]["mvsa_both"]["posts"] == 450
    assert bundle.card.startswith("# compact: model card")
    assert bundle.heads["sentiment"].classes == ("negative", "neutral", "positive")
    assert bundle.folder.parent == SHIPPED
