from click.testing import CliRunner

from analysis.bench.texts import HOSTILE, WORK, make_hostile_texts, time_texts
from analysis.cli import main


def test_every_text_has_the_requested_length() -> None:
    assert {len(text) for text in make_hostile_texts(50).values()} == {50}


def test_each_step_is_timed_on_each_text() -> None:
    header, *lines = time_texts(chars=100)
    assert header.split() == [*WORK, "ratio"]
    assert len(lines) == len(HOSTILE) + 2
    assert all(len(line[26:].split()) == len(WORK) + 1 for line in lines)


def test_every_benchmark_is_a_command_with_help() -> None:
    listed = CliRunner().invoke(main, ["bench", "--help"])
    for name in ("scoring", "cold", "explain", "pages", "browser", "cluster", "texts"):
        assert name in listed.output
        assert CliRunner().invoke(main, ["bench", name, "--help"]).exit_code == 0
