"""A ledger said in words: what text and picture did to the score."""

from __future__ import annotations

from analysis.attribution.ledger import Ledger

HARDLY = 0.05  # logits; smaller values round to nothing on the chart
NAMES = {"text": "the text", "image": "the picture"}
ABSENT = {"text": "There is no text.", "image": "There is no picture."}


def pushes(ledger: Ledger, title: str) -> str:
    """Say what text and picture did to one output.

    Args:
        ledger: The account of the output.
        title: The output's name for people, such as "negative".

    Returns:
        Such as "The text pushed towards negative by 1.2, the picture pulled back by 0.4."
    """
    present = [name for name in NAMES if ledger.present[name]]
    order = sorted(present, key=lambda name: -abs(ledger.phi[name]))
    strongest = ledger.phi[order[0]]
    said = ", ".join(f"{NAMES[name]} {_push(ledger.phi[name], strongest, title)}" for name in order) + "."
    sentences = [said[:1].upper() + said[1:]]
    sentences += [ABSENT[name] for name in NAMES if name not in present]
    if len(present) == 2 and abs(ledger.interaction) >= HARDLY:
        way = "add" if ledger.interaction > 0 else "take away"
        sentences.append(
            f"Together they {way} {abs(ledger.interaction):.1f} beyond each alone, split equally between the two."
        )
    return " ".join(sentences)


def _push(value: float, strongest: float, title: str) -> str:
    if abs(value) < HARDLY:
        return "hardly mattered"
    if value * strongest < 0:
        return f"pulled back by {abs(value):.1f}"
    return f"pushed {'towards' if value > 0 else 'away from'} {title} by {abs(value):.1f}"
