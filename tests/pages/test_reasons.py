"""The Reasons page: its numbers are those of the posts, and the worth of pictures is measured when asked."""

from __future__ import annotations

from analysis import query
from analysis.query import Filters
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions


def test_overturned_posts_are_shown_and_all_of_them_are_one_click_away(open_page: Open, batch: Batch) -> None:
    app = open_page(places.REASONS)
    assert not app.exception
    counts = query.count_decided(batch)
    assert sum(counts.values()) > 0
    assert "Text alone" in captions(app)
    for modality, count in counts.items():
        assert query.count(batch, Filters(decided_by=(modality,))) == count


def test_the_worth_of_pictures_is_measured_when_asked(open_page: Open) -> None:
    app = open_page(places.REASONS)
    assert len(app.metric) == 0
    button = next(button for button in app.button if button.label.startswith("Measure it on"))
    button.click().run()
    assert not app.exception
    assert [metric.label for metric in app.metric] == [
        "With another picture",
        "With another text",
        "Without interaction",
    ]
    assert all(metric.value.endswith("%") for metric in app.metric)


def test_posts_of_one_kind_leave_nothing_to_weigh(open_page: Open) -> None:
    app = open_page(places.REASONS, inputs="text")
    assert not app.exception
    assert "nothing to weigh" in captions(app)


def test_a_filter_by_the_deciding_modality_leaves_the_other_out(open_page: Open) -> None:
    app = open_page(places.REASONS, decided_by="image")
    assert not app.exception
    said = [markdown.value for markdown in app.markdown]
    assert "**The picture overturned the text**" in said
    assert "**The text overturned the picture**" not in said


def test_the_filter_by_the_deciding_modality_is_in_the_address(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, decided_by="image")
    count = query.count(batch, Filters(decided_by=("image",)))
    assert f"**{count} of 20 posts**" in captions(app)
