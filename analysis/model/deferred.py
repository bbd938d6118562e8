"""Loads the network of a bundle: in full, or without its encoders until they are first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from torch import nn

from analysis.errors import BundleError
from analysis.model.bundle import WEIGHTS, build_model, hash_bundle_files
from analysis.model.bundle_files import get_bundle_file
from analysis.model.config import Head, ModelConfig
from analysis.model.facts import BundleFacts
from analysis.model.fusion import Fusion
from analysis.model.network import MultimodalModel, build_fusion_and_space
from analysis.model.space import SharedSpace
from analysis.model.weights import load_weights


class DeferredModel(MultimodalModel):
    """A network without encoders until they are first used: to score posts, compiled encoders may suffice.

    Until then, `state_dict` and `parameters` do not have those of the encoders.

    Args:
        load: Loads the encoders by modality.
        fusion: See `MultimodalModel`; so are `space` and `heads`.
        facts: What an earlier run found out about the network.
    """

    def __init__(
        self,
        load: Callable[[], Mapping[str, nn.Module]],
        fusion: Fusion,
        space: SharedSpace | None,
        heads: Mapping[str, Head],
        facts: BundleFacts,
    ) -> None:
        super().__init__({}, fusion, heads, space)
        self._load = load
        self.facts = facts

    @property
    def encoders(self) -> nn.ModuleDict:  # type: ignore[override]
        """Return the encoders; the first use loads them.

        Raises:
            BundleError: The bundle has changed since it was loaded.
        """
        found = self._modules["encoders"]
        assert isinstance(found, nn.ModuleDict)  # noqa: S101 (set by `MultimodalModel`)
        if not found:
            found.update(self._load())
        return found


def load_network(folder: Path, config: ModelConfig) -> MultimodalModel:
    """Load the network of a bundle in full; see `load_weights` for errors."""
    path = get_bundle_file(folder, WEIGHTS)
    model = load_weights(path, f"{folder.name}/{WEIGHTS}", lambda: build_model(config))
    return model.eval().requires_grad_(False)


def defer_encoders(folder: Path, config: ModelConfig, digest: str, facts: BundleFacts) -> DeferredModel:
    """Load the network of a bundle, but its encoders only when they are first used.

    Args:
        folder: The bundle's folder.
        config: Its configuration.
        digest: `Bundle.sha256`, to notice if the files change in the meantime.
        facts: What an earlier run found out about these files.
    """

    def load_encoders() -> Mapping[str, nn.Module]:
        if hash_bundle_files(folder) != digest:
            fact = "has changed since it was loaded"
            raise BundleError(f"Model {folder.name}", fact, "Do this again with the model as it is now.")
        return dict(load_network(folder, config).encoders.items())

    def build() -> DeferredModel:
        return DeferredModel(load_encoders, *build_fusion_and_space(config), config.heads, facts)

    path = get_bundle_file(folder, WEIGHTS)
    model = load_weights(path, f"{folder.name}/{WEIGHTS}", build, without="encoders.")
    return model.eval().requires_grad_(False)
