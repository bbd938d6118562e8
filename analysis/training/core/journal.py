"""The files that a training run writes: a checkpoint at each validation check, and a log in CSV format.

<title>.checkpoint.pt    weights, optimizer and schedule at the last check; the best weights; the weights to average
<title>.csv              epochs, loss, validation metrics, seconds
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from analysis.errors import TrainingError


class Journal:
    """Writes the checkpoint and the log of one training run.

    Args:
        folder: Output folder; created if missing.
        title: Prefix of the file names.
        config: Training settings; a checkpoint with different settings is rejected.

    Attributes:
        since_best: Number of checks since the best value of the first metric.
        recent: Weights of the last checks, to be averaged; empty without averaging.
    """

    def __init__(self, folder: Path, title: str, config: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint, self.log = folder / f"{title}.checkpoint.pt", folder / f"{title}.csv"
        self.config = dict(config)
        self.since_best = 0
        self.recent: list[dict[str, Tensor]] = []
        self._rows: list[dict[str, Any]] = []
        self._best: dict[str, Any] = {}
        self._started = time.monotonic()

    def resume(self, model: nn.Module, optimizer: Any, schedule: Any) -> int:
        """Restore the state of the last checkpoint.

        Returns:
            The index of the next check; 0 without a checkpoint.

        Raises:
            TrainingError: The checkpoint cannot be read, or was written with different settings or another model.
        """
        if not self.checkpoint.exists():
            return 0
        try:
            stored = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
            if stored["config"] != self.config:
                changed = [name for name, value in stored["config"].items() if self.config.get(name) != value]
                raise TrainingError(
                    self.checkpoint.name,
                    f"was written with different settings ({', '.join(changed)})",
                    "Use the same settings, or start over without --resume.",
                )
            model.load_state_dict(stored["model"])
            optimizer.load_state_dict(stored["optimizer"])
            schedule.load_state_dict(stored["schedule"])
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(
                self.checkpoint.name,
                f"cannot be resumed ({str(error).splitlines()[0][:200]})",
                "Start over without --resume.",
            ) from error
        self._best, self._rows, self.since_best = stored["best"], stored["rows"], stored["since_best"]
        self.recent = stored["recent"]
        return int(stored["check"]) + 1

    def record(
        self,
        check: int,
        epochs: float,
        loss: float | None,
        figures: Mapping[str, float],
        model: nn.Module,
        optimizer: Any,
        schedule: Any,
    ) -> None:
        """Write a log line and the checkpoint. The first metric decides which check is best.

        `loss` is None for averaged weights.
        """
        metric = next(iter(figures.values()))
        seconds = round(time.monotonic() - self._started, 1)
        shown = "" if loss is None else round(loss, 4)
        self._rows.append({"epochs": round(epochs, 2), "loss": shown, **figures, "seconds": seconds})
        better = (
            not self._best or metric >= self._best["figure"]
        )  # prefer the later check on a tie: it has seen more posts
        self.since_best = 0 if better else self.since_best + 1
        weights = {name: value.clone() for name, value in model.state_dict().items()}
        if better:
            self._best = {"figure": metric, "model": weights}
        if self.config["averaged"] > 1:
            self.recent = [*self.recent, weights][-self.config["averaged"] :]
        with self.log.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self._rows[0]))
            writer.writeheader()
            writer.writerows(self._rows)
        unfinished = self.checkpoint.with_suffix(".writing")
        torch.save(
            {
                "config": self.config,
                "check": check,
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "best": self._best,
                "recent": self.recent,
                "rows": self._rows,
                "since_best": self.since_best,
            },
            unfinished,
        )
        unfinished.replace(self.checkpoint)

    def restore_best(self, model: nn.Module) -> None:
        """Load the weights of the best check into the model."""
        if self._best:
            model.load_state_dict(self._best["model"])
