"""The command line, with the tiny model: files, output and exit codes."""

import csv
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from analysis.cli import main
from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from tests.tiny import write_tiny_bundle

pytestmark = pytest.mark.slow

TABLE = """post_id,text,images
a,good day,images/one.jpg
b,"=1+1 <script>alert(1)</script> awful",
c,,gone.jpg
a,again,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two posts that can be scored, a row without anything, a repeated id."""
    (tmp_path / "drop" / "images").mkdir(parents=True)
    (tmp_path / "drop" / "posts.csv").write_text(TABLE, encoding="utf-8")
    Image.new("RGB", (60, 40), (200, 60, 20)).save(tmp_path / "drop" / "images" / "one.jpg")
    return tmp_path / "drop"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_score_writes_the_report_and_lists_rejected_rows(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "made" / "report.csv"
    done = run("score", folder, "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 0, done.output
    rows = read(out)
    assert [row["post_id"] for row in rows] == ["a", "b"]
    assert [row["inputs_used"] for row in rows] == ["both", "text"]
    assert rows[1]["text"] == "'=1+1 <script>alert(1)</script> awful"
    assert {row["model"] for row in rows} == {tiny_bundle.id}
    assert all(row["top_words"] for row in rows)
    assert float(rows[0]["phi_image"]) != 0
    rejected = read(out.with_name("report.rejected.csv"))
    assert {row["kind"] for row in rejected} == {"row", "reference"}
    assert all(row["reason"] and row["remedy"] for row in rejected)


def test_text_can_be_written_without_apostrophes(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "report.csv"
    done = run("score", folder, "--out", out, "--model", tiny_bundle.folder, "--no-escape", "--no-words")
    assert done.exit_code == 0, done.output
    assert read(out)[1]["text"] == "=1+1 <script>alert(1)</script> awful"


def test_report_writes_a_page(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "report.html"
    done = run("report", folder, "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert "Of 2 posts, " in page
    assert tiny_bundle.id in page
    assert "<script>" not in page
    assert {row["kind"] for row in read(out.with_name("report.rejected.csv"))} == {"row", "reference"}
    assert not list(out.parent.glob(".report*"))


def test_a_summary_report_is_a_page_or_slides(folder: Path, tiny_bundle: Bundle) -> None:
    done = run("report", folder, "--out", folder.parent / "report.pdf", "--model", tiny_bundle.folder)
    assert done.exit_code == 1
    assert "Use .html, .htm or .pptx" in done.output


def test_workers_without_a_cluster_are_refused(folder: Path, tiny_bundle: Bundle) -> None:
    done = run(
        "score", folder, "--out", folder.parent / "r.csv", "--model", tiny_bundle.folder, "--workers", 2
    )
    assert done.exit_code == 2
    assert "--address, --workers and --gpus-per-worker are for --engine ray" in done.output


def test_score_draws_heat_maps_in_the_given_folder(folder: Path, tiny_bundle: Bundle) -> None:
    out, pixels = folder.parent / "report.csv", folder.parent / "maps"
    done = run("score", folder, "--out", out, "--model", tiny_bundle.folder, "--no-words", "--pixels", pixels)
    assert done.exit_code == 0, done.output
    assert "1 heat map written" in done.output
    assert [(row["file"], row["post_id"]) for row in read(pixels / "heatmaps.csv")] == [("000001-1.png", "a")]
    with Image.open(pixels / "000001-1.png") as drawn:
        assert drawn.size == (60, 40)


def test_an_additive_model_has_words_and_heat_maps_without_a_further_phase(
    folder: Path, additive_bundle: Bundle
) -> None:
    out, pixels = folder.parent / "report.csv", folder.parent / "maps"
    model = ("--model", additive_bundle.folder)
    done = run("score", folder, "--out", out, *model, "--pixels", pixels, "--json")
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["phase"] for each in lines} == {"scoring", "heat maps", "done"}
    assert all(row["top_words"] for row in read(out))
    assert (pixels / "000001-1.png").exists()
    page = folder.parent / "explanation.html"
    for options in ((), ("--verify",)):
        done = run("explain", folder, "--post", "a", "--out", page, *model, *options)
        assert done.exit_code == 0, done.output
        assert ("Verified by integrated gradients" in page.read_text("utf-8")) == bool(options)


def test_a_zip_and_a_table_with_its_media_folder_give_the_same_scores(
    folder: Path, tiny_bundle: Bundle
) -> None:
    with zipfile.ZipFile(folder.parent / "drop.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
    sources = {
        "folder": [folder],
        "zip": [folder.parent / "drop.zip"],
        "table": [folder / "posts.csv", "--media", folder / "images"],
    }
    scores = {}
    for name, source in sources.items():
        out = folder.parent / f"{name}.csv"
        done = run("score", *source, "--out", out, "--model", tiny_bundle.folder, "--no-words")
        assert done.exit_code == 0, done.output
        scores[name] = [(row["post_id"], row["valence"], row["phi_image"]) for row in read(out)]
    assert scores["folder"] == scores["zip"] == scores["table"]


def test_score_ends_with_two_when_nothing_could_be_scored(folder: Path, tiny_bundle: Bundle) -> None:
    (folder / "empty.csv").write_text("post_id,text\n", encoding="utf-8")
    out = folder.parent / "report.csv"
    done = run("score", folder / "empty.csv", "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 2
    assert "has no post that could be scored" in done.output
    assert not out.exists()
    assert out.with_suffix(".rejected.csv").exists()


def test_explain_writes_a_self_contained_page_without_scripts(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "explanation.html"
    done = run("explain", folder, "--post", "b", "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_explain_takes_any_output(folder: Path, tiny_bundle: Bundle) -> None:
    arguments = ("explain", folder, "--post", "a", "--model", tiny_bundle.folder, "--out")
    topic = folder.parent / "topic.html"
    done = run(*arguments, topic, "--output", "topic=sports_gaming")
    assert done.exit_code == 0, done.output
    assert "Sports &amp; gaming" in topic.read_text(encoding="utf-8")
    done = run(*arguments, topic, "--output", "weather")
    assert (done.exit_code, "of the form HEAD=CLASS" in done.output) == (2, True)
    done = run(*arguments, topic, "--output", "topic=weather")
    assert done.exit_code == 1
    assert "topic=weather does not exist in tiny" in done.output


def test_an_unknown_post_and_an_unknown_model_are_named(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "explanation.html"
    done = run("explain", folder, "--post", "zz", "--out", out, "--model", tiny_bundle.folder)
    assert (done.exit_code, "Post 'zz' is not in the batch 'drop'" in done.output) == (1, True)
    done = run("score", folder, "--out", folder.parent / "report.csv", "--model", "nowhere")
    assert (done.exit_code, "'nowhere' was not found" in done.output) == (1, True)


def test_a_media_folder_gives_images_only(folder: Path, tiny_bundle: Bundle) -> None:
    (folder / "images" / "other.csv").write_text("post_id,text\nz,not asked for\n", encoding="utf-8")
    out = folder.parent / "report.csv"
    table, media = folder / "posts.csv", folder / "images"
    done = run("score", table, "--media", media, "--out", out, "--model", tiny_bundle.folder, "--no-words")
    assert done.exit_code == 0, done.output
    assert [row["post_id"] for row in read(out)] == ["a", "b"]


def test_an_empty_image_in_the_media_folder_is_listed(folder: Path, tiny_bundle: Bundle) -> None:
    (folder / "images" / "empty.jpg").touch()
    out = folder.parent / "report.csv"
    done = run(
        "score", folder / "posts.csv", "--media", folder / "images", "--out", out, "--model", tiny_bundle.folder,
        "--no-words",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rejected = read(out.with_suffix(".rejected.csv"))
    assert ("empty.jpg", "is empty (0 bytes)") in [(row["name"], row["reason"]) for row in rejected]


def test_embed_writes_unit_vectors_and_lists_rejected_rows(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "made" / "embeddings.parquet"
    done = run("embed", folder, "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 0, done.output
    table = pq.read_table(out)
    assert table.schema.names == ["post_id", "text_embedding", "image_embedding"]
    assert table["post_id"].to_pylist() == ["a", "b"]
    assert table["image_embedding"][1].as_py() is None
    for vector in (*table["text_embedding"].to_pylist(), table["image_embedding"][0].as_py()):
        assert sum(value**2 for value in vector) == pytest.approx(1, abs=1e-5)
    assert {row["kind"] for row in read(out.with_name("embeddings.rejected.csv"))} == {"row", "reference"}


def test_embed_names_a_model_that_has_no_space(folder: Path, tmp_path: Path) -> None:
    model = write_tiny_bundle(tmp_path / "spaceless", FusionConfig(), space=False)
    out = folder.parent / "embeddings.parquet"
    done = run("embed", folder, "--out", out, "--model", model)
    assert (done.exit_code, "has no shared space" in done.output) == (1, True)
    assert not out.exists()


def test_train_names_data_that_are_missing(tmp_path: Path) -> None:
    done = run("train", "--data", tmp_path, "--out", tmp_path / "bundle")
    assert (done.exit_code, "posts.csv is missing" in done.output) == (1, True)


def test_evaluate_prints_a_table_and_writes_the_figures(tmp_path: Path, tiny_bundle: Bundle) -> None:
    rows = [
        f"good day {'#' * (n % 2)}a,{('Not ironic', 'irony')[n % 2]},{'es' if n > 29 else 'en'}"
        for n in range(40)
    ]
    table = tmp_path / "labelled.csv"
    table.write_text("\n".join(["text,mine,language", *rows, "x,y,en,too many"]), encoding="utf-8")
    out = tmp_path / "made" / "figures.json"
    call = ["evaluate", tiny_bundle.folder, "--data", table, "--task", "irony", "--label", "mine"]
    done = run(*call, "--where", "language=en", "--compare", "--out", out)
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert (figures["posts"], set(figures["baselines"])) == (30, {"majority", "tfidf"})
    assert "Irony of labelled.csv: 30 posts" in done.stdout
    done = run(*call, "--out", "-")
    assert json.loads(done.stdout)["posts"] == 40
    assert "Irony of labelled.csv: 40 posts" in done.stderr
    assert "row 41 has 4 fields" in done.stderr
    done = run(*call, "--where", "language")
    assert (done.exit_code, "of the form COLUMN=VALUE" in done.output) == (2, True)
    done = run(*call, "--train", table)
    assert (done.exit_code, "needs --compare" in done.output) == (2, True)


def test_evaluate_by_a_column_adds_a_row_for_each_value(tmp_path: Path, tiny_bundle: Bundle) -> None:
    answers, kinds = ("irony", "not irony"), ("news", "slang", "slang")
    rows = [f"good day {'so ' * (n % 4)},{answers[n % 2]},{kinds[n % 3]},{n}" for n in range(120)]
    table = tmp_path / "labelled.csv"
    table.write_text("\n".join(["text,irony,kind,number", *rows]), encoding="utf-8")
    out = tmp_path / "figures.json"
    call = ["evaluate", tiny_bundle.folder, "--data", table, "--task", "irony"]
    done = run(*call, "--by", "kind", "--out", out)
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    groups = figures["groups"]
    assert (groups["column"], [each["value"] for each in groups["values"]]) == ("kind", ["slang", "news"])
    assert sum(each["posts"] * each["accuracy"] for each in groups["values"]) / 120 == pytest.approx(
        figures["accuracy"], abs=1e-4
    )
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    after = lines[lines.index("kind posts accuracy 95 % interval") + 1 :]
    for each, line in zip(groups["values"], after, strict=True):
        low, high = each["interval"]
        assert low <= each["accuracy"] <= high
        assert line == f"{each['value']} {each['posts']} {each['accuracy']:.3f} {low:.3f} to {high:.3f}"
    done = run(*call, "--by", "sort")
    assert (done.exit_code, "have no column sort" in done.output) == (1, True)
    done = run(*call, "--by", "number")
    assert (done.exit_code, "has 120 different values; the limit is 100" in done.output) == (1, True)
    done = run(*call, "--by", "kind", "--explanations")
    assert (done.exit_code, "cannot be combined" in done.output) == (2, True)


def test_bench_explain_times_each_step(tmp_path: Path, tiny_bundle: Bundle) -> None:
    out = tmp_path / "times.json"
    done = run("bench", "explain", "--model", tiny_bundle.folder, "--posts", "2", "--out", out)
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text())
    assert {"words, a post", "regions, a post", "its checks, a post"} < set(figures)
    assert all(value > 0 for value in figures.values())
    assert "modality values, 1,000 encoded posts" in done.output


def test_a_report_in_the_folder_of_its_posts_is_no_input(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder / "report.csv"
    first = run("score", folder, "--out", out, "--model", tiny_bundle.folder, "--no-words")
    assert first.exit_code == 0, first.output
    written, rejected = out.read_bytes(), (folder / "report.rejected.csv").read_bytes()
    again = run("score", folder, "--out", out, "--model", tiny_bundle.folder, "--no-words")
    assert again.exit_code == 0, again.output
    assert out.read_bytes() == written
    assert (folder / "report.rejected.csv").read_bytes() == rejected
    assert not list(folder.glob(".*.work"))


def test_progress_is_written_as_json_lines(folder: Path, tiny_bundle: Bundle) -> None:
    out = folder.parent / "report.csv"
    done = run("score", folder, "--out", out, "--model", tiny_bundle.folder, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["phase"], each["done"]) for each in lines[:2]] == [("scoring", 0), ("scoring", 2)]
    assert {each["phase"] for each in lines} == {"scoring", "words", "done"}
    assert lines[-1].pop("input")["tables"][0]["name"] == "posts.csv"
    assert lines[-1] == {"phase": "done", "posts": 2, "rejected": 3, "report": str(out)}
