"""Downloads from a server that is slow, as on a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser

SLOW = """
    import time
    from streamlit.runtime import runtime
    from streamlit.runtime.scriptrunner import ScriptRunner

    def run_late(self, data, run=ScriptRunner._run_script):
        time.sleep(0.5)
        run(self, data)

    ScriptRunner._run_script = run_late
    runtime.MESSAGE_FLUSH_INTERVAL_SECS = 1.5
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The app on a server that is slow to start runs and to send messages."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("pages", "analysis", ".streamlit"):
        (copy / name).symlink_to(ROOT / name)
    (copy / "app.py").write_text((ROOT / "app.py").read_text() + SLOW)
    return copy


def test_downloads_in_quick_succession_all_arrive(tmp_path: Path, visit: Callable[[str], Visit]) -> None:
    score(new_batch(tmp_path))
    page = visit("/report?batch=spring").page
    page.get_by_text("1 rejected").click()
    for label in ("Download this list", "Download 20 posts as CSV"):  # the second one's address has to wait
        button = page.get_by_role("button", name=label)
        expect(button).to_be_enabled()
        with page.expect_download():
            button.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report as HTML").click()
    assert "Of 20 posts, " in download.value.path().read_text(encoding="utf-8")
