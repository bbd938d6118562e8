"""`postlens reproduce`: the same report, byte for byte, or the differences by name."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from analysis.custom_topics import CustomTopic, TopicExample
from analysis.model.bundle import Bundle
from analysis.settings import Settings
from analysis.taxonomy import export_taxonomy
from tests.reproduction.conftest import HEADER, ROWS, MadeReport
from tests.test_cli import read, run

pytestmark = pytest.mark.slow


def test_a_report_with_mapping_time_zone_and_filters_is_identical(made: MadeReport, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    done = made.reproduce("--out", again)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Identical: 2 posts, ")
    assert again.read_bytes() == made.report.read_bytes()
    rows = read(again)
    assert [row["post_id"] for row in rows] == ["a", "c"]
    assert rows[0]["created_at"] == "2026-03-01T22:30:00Z"
    assert rows[0]["original: Note"] == "x"


def test_a_table_and_a_summary_with_custom_topics_are_identical(
    made: MadeReport, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    for command, out in (("score", "topics.csv"), ("report", "topics.html")):
        report, manifest = tmp_path / out, tmp_path / f"{out}.manifest.json"
        made_with = ("--model", tiny_bundle.folder, "--topics", "rain, football")
        done = run(command, made.source, "--out", report, "--manifest", manifest, *made_with)
        assert done.exit_code == 0, done.output
        again = run("reproduce", manifest, made.source, "--model", tiny_bundle.folder)
        assert again.exit_code == 0, again.output
    assert "own_topics" in (tmp_path / "topics.csv").read_text("utf-8-sig").splitlines()[0]
    manifest = tmp_path / "topics.csv.manifest.json"
    content = json.loads(manifest.read_bytes())
    content["choices"]["custom_topics"] = [" rain\u202e ", "football"]
    manifest.write_text(json.dumps(content))
    cleaned = run("reproduce", manifest, made.source, "--model", tiny_bundle.folder)
    assert cleaned.exit_code == 0, cleaned.output


def test_topics_with_thresholds_and_examples_are_identical_without_the_texts(
    made: MadeReport, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    examples = (TopicExample("a secret example"), TopicExample("another secret", False))
    topics = [CustomTopic("rain", "wet weather", 0.01, examples), CustomTopic("football")]
    report, manifest, taxonomy = (tmp_path / name for name in ("r.csv", "r.manifest.json", "t.json"))
    taxonomy.write_bytes(export_taxonomy(topics))
    options = ("--model", tiny_bundle.folder, "--topics-file", taxonomy)
    done = run("score", made.source, "--out", report, "--manifest", manifest, *options)
    assert done.exit_code == 0, done.output
    assert b"secret" not in manifest.read_bytes()
    choices = json.loads(manifest.read_bytes())["choices"]
    assert choices["custom_topics"] == ["rain", "football"]
    assert [topic["name"] for topic in choices["topic_definitions"]] == ["rain"]
    again = run("reproduce", manifest, made.source, "--model", tiny_bundle.folder)
    assert again.exit_code == 0, again.output
    content = json.loads(manifest.read_bytes())
    content["choices"]["topic_definitions"][0]["threshold"] = 2
    manifest.write_text(json.dumps(content))
    refused = run("reproduce", manifest, made.source, "--model", tiny_bundle.folder)
    assert "is not a valid manifest: The topic “rain” has the threshold 2" in refused.output


def test_nothing_is_stored_in_the_workspace(made: MadeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made.source.with_name("users_home")
    monkeypatch.setenv("POSTLENS_HOME", str(home))
    assert made.reproduce().exit_code == 0
    assert not home.exists()


def test_files_are_found_by_their_content(made: MadeReport, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for number, path in enumerate(sorted(made.source.iterdir())):
        shutil.copy(path, other / f"renamed {number}{path.suffix}")
    assert made.reproduce(source=other).exit_code == 0


def test_an_extra_file_is_named_and_ignored(made: MadeReport) -> None:
    (made.source / "more.csv").write_text("text\nnew\n", encoding="utf-8")
    done = made.reproduce()
    assert done.exit_code == 0
    assert "input: more.csv is not in the manifest, and is ignored" in done.stderr


def test_a_changed_and_a_missing_file_are_named_before_anything_is_scored(made: MadeReport) -> None:
    (made.source / "posts.csv").write_text(HEADER + ROWS.replace("good", "bad"), encoding="utf-8")
    (made.source / "two.jpg").unlink()
    done = made.reproduce()
    assert done.exit_code == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("  input: posts.csv has another content: SHA-256 ")
    assert second.startswith("  input: two.jpg is missing (")
    assert "--keep-going" in done.stderr


def test_a_differing_report_names_counts_post_and_columns(made: MadeReport) -> None:
    changed = HEADER + ROWS.replace("lovely match", "awful rain") + "e;good day;;;2026-03-05 23:30;spring\n"
    (made.source / "posts.csv").write_text(changed, encoding="utf-8")
    done = made.reproduce("--keep-going", "--compare", made.report)
    assert done.exit_code == 1
    assert done.stdout.startswith("Different: 3 posts, ")
    assert "counts: posts.csv has 5 rows here, 4 in the manifest" in done.stdout
    assert "counts: 5 rows were expected here, 4 in the manifest" in done.stdout
    assert "counts: 3 posts are in the report here, 2 in the manifest" in done.stdout
    assert "report: the first row that differs is row 2 (post_id c), in text, " in done.stdout
    assert "text is 'awful rain' here, 'lovely match' in the original" in done.stdout


def test_other_numbers_of_accepted_and_selected_posts_are_named(made: MadeReport) -> None:
    made.edit(lambda content: content.update(accepted=9, matching=1))
    made.edit(lambda content: content["counts"]["row"].update(rejected=2))
    done = made.reproduce()
    assert done.exit_code == 0
    assert "counts: 3 posts are in the batch here, 9 in the manifest" in done.stdout
    assert "counts: 2 posts are selected by the filters here, 1 in the manifest" in done.stdout
    assert "counts: 1 row was rejected here, 2 in the manifest" in done.stdout


def test_another_model_is_named(made: MadeReport, tiny_bundle: Bundle) -> None:
    done = run("reproduce", made.manifest, made.source, "--model", tiny_bundle.folder)
    assert done.exit_code == 1
    assert f"bundle: the model is {tiny_bundle.id} here, " in done.stdout


def test_other_versions_settings_and_processors_are_named_although_the_report_is_equal(
    made: MadeReport,
) -> None:
    made.edit(lambda content: content["versions"].update(torch="1.0"))
    made.edit(lambda content: content["settings"].update(topic_from=0.9))
    made.edit(lambda content: content["engines"][0].update(processor="Abacus"))
    done = made.reproduce()
    assert done.exit_code == 0
    assert done.stdout.startswith("Identical: ")
    assert ", 1.0 in the manifest" in done.stdout
    assert f"settings: topic_from is {Settings().topic_from} here, 0.9 in the manifest" in done.stdout
    assert ", Abacus in the manifest" in done.stdout


def test_posts_that_several_engines_scored_are_named(made: MadeReport) -> None:
    made.edit(lambda content: content["engines"].append({**content["engines"][0], "threads": 9}))
    done = made.reproduce()
    assert done.exit_code == 0
    assert "engine: the posts were scored in several runs (torch (cpu) with 1 thread, " in done.stdout


def test_an_engine_that_this_computer_does_not_have_is_replaced_and_named(made: MadeReport) -> None:
    made.edit(lambda content: content["engines"][0].update(name="torch (tpu)"))
    done = made.reproduce()
    assert "engine: the engine is torch (cpu) here, torch (tpu) in the manifest" in done.stdout


def test_a_mapping_that_the_input_does_not_have_is_named(made: MadeReport) -> None:
    made.edit(lambda content: content["input"]["tables"][0]["mapping"].update(author="Writer"))
    made.edit(lambda content: content["input"]["tables"][0].update(name="old.csv"))
    done = made.reproduce()
    assert done.exit_code == 1
    assert "mapping: the table old.csv was not found in the input" in done.stdout
    assert "mapping: the table posts.csv is not in the manifest" in done.stdout
    made.edit(lambda content: content["input"]["tables"][0].update(name="posts.csv"))
    assert "posts.csv has no column Writer, which the manifest maps" in made.reproduce().stdout


def test_another_mapping_gives_another_report(made: MadeReport) -> None:
    made.edit(lambda content: content["input"]["tables"][0]["mapping"].update(text="Campaign"))
    done = made.reproduce("--compare", made.report)
    assert done.exit_code == 1
    assert "report: the SHA-256 is " in done.stdout
    assert "report: the column original: Campaign cannot be made from this input" in done.stdout
    assert "report: columns that are missing: original: Campaign" in done.stdout
    assert "report: columns that are not in" not in done.stdout


def test_the_number_of_threads_is_that_of_the_manifest(
    made: MadeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []
    monkeypatch.setattr("torch.set_num_threads", used.append)
    made.edit(lambda content: content["engines"][0].update(threads=3))
    assert made.reproduce().exit_code == 0
    assert used[0] == 3


def test_a_report_of_the_command_line_is_identical_with_its_options(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    """One table, its image next to it, options of reading, and words by integrated gradients."""
    table, manifest = tmp_path / "in" / "posts.txt", tmp_path / "in" / "made.json"
    table.parent.mkdir()
    table.write_bytes(
        "x|Gr\xfc\xdfe|Foto|Zeit\n1|gut|pics/one.png|1.2.2026 10:00\n2|=B1||\n".encode("cp1252")
    )
    (table.parent / "pics").mkdir()
    Image.new("RGB", (40, 30), "teal").save(table.parent / "pics" / "one.png")
    options = [
        "--format",
        "delimited",
        "--delimiter",
        "|",
        "--encoding",
        "cp1252",
        "--timezone",
        "Europe/Berlin",
    ]
    mapped = ["--map", "text=Gr\xfc\xdfe,images=Foto,time=Zeit", "--no-escape"]
    out, model = table.with_name("report.csv"), ("--model", tiny_bundle.folder)
    done = run("score", table, "--out", out, *model, *options, *mapped, "--manifest", manifest)
    assert done.exit_code == 0, done.output
    assert read(out)[0]["inputs_used"] == "both"
    assert read(out)[0]["top_words"]
    assert read(out)[1]["text"] == "=B1"
    done = run("reproduce", manifest, table, *model, "--out", tmp_path / "again.csv")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again.csv").read_bytes() == out.read_bytes()
    done = run("reproduce", manifest, table.parent, *model)
    assert done.exit_code == 0, done.output
    assert "report.csv is not in the manifest" in done.stderr
    assert "made.json" not in done.stderr


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_reports_of_other_formats_are_identical(
    made: MadeReport, tmp_path: Path, additive_bundle: Bundle, suffix: str
) -> None:
    out, manifest = tmp_path / f"typed{suffix}", tmp_path / "typed.json"
    model = ("--model", additive_bundle.folder)
    done = run("score", made.source, "--out", out, *model, "--map", "text=Message", "--manifest", manifest)
    assert done.exit_code == 0, done.output
    done = run("reproduce", manifest, made.source, *model)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("suffix", [".html", ".pptx"])
def test_a_summary_report_is_identical(
    made: MadeReport, tmp_path: Path, additive_bundle: Bundle, suffix: str
) -> None:
    out, manifest = tmp_path / f"summary{suffix}", tmp_path / "summary.json"
    model = ("--model", additive_bundle.folder)
    done = run("report", made.source, "--out", out, *model, "--map", "text=Message", "--manifest", manifest)
    assert done.exit_code == 0, done.output
    done = run("reproduce", manifest, made.source, *model)
    assert done.exit_code == 0, done.output


def test_the_same_pseudonyms_need_the_same_salt_which_is_not_in_the_manifest(
    made: MadeReport, tmp_path: Path, additive_bundle: Bundle
) -> None:
    out, manifest, salt = (tmp_path / name for name in ("private.csv", "private.json", "key.salt"))
    model = ("--model", additive_bundle.folder)
    how = ("--map", "author=Message", "--privacy", "pseudonyms", "--manifest", manifest)
    done = run("score", made.source, "--out", out, *model, *how)
    assert done.exit_code == 2
    assert "needs --salt-file" in done.output
    done = run("score", made.source, "--out", out, *model, *how, "--salt-file", salt)
    assert done.exit_code == 0, done.output
    assert salt.read_text().strip() not in manifest.read_text()
    assert "good day" not in manifest.read_text()
    assert "with --salt-file" in run("reproduce", manifest, made.source, *model).output
    done = run("reproduce", manifest, made.source, *model, "--salt-file", salt)
    assert done.exit_code == 0, done.output
    other = tmp_path / "other.salt"
    other.write_text("00" * 32)
    done = run("reproduce", manifest, made.source, *model, "--salt-file", other)
    assert done.exit_code == 1
    assert "salt: the salt of pseudonyms is not that of the report" in done.stdout


def test_a_zip_is_one_file_of_the_input(tmp_path: Path, made: MadeReport, additive_bundle: Bundle) -> None:
    packed, manifest = tmp_path / "posts.zip", tmp_path / "zip.json"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in made.source.iterdir():
            archive.write(path, path.name)
    model = ("--model", additive_bundle.folder)
    out = tmp_path / "zip.csv"
    done = run("score", packed, "--out", out, *model, "--map", "text=Message", "--manifest", manifest)
    assert done.exit_code == 0, done.output
    assert [file["name"] for file in json.loads(manifest.read_bytes())["input"]["files"]] == ["posts.zip"]
    done = run("reproduce", manifest, packed, *model)
    assert done.exit_code == 0, done.output


def test_control_characters_of_a_manifest_do_not_reach_the_terminal(made: MadeReport) -> None:
    made.edit(lambda content: content["input"]["files"][0].update(name="\x1b[2Jx\n\u202ey", sha256="0" * 64))
    done = made.reproduce()
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    assert len(done.stdout.splitlines()) == 1


def test_posts_that_trained_the_model_are_those_of_the_manifest(
    made: MadeReport, tmp_path: Path, additive_bundle: Bundle
) -> None:
    out, manifest = tmp_path / "summary.html", tmp_path / "summary.json"
    model = ("--model", additive_bundle.folder)
    done = run(
        "report", made.source, "--out", out, *model, "--map", "text=Message,id=key", "--manifest", manifest
    )
    assert done.exit_code == 0, done.output
    content = json.loads(manifest.read_bytes())
    content["choices"]["labels"] = [
        {"post_id": "a", "field": "sentiment", "coder": "1", "values": ["neutral"]}
    ]
    for trained, shown in ((["a"], True), ([], False)):
        content["choices"]["training_posts"] = trained
        manifest.write_text(json.dumps(content))
        run("reproduce", manifest, made.source, *model, "--out", out)
        assert ("These labels trained the model" in out.read_text()) is shown


def test_corrections_and_notes_are_reproduced(made: MadeReport) -> None:
    def add_labels(content: dict[str, Any]) -> None:
        content["choices"]["labels"] = [
            {"post_id": "a", "field": "sentiment", "coder": "1", "values": ["negative"]},
            {"post_id": "c", "field": "note", "coder": "1", "values": ["why?"]},
        ]
        content["choices"]["columns"] += ["corrected_sentiment", "model_sentiment", "note"]

    made.edit(add_labels)
    out = made.report.with_name("again.csv")
    made.reproduce("--out", out)
    rows = {row["post_id"]: row for row in read(out)}
    assert rows["a"]["corrected_sentiment"] == rows["a"]["sentiment"] == "negative"
    assert rows["c"]["note"] == "why?"
    assert rows["c"]["sentiment"] == rows["c"]["model_sentiment"]
