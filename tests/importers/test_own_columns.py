"""Columns of the analyst's own tables that name a platform, links, or the address of a post."""

import pytest

from analysis.importers.own_columns import find_address_columns, find_link_columns, find_platform_columns


@pytest.mark.parametrize(
    "name", ["platform", "Social Network", "Network", "post.platform", "Plattform", "réseau"]
)
def test_columns_that_name_the_platform_are_found(name: str) -> None:
    assert find_platform_columns(["likes", name]) == [name]


@pytest.mark.parametrize(
    "name", ["urls", "expanded_urls", "Link", "outlinks", "entities.urls", "externalLinks"]
)
def test_columns_of_links_are_found(name: str) -> None:
    assert find_link_columns([name, "reach"]) == [name]


@pytest.mark.parametrize("name", ["url", "permalink", "Tweet URL", "Post Permalink", "data/permalink"])
def test_columns_of_the_address_of_a_post_are_found(name: str) -> None:
    assert find_address_columns([name, "text"]) == [name]
    assert find_link_columns([name]) == []


@pytest.mark.parametrize("name", ["", "campaign", "profile url", "image_url", "x" * 5_000, "=url()", "."])
def test_other_columns_are_not(name: str) -> None:
    assert find_platform_columns([name]) == find_link_columns([name]) == []
    assert find_address_columns([name]) == (["=url()"] if name == "=url()" else [])
