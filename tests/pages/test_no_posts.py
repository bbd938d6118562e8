"""Pages whose filters match no post say so, and offer to clear the filters."""

import pytest

from pages.shared import places
from tests.pages.conftest import Open

PAGES = (places.OVERVIEW, places.POSTS, places.REASONS, places.EXPLAIN, places.REPORT)


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
