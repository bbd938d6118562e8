"""Pages say what their numbers count; if the filters match no post, they offer to clear them."""

import pytest

from analysis import query
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open

PAGES = (
    places.OVERVIEW,
    places.TRENDS,
    places.BREAKDOWN,
    places.COMPARE,
    places.POSTS,
    places.REASONS,
    places.EXPLAIN,
    places.REPORT,
)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_filters_that_match_nothing_can_be_cleared(open_page: Open, page: str) -> None:
    app = open_page(page, search="no post contains this", sentiments="negative")
    assert not app.exception
    assert [each.value for each in app.info] == ["No posts match these filters."]
    assert "**0 of 20 posts**" in [each.value for each in app.caption]
    app.button(key="clear_filters").click().run()
    assert not app.exception
    assert not app.info
    assert "All 20 posts" in [each.value for each in app.caption]
    assert set(app.query_params) & {"search", "sentiments"} == set()


def test_shares_say_what_they_are_shares_of(open_page: Open, batch: Batch) -> None:
    links = [each.proto.label for each in open_page(places.OVERVIEW).get("page_link")]
    totals = query.compute_totals(batch)
    assert f"Not sure **{totals.uncertain} of 20 posts**" in links
    assert f"Text and image disagree **{totals.disagree} of {totals.both} with both**" in links
