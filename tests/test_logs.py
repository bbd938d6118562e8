import json
import logging

import pytest

from analysis.logs import set_up_logs, traceback_without_messages


@pytest.fixture(autouse=True)
def own_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    for own in map(logging.getLogger, ("analysis", "pages")):
        monkeypatch.setattr(own, "handlers", [])
        monkeypatch.setattr(own, "level", own.level)


def test_events_are_json_lines_on_request(
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


def test_only_warnings_are_logged_by_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POSTLENS_LOG_LEVEL", "chatty")
    set_up_logs()
    logging.getLogger("analysis.model").info("quiet")
    logging.getLogger("analysis.model").warning("loud")
    written = capsys.readouterr().err
    assert "quiet" not in written
    assert "WARNING analysis.model: loud" in written


def test_traceback_names_every_cause_but_quotes_none() -> None:
    def fail() -> None:
        try:
            raise FileNotFoundError(2, "No such file or directory", "secret.csv")
        except OSError as error:
            raise ValueError("secret words") from error

    with pytest.raises(ValueError, match="secret words") as caught:
        fail()
    found = traceback_without_messages(caught.value)
    first, second = found.split("which led to")
    assert first.rstrip().endswith("FileNotFoundError: No such file or directory")
    assert second.endswith("builtins.ValueError")
    assert second.count("in fail") == 1
    assert "secret.csv'" not in found


def test_hidden_cause_of_an_error_stays_out_of_its_traceback() -> None:
    def fail() -> None:
        try:
            raise KeyError("a")
        except KeyError:
            raise ValueError("b") from None

    with pytest.raises(ValueError, match="b") as caught:
        fail()
    assert "builtins.KeyError" not in traceback_without_messages(caught.value)
