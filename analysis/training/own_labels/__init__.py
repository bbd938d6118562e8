"""Training on an analyst's own labels: heads of a bundle moved, replaced or added, in a bundle of its own."""

from analysis.training.own_labels.card import report_lines
from analysis.training.own_labels.train import OwnTraining, train_own_labels

__all__ = ["OwnTraining", "report_lines", "train_own_labels"]
