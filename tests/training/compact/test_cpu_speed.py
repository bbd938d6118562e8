import pytest
import torch
from transformers import BertConfig, BertModel

from analysis.training.compact.cpu_speed import SequenceDropout, has_fast_bfloat16, optimise_for_cpu_training


def test_dropout_uses_one_mask_per_text_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    dropped = SequenceDropout(0.25).train()(torch.ones(64, 5, 40))
    assert torch.equal(dropped[:, 0], dropped[:, 4])
    assert not torch.equal(dropped[0], dropped[1])
    assert abs(float(dropped.mean()) - 1) < 0.05


def test_an_encoder_answers_as_before_when_it_is_not_trained_and_varies_when_it_is() -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    bert, tokens = BertModel(config).eval(), torch.tensor([[2, 5, 6, 3]])
    before = bert(tokens).last_hidden_state
    optimise_for_cpu_training(bert)
    assert torch.allclose(bert(tokens).last_hidden_state, before, atol=1e-6)
    bert.train()
    assert not torch.equal(bert(tokens).last_hidden_state, bert(tokens).last_hidden_state)
    assert bert.encoder.layer[0].attention.self.dropout.p == 0.0


@pytest.mark.parametrize(("capabilities", "fast"), [({"avx512_bf16": True}, True), ({"avx2": True}, False)])
def test_bfloat16_is_chosen_only_where_the_processor_has_it(
    capabilities: dict[str, bool], fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert has_fast_bfloat16() is fast


def test_training_is_in_float32_if_pytorch_does_not_report_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not has_fast_bfloat16()
