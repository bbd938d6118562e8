"""Training on an analyst's own labels: adapts, replaces or adds heads of a bundle, and writes a new bundle.

Start with `train`; `heads` builds the new head, and `linear` fits it.
"""

from analysis.training.own_labels.card import format_training_report
from analysis.training.own_labels.train import TrainingResult, train_own_labels

__all__ = ["TrainingResult", "format_training_report", "train_own_labels"]
