"""The training loop over encodings: fusion and heads learn, encoders stay as they are.

What the examples are is `analysis.training.core.examples`; training encoders too is `analysis.training.core.loop`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from tqdm import tqdm

from analysis.model.config import Head
from analysis.model.network import MultimodalModel
from analysis.training.core.examples import Examples, show_blanks
from analysis.training.core.losses import loss


@dataclass(frozen=True)
class TrainingConfig:
    """How fusion and heads are trained.

    Attributes:
        epochs: Passes over the examples.
        batch: Examples a step.
        learning_rate: Highest rate of the one-cycle schedule (Smith & Topin 2019).
        weight_decay: Of AdamW (Loshchilov & Hutter 2019).
        label_smoothing: Part of each exclusive head's target spread over all classes.
        squared_error: Weight of the squared error of heads with values, the valence.
        blank_rate: Part of absent modalities shown as blank inputs; see `show_blanks`.
        seed: Of everything that is left to chance.
    """

    epochs: int = 12
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    label_smoothing: float = 0.05
    squared_error: float = 0.5
    blank_rate: float = 0.5
    seed: int = 0


def fit(
    model: MultimodalModel,
    examples: Examples,
    heads: Mapping[str, Head],
    blanks: Mapping[str, Tensor],
    class_weights: Mapping[str, Tensor],
    config: TrainingConfig,
    title: str = "training",
) -> MultimodalModel:
    """Train a model's fusion and heads; its encoders are not touched.

    Args:
        model: Fusion and heads are started anew from the seed.
        examples: What to learn from.
        heads: The heads by name.
        blanks: Encodings of blank inputs, (blanks, dim) by modality.
        class_weights: Weight of each class in the loss, (classes,) by head.
        config: How.
        title: What the progress bar says.

    Returns:
        The same model, in evaluation mode.
    """
    torch.manual_seed(config.seed)
    generator = torch.Generator().manual_seed(config.seed)
    learned = nn.ModuleList([model.fusion, model.heads])
    learned.apply(_start_anew)
    parameters = [parameter for parameter in learned.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * (-(-len(examples) // config.batch))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=max(steps, 2))
    learned.train()
    bar = tqdm(total=steps, desc=title, unit="step", leave=False)
    for epoch in range(config.epochs):
        total = 0.0
        for rows in torch.randperm(len(examples), generator=generator).split(config.batch):
            batch = show_blanks(examples.take(rows), blanks, config.blank_rate, generator)
            logits = model.predict(batch.encoded, batch.present)
            value = loss(
                logits,
                batch.targets,
                batch.weight,
                heads,
                class_weights,
                config.label_smoothing,
                config.squared_error,
            )
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            total += float(value.detach()) * len(rows)
            bar.update()
        bar.set_postfix(epoch=epoch + 1, loss=f"{total / len(examples):.3f}")
    bar.close()
    learned.eval()
    return model


@torch.inference_mode()
def predict(model: MultimodalModel, examples: Examples) -> dict[str, Tensor]:
    """Give the logits of every example, (examples, classes) by head."""
    return model.predict(examples.encoded, examples.present)


def _start_anew(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.LayerNorm):
        module.reset_parameters()
    elif isinstance(module, nn.ParameterDict):
        for parameter in module.values():
            nn.init.zeros_(parameter)
