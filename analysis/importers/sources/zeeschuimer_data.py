"""Declares the sources of Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.importers.sources.source import Source


def zeeschuimer_source(
    name: str,
    label: str,
    recognised_by: Sequence[Sequence[str]],
    fields: Mapping[str, Sequence[str]],
    objects: Sequence[str] = ("data",),
) -> Source:
    """Declare the source of a platform's posts.

    Args:
        name: Short identifier of the platform, such as "tiktok".
        label: Display name of the platform.
        recognised_by: Sets of columns inside the platform's object; see `Source.recognised_by`.
        fields: The columns of each field inside the platform's object; see `Source.fields`. Zeeschuimer's own
            `item_id` comes before those of the id.
        objects: Paths of the platform's object, the best first.
    """
    paths = {
        field: [path for start in objects for path in _inside(start, names)]
        for field, names in fields.items()
    }
    return Source(
        name=f"zeeschuimer-{name}",
        label=f"Zeeschuimer, {label}",
        recognised_by=[
            ["item_id", "timestamp_collected", *_inside(start, names)]
            for start in objects
            for names in recognised_by
        ],
        fields={"post_id": ["item_id", *paths.pop("post_id")], **paths},
    )


def _inside(start: str, names: Sequence[str]) -> list[str]:
    """Return the paths of columns inside an object; joined columns such as "title + desc" stay joined."""
    return [" + ".join(f"{start}.{part}" for part in name.split(" + ")) for name in names]
