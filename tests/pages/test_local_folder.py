"""Upload: folders on this computer are read with the key of the start command only."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from pages.server import key
from tests.pages.conftest import captions
from tests.pages.uploads import TABLE, metrics


@pytest.fixture
def with_key(cookies: dict[str, str]) -> None:
    """The browser has opened the address that the start command printed."""
    cookies[key.cookie_name()] = key.KEY


def choose_path(app: AppTest) -> AppTest:
    return app.segmented_control(key="method").set_value("path").run()


def read(app: AppTest, path: Path) -> AppTest:
    app.text_input(key="path_0").set_value(str(path)).run()
    return app.button(key="read_path").click().run()


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "posts.csv").write_bytes(TABLE)
    return tmp_path / "campaign"


@pytest.mark.usefixtures("with_key")
def test_folder_of_this_computer_is_read(upload_page: AppTest, campaign: Path) -> None:
    app = read(choose_path(upload_page), campaign)
    assert metrics(app)["Posts ready to score"] == "2"


@pytest.mark.usefixtures("with_key")
def test_a_missing_folder_is_an_error_that_names_it(upload_page: AppTest, tmp_path: Path) -> None:
    app = read(choose_path(upload_page), tmp_path / "nothing")
    assert not app.exception
    assert "nothing" in app.error[0].value


@pytest.mark.parametrize(
    "cookie",
    [None, "", "wrong", "é", key.KEY[:-1], f"{key.KEY} "],
    ids=["none", "empty", "word", "not ASCII", "shorter", "longer"],
)
def test_without_the_key_the_page_says_how_to_get_it(
    upload_page: AppTest, cookies: dict[str, str], cookie: str | None
) -> None:
    if cookie is not None:
        cookies[key.cookie_name()] = cookie
    app = choose_path(upload_page)
    assert "open the address that the start command printed" in captions(app)
    assert not app.text_input
    assert not any(button.key == "read_path" for button in app.button)


def test_key_of_a_server_on_another_port_is_not_accepted(
    upload_page: AppTest, cookies: dict[str, str]
) -> None:
    cookies["postlens_key_1"] = key.KEY
    assert not choose_path(upload_page).text_input


@pytest.mark.usefixtures("with_key")
def test_nothing_is_read_without_the_key(
    upload_page: AppTest, cookies: dict[str, str], campaign: Path
) -> None:
    app = choose_path(upload_page)
    app.text_input(key="path_0").set_value(str(campaign)).run()
    cookies.clear()
    app.button(key="read_path").click().run()
    assert not app.metric
    assert not app.exception


@pytest.mark.usefixtures("with_key")
@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", None])
def test_folder_of_this_computer_is_offered_on_this_computer_only(
    upload_page: AppTest, campaign: Path, address: str | None
) -> None:
    app = choose_path(upload_page)
    app.text_input(key="path_0").set_value(str(campaign)).run()
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        app.button(key="read_path").click().run()
        assert not app.metric
        assert not any("this computer" in option for option in app.segmented_control(key="method").options)
    finally:
        config.set_option("server.address", before)
