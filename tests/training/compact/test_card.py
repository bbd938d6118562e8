"""The model card of the shipped bundle is its template, filled with its metrics."""

import json
import re
from collections import Counter

from analysis.model.bundle import CARD, METRICS, SHIPPED, load_config
from analysis.training.compact.card import EXAMPLES, write_model_card

FOLDER = SHIPPED / "compact"
UPDATE = "python -m tests.training.compact.test_card"


def write_shipped_card() -> str:
    metrics = json.loads((FOLDER / METRICS).read_text(encoding="utf-8"))
    return write_model_card(load_config(FOLDER), metrics)


def test_the_shipped_card_is_the_template_filled_with_the_shipped_metrics() -> None:
    assert (FOLDER / CARD).read_text(encoding="utf-8") == write_shipped_card(), f"run `{UPDATE}`"


def test_the_shipped_card_has_at_most_two_failures_of_each_kind_of_difficult_posts() -> None:
    text = (FOLDER / CARD).read_text(encoding="utf-8")
    kinds = re.findall(r"^- (\w+): \".*a reader would call it", text, re.MULTILINE)
    assert max(Counter(kinds).values()) <= EXAMPLES
    for kind in kinds:
        assert re.search(rf"^\| {kind} \| \d+ \| ", text, re.MULTILINE)


def test_a_card_has_no_placeholders_left() -> None:
    text = (FOLDER / CARD).read_text(encoding="utf-8")
    assert re.findall(r"\{\w*[:}]", text) == []


if __name__ == "__main__":
    (FOLDER / CARD).write_text(write_shipped_card(), encoding="utf-8")
