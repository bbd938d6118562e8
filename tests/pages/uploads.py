"""Files for the Upload page, and what it shows of them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.shared import places
from tests.pages.conftest import APP

TABLE = b"id,text,words\n1,good day,hello there\n2,,\n3,bad rain,once more\n"

TIKTOK = b"".join(
    json.dumps(
        {
            "item_id": number,
            "timestamp_collected": 1,
            "data": {"desc": f"Post {number}", "createTime": 1681615724, "author": {"uniqueId": "ada"}},
        }
    ).encode()
    + b"\n"
    for number in (1, 2)
)


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return app.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()


def png() -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(packed, "PNG")
    return packed.getvalue()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def badge(app: AppTest) -> str:
    """What the first table was recognised as, without the markup of the badge and the escapes."""
    (found,) = (mark.value for mark in app.markdown if "badge[" in mark.value)
    return re.sub(r".*badge\[:material/\w+: |\]$|\\|\u2060", "", found)


def stored_files(app: AppTest) -> list[Path]:
    """What is on disk of the files that were dropped."""
    return sorted(path for path in app.session_state["drop"].folder.rglob("*") if path.is_file())


def reloaded(app: AppTest) -> AppTest:
    """The page after a reload in the browser: a new session with the same address."""
    fresh = AppTest.from_file(str(APP), default_timeout=60)
    fresh.switch_page(places.UPLOAD)
    for name in app.query_params:
        fresh.query_params[name] = app.query_params[name]
    return fresh.run()
