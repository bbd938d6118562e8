"""Labels by people: what to label next, agreement between coders, and shares that the labels correct.

`queue` orders posts for labelling, and `sampling` says which labels form a random sample; `agreement` compares
coders; `corrected_shares` holds the statistical methods and `estimates` applies them to a batch; `label_files` reads
labels from files. `analysis.workspace.ReviewStore` stores labels.
"""

from analysis.review.agreement import Agreement, compute_alpha, compute_kappa, compute_pairwise_kappa
from analysis.review.corrected_shares import (
    EstimatedShare,
    add_known_posts,
    estimate_share_by_ppi,
    estimate_shares_by_confusion,
)
from analysis.review.estimates import (
    CORRECTION_METHODS,
    ClassShares,
    CorrectedShares,
    compute_corrected_shares,
    find_label_filters,
)
from analysis.review.label_files import ReadLabels, UnusedRow, clean_coder_name, read_labels
from analysis.review.predictions import FIELDS, Predictions, read_predictions
from analysis.review.queue import (
    ADJUDICATION,
    ORDERS,
    RANDOM,
    QueueOrder,
    count_further_labels,
    count_labels,
    list_queue,
)
from analysis.review.sampling import (
    compute_random_keys,
    find_random_sample,
    find_training_posts,
    read_random_seed,
)

__all__ = [
    "ADJUDICATION",
    "CORRECTION_METHODS",
    "FIELDS",
    "ORDERS",
    "RANDOM",
    "Agreement",
    "ClassShares",
    "CorrectedShares",
    "EstimatedShare",
    "Predictions",
    "QueueOrder",
    "ReadLabels",
    "UnusedRow",
    "add_known_posts",
    "clean_coder_name",
    "compute_alpha",
    "compute_corrected_shares",
    "compute_kappa",
    "compute_pairwise_kappa",
    "compute_random_keys",
    "count_further_labels",
    "count_labels",
    "estimate_share_by_ppi",
    "estimate_shares_by_confusion",
    "find_label_filters",
    "find_random_sample",
    "find_training_posts",
    "list_queue",
    "read_labels",
    "read_predictions",
    "read_random_seed",
]
