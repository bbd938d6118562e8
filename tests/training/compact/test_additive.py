"""Fitting heads on the additive fusion."""

import pytest
import torch
from torch import nn

from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import AdditiveFusion, build_fusion
from analysis.model.network import MultimodalModel
from analysis.training.compact.additive import fit_additive
from analysis.training.core.examples import Examples, concatenate_examples, make_examples

DIMS = {"text": 5, "image": 7}
HEADS = {
    "mood": Head("mood", ("low", "high"), ("Low", "High")),
    "tags": Head("tags", ("news", "sport"), ("News", "Sport"), exclusive=False, reads=("text",)),
}


def new_model(rank: int = 0) -> MultimodalModel:
    fusion = build_fusion(DIMS, FusionConfig(kind="additive", rank=rank, dropout=0.5))
    return MultimodalModel({name: nn.Identity() for name in DIMS}, fusion, HEADS)


def views(posts: int = 120) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Make encodings, and labels by view: of both, the image decides, which no term of its own can know."""
    torch.manual_seed(0)
    encoded = {name: torch.randn(posts, dim) for name, dim in DIMS.items()}
    text, image = encoded["text"][:, 0], encoded["image"][:, 0]
    return encoded, {"text": text > 0, "image": image > 0, "both": text + 3 * image > 0}


def make_view_examples(encoded: dict[str, torch.Tensor], labels: dict[str, torch.Tensor]) -> Examples:
    text, image = (list(encoded[name]) for name in DIMS)
    shown = {"text": (text, None), "image": (None, image), "both": (text, image)}
    return concatenate_examples(
        *(
            make_examples(
                {"text": shown[view][0], "image": shown[view][1]},
                {"mood": label.long(), "tags": torch.stack([labels["text"], ~labels["text"]], 1).float()},
                HEADS,
            )
            for view, label in labels.items()
        )
    )


def predict(model: MultimodalModel, encoded: dict[str, torch.Tensor], view: str) -> dict[str, torch.Tensor]:
    mask = {"text": (1.0, 0.0), "image": (0.0, 1.0), "both": (1.0, 1.0)}[view]
    with torch.inference_mode():
        return model.predict(encoded, torch.tensor([mask]).expand(len(encoded["text"]), -1))


def test_each_view_learns_its_own_labels() -> None:
    encoded, labels = views()
    model = fit_additive(new_model(), make_view_examples(encoded, labels), HEADS, penalty=0.001)
    for view, label in labels.items():
        found = predict(model, encoded, view)["mood"].argmax(1).bool()
        assert (found == label).float().mean() > 0.95, view
    tags = predict(model, encoded, "both")["tags"] > 0
    assert (tags[:, 0] == labels["text"]).float().mean() > 0.95


def test_a_head_that_reads_the_text_has_no_term_of_the_image() -> None:
    model = fit_additive(new_model(), make_view_examples(*views()), HEADS)
    assert isinstance(model.fusion, AdditiveFusion)
    for columns in model.fusion.term_columns("image"):
        assert not model.heads["tags"].weight[:, columns].any()
        assert model.heads["mood"].weight[:, columns].any()


def test_the_units_of_an_encoder_do_not_matter() -> None:
    encoded, labels = views()
    shifted = {name: 20 * values + 3 for name, values in encoded.items()}
    one, other = (
        fit_additive(new_model(), make_view_examples(each, labels), HEADS) for each in (encoded, shifted)
    )
    for view in labels:
        torch.testing.assert_close(
            predict(one, encoded, view)["mood"], predict(other, shifted, view)["mood"], atol=0.01, rtol=0.01
        )


def test_a_larger_penalty_gives_smaller_weights() -> None:
    examples = make_view_examples(*views())
    small, large = (fit_additive(new_model(), examples, HEADS, penalty=each) for each in (0.01, 1.0))
    assert large.heads["mood"].weight.norm() < 0.5 * small.heads["mood"].weight.norm()


def test_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="without pairs"):
        fit_additive(new_model(rank=2), make_view_examples(*views()), HEADS)


def test_a_text_is_scored_by_the_text_model_that_the_fit_starts_from() -> None:
    encoded, labels = views()
    prior = {"mood": torch.randn(2, DIMS["text"])}
    strict = fit_additive(new_model(), make_view_examples(encoded, labels), HEADS, penalty=1e6, prior=prior)
    scores = predict(strict, encoded, "text")["mood"]
    expected = encoded["text"] @ prior["mood"].T
    differences = (scores[:, 1] - scores[:, 0]) - (expected[:, 1] - expected[:, 0])
    torch.testing.assert_close(differences, differences.mean().expand_as(differences), atol=1e-3, rtol=0)
    free = fit_additive(new_model(), make_view_examples(encoded, labels), HEADS, penalty=0.001, prior=prior)
    found = predict(free, encoded, "both")["mood"].argmax(1).bool()
    assert (found == labels["both"]).float().mean() > 0.95
