"""The model card of the shipped bundle comes from its template and its figures."""

import re
import shutil
from pathlib import Path

from analysis.model.bundle import CARD, SHIPPED
from analysis.training.compact import card

FOLDER = SHIPPED / "compact"


def test_the_shipped_card_is_the_template_filled_with_the_shipped_figures(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "compact", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "compact" / CARD).unlink()
    card.rewrite_card(tmp_path / "compact")
    shipped, rendered = (folder / CARD for folder in (FOLDER, tmp_path / "compact"))
    assert shipped.read_text(encoding="utf-8") == rendered.read_text(encoding="utf-8"), (
        "call analysis.training.compact.card.rewrite_card on the bundle's folder"
    )


def test_a_card_has_no_placeholders_left() -> None:
    text = (FOLDER / CARD).read_text(encoding="utf-8")
    assert re.findall(r"\{\w*[:}]", text) == []
