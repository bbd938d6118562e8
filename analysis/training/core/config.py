"""Settings of training runs, each class with what the function that takes it needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OneCycleConfig:
    """Settings of `fit_one_cycle`.

    Attributes:
        epochs: Maximum passes over the examples; may be fractional in `train_multitask`.
        batch: Examples per step.
        learning_rate: Peak learning rate, in `train_multitask` that of the encoders.
        weight_decay: Weight decay of AdamW (Loshchilov & Hutter 2019); 0 is Adam.
        seed: Seed of all random numbers.
    """

    epochs: float = 2.0
    batch: int = 32
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    seed: int = 0


@dataclass(frozen=True)
class ExamplesConfig(OneCycleConfig):
    """Settings of a training on `Examples`.

    Attributes:
        label_smoothing: Share of each exclusive head's target that is spread over all classes.
        squared_error: Weight of the squared error of heads with values (the valence).
        drop_modality: Probability that an example with several modalities is shown with only one of them.
    """

    label_smoothing: float = 0.05
    squared_error: float = 0.0
    drop_modality: float = 0.0


@dataclass(frozen=True)
class TrainingConfig(ExamplesConfig):
    """Settings of `train_multitask`.

    The learning rates rise over the first 6 % of the steps, then fall linearly to 0.

    Attributes:
        head_rate: Peak learning rate of everything except the encoders.
        max_gradient: Maximum norm of the encoders' gradients; larger gradients are clipped.
        checks: Validations per epoch; each writes a log line and a checkpoint.
        patience: Number of checks without improvement after which training stops.
        averaged: Number of last checks whose weights are averaged at the end (Izmailov et al. 2018); the average is
            validated as one more check. 1 disables averaging.
        bfloat16: Compute in bfloat16 where that is safe; three times as fast on processors that support it.
    """

    head_rate: float = 1e-3
    max_gradient: float = 1.0
    checks: int = 1
    patience: int = 2
    averaged: int = 1
    bfloat16: bool = False
