"""What a training leaves on disk as it goes: a checkpoint at each check, and a log that a spreadsheet opens.

<title>.checkpoint.pt    weights, optimizer and schedule at the last check; weights of the best, and those to average
<title>.csv              epochs done, loss, each validation figure, seconds
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
    """Keeps the checkpoint and the log of one training.

    Args:
        folder: Where to; made if missing.
        title: First part of the files' names.
        config: How it is trained, by setting; a checkpoint of other settings is not carried on.

    Attributes:
        since_best: Checks since the watched figure was best.
        recent: Weights of the last checks, as many as are to be averaged; none if one is.
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
        """Put everything back to where the checkpoint was written.

        Returns:
            The number of the next check; 0 without a checkpoint.

        Raises:
            TrainingError: The checkpoint cannot be read, or was written with another configuration or model.
        """
        if not self.checkpoint.exists():
            return 0
        try:
            kept = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
            if kept["config"] != self.config:
                changed = [name for name, value in kept["config"].items() if self.config.get(name) != value]
                raise TrainingError(
                    self.checkpoint.name,
                    f"was written with other settings ({', '.join(changed)})",
                    "Give the same settings, or leave out --resume to start anew.",
                )
            model.load_state_dict(kept["model"])
            optimizer.load_state_dict(kept["optimizer"])
            schedule.load_state_dict(kept["schedule"])
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(
                self.checkpoint.name,
                f"cannot be carried on ({str(error).splitlines()[0][:200]})",
                "Leave out --resume to start anew.",
            ) from error
        self._best, self._rows, self.since_best = kept["best"], kept["rows"], kept["since_best"]
        self.recent = kept["recent"]
        return int(kept["check"]) + 1

    def checked(
        self,
        check: int,
        epochs: float,
        loss: float | None,
        figures: Mapping[str, float],
        model: nn.Module,
        optimizer: Any,
        schedule: Any,
    ) -> None:
        """Log a check and write the checkpoint; the first figure is the one that is watched.

        A check of averaged weights has no loss.
        """
        watched = next(iter(figures.values()))
        seconds = round(time.monotonic() - self._started, 1)
        said = "" if loss is None else round(loss, 4)
        self._rows.append({"epochs": round(epochs, 2), "loss": said, **figures, "seconds": seconds})
        better = not self._best or watched >= self._best["figure"]  # of equals the later, which saw more
        self.since_best = 0 if better else self.since_best + 1
        weights = {name: value.clone() for name, value in model.state_dict().items()}
        if better:
            self._best = {"figure": watched, "model": weights}
        if self.config["averaged"] > 1:
            self.recent = [*self.recent, weights][-self.config["averaged"] :]
        with self.log.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self._rows[0]))
            writer.writeheader()
            writer.writerows(self._rows)
        beside = self.checkpoint.with_suffix(".writing")
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
            beside,
        )
        beside.replace(self.checkpoint)

    def best_into(self, model: nn.Module) -> None:
        """Give the model the weights of the best check."""
        if self._best:
            model.load_state_dict(self._best["model"])
