import pytest
import torch
from captum.attr import ShapleyValues

from analysis.attribution.modality import Coalitions, compute_shapley_values
from analysis.model.bundle import Bundle
from analysis.model.outputs import compute_explained_logits

PRESENT = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]] * 4)


def encoded_posts(bundle: Bundle) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    return {modality: torch.randn(len(PRESENT), dim) for modality, dim in dims.items()}


def logits(
    bundle: Bundle, encoded: dict[str, torch.Tensor], present: torch.Tensor, head: str
) -> torch.Tensor:
    with torch.inference_mode():
        return compute_explained_logits(bundle.heads, bundle.model.predict(encoded, present))[head]


def one_of(bundle: Bundle, head: str, classes: torch.Tensor) -> torch.Tensor:
    return torch.eye(len(bundle.heads[head].classes))[classes]


@pytest.mark.parametrize("head", ["sentiment", "topic"])
def test_values_add_up_from_the_base_to_the_total(tiny_bundle: Bundle, head: str) -> None:
    encoded, classes = encoded_posts(tiny_bundle), torch.arange(len(PRESENT)) % 2
    weights = one_of(tiny_bundle, head, classes)
    values = compute_shapley_values(Coalitions(tiny_bundle, encoded, PRESENT), head, weights)
    torch.testing.assert_close(values.base + values.phi.sum(1), values.total, atol=1e-5, rtol=0)
    expected = logits(tiny_bundle, encoded, PRESENT, head).gather(1, classes[:, None])[:, 0]
    torch.testing.assert_close(values.total, expected, atol=1e-5, rtol=0)


def test_values_are_the_mean_of_the_two_gains(tiny_bundle: Bundle) -> None:
    encoded = encoded_posts(tiny_bundle)
    first = one_of(tiny_bundle, "sentiment", torch.zeros(len(PRESENT), dtype=torch.long))
    values = compute_shapley_values(Coalitions(tiny_bundle, encoded, PRESENT), "sentiment", first)
    mask = {name: torch.tensor([view]) * PRESENT for name, view in
            {"11": [1.0, 1.0], "10": [1.0, 0.0], "01": [0.0, 1.0], "00": [0.0, 0.0]}.items()}  # fmt: skip
    f = {name: logits(tiny_bundle, encoded, present, "sentiment")[:, 0] for name, present in mask.items()}
    text = ((f["10"] - f["00"]) + (f["11"] - f["01"])) / 2
    torch.testing.assert_close(values.phi[:, 0], text, atol=1e-5, rtol=0)
    interaction = f["11"] - f["10"] - f["01"] + f["00"]
    torch.testing.assert_close(values.interaction, interaction, atol=1e-5, rtol=0)
    assert values.interaction[0].abs() > 1e-3


def test_an_absent_modality_has_exactly_no_value_and_no_interaction(tiny_bundle: Bundle) -> None:
    second = one_of(tiny_bundle, "sentiment", torch.ones(len(PRESENT), dtype=torch.long))
    values = compute_shapley_values(
        Coalitions(tiny_bundle, encoded_posts(tiny_bundle), PRESENT), "sentiment", second
    )
    assert (values.phi[PRESENT == 0] == 0).all()
    assert (values.phi[PRESENT == 1] != 0).all()
    assert (values.interaction[PRESENT.prod(1) == 0] == 0).all()


def test_an_additive_model_has_no_interaction(additive_bundle: Bundle) -> None:
    first = one_of(additive_bundle, "sentiment", torch.zeros(len(PRESENT), dtype=torch.long))
    values = compute_shapley_values(
        Coalitions(additive_bundle, encoded_posts(additive_bundle), PRESENT), "sentiment", first
    )
    torch.testing.assert_close(values.interaction, torch.zeros(len(PRESENT)), atol=1e-5, rtol=0)


def test_a_batch_gives_the_values_of_its_posts(tiny_bundle: Bundle) -> None:
    encoded = encoded_posts(tiny_bundle)
    weights = one_of(tiny_bundle, "sentiment", torch.arange(len(PRESENT)) % 3)
    together = compute_shapley_values(Coalitions(tiny_bundle, encoded, PRESENT), "sentiment", weights)
    for row in range(len(PRESENT)):
        one = {modality: values[row : row + 1] for modality, values in encoded.items()}
        single = compute_shapley_values(
            Coalitions(tiny_bundle, one, PRESENT[row : row + 1]), "sentiment", weights[row : row + 1]
        )
        torch.testing.assert_close(single.phi[0], together.phi[row], atol=1e-5, rtol=0)


def test_values_are_exactly_those_of_captum(tiny_bundle: Bundle) -> None:
    encoded = encoded_posts(tiny_bundle)
    first = one_of(tiny_bundle, "sentiment", torch.zeros(len(PRESENT), dtype=torch.long))

    def score(gates: torch.Tensor) -> torch.Tensor:
        return logits(tiny_bundle, encoded, PRESENT * gates[0], "sentiment")[:, 0]

    found = ShapleyValues(score).attribute(
        torch.ones_like(PRESENT), baselines=0.0, feature_mask=torch.tensor([[0, 1]])
    )
    values = compute_shapley_values(Coalitions(tiny_bundle, encoded, PRESENT), "sentiment", first)
    assert torch.equal(values.phi, found * PRESENT)
