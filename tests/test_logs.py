import json
import logging

import pytest

from analysis.logs import set_up_logs


@pytest.fixture(autouse=True)
def own_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    own = logging.getLogger("analysis")
    monkeypatch.setattr(own, "handlers", [])
    monkeypatch.setattr(own, "level", own.level)


def test_events_are_json_lines_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POSTLENS_LOG", "json")
    monkeypatch.setenv("POSTLENS_LOG_LEVEL", "info")
    set_up_logs()
    set_up_logs()
    logging.getLogger("analysis.scoring.pipeline").info("batch %s: %d\nposts", "spring", 3)
    try:
        raise OSError("disk gone")
    except OSError:
        logging.getLogger("analysis.scoring.jobs").exception("scoring failed")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["INFO", "ERROR"]
    assert lines[0]["message"] == "batch spring: 3\nposts"
    assert lines[0]["module"] == "analysis.scoring.pipeline"
    assert lines[0]["time"].endswith("+00:00")
    assert "disk gone" in lines[1]["error"]


def test_only_warnings_are_told_unless_more_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POSTLENS_LOG_LEVEL", "chatty")
    set_up_logs()
    logging.getLogger("analysis.model").info("quiet")
    logging.getLogger("analysis.model").warning("loud")
    told = capsys.readouterr().err
    assert "quiet" not in told
    assert "WARNING analysis.model: loud" in told
