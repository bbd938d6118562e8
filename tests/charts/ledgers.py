"""Two ledgers with round numbers: a post with text and an image, and one with text alone."""

from __future__ import annotations

import numpy as np

from analysis.attribution.ledger import Completeness, ImageValue, Ledger, Output, WordValue

TEXT = "I <b>hate</b> & love\nrain"
WORDS = (
    WordValue("I", 0, 1, 0.01),
    WordValue("<b>hate</b>", 2, 13, -0.9),
    WordValue("love", 16, 20, 1.8),
    WordValue("rain", 21, 25, 0.99),
)
REGIONS = np.add.outer(np.arange(8) // 4 * 2, np.arange(8) // 4)  # four squares, 0 1 above 2 3
IMAGE = ImageValue("ab" * 32, -0.45, REGIONS, np.array([0.4, 0.0, -0.1, -0.75]))
BOTH = Ledger(
    output=Output("sentiment", "positive"),
    base=-0.1,
    total=1.3,
    phi={"text": 1.9, "image": -0.5},
    interaction=0.2,
    present={"text": True, "image": True},
    words=WORDS,
    text_remainder=0.0,
    word_check=Completeness(difference=1.9, total=1.9, steps=16, verdict="ok"),
    images=(IMAGE,),
    image_remainder=-0.05,
    pixel_check=Completeness(difference=-0.5, total=-0.45, steps=64, verdict="rough"),
)
TEXT_ONLY = Ledger(
    output=Output("topic", "daily_life"),
    base=-0.1,
    total=1.8,
    phi={"text": 1.9, "image": 0.0},
    interaction=0.0,
    present={"text": True, "image": False},
    words=WORDS,
    word_check=Completeness(difference=1.9, total=1.0, steps=32, verdict="failed"),
)
