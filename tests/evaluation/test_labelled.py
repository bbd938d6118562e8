"""Labelled posts: tables of any kind, images next to them, labels in any spelling, and what is refused."""

import json
from pathlib import Path

import pytest
from PIL import Image

from analysis.errors import EvaluationError
from analysis.evaluation.labelled import (
    check_evaluation_labels,
    filter_labelled_posts,
    read_evaluation_groups,
    read_evaluation_labels,
    read_evaluation_posts,
)
from analysis.model.config import Head
from analysis.settings import Settings

IRONY = Head("irony", ("not_irony", "irony"), ("Not ironic", "Ironic"))
TOPIC = Head("topic", ("arts_culture", "daily_life"), ("Arts & culture", "Daily life"), exclusive=False)


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_text(content, encoding=encoding)
    return path


def test_separators_encodings_and_json_are_read_as_in_scoring(tmp_path: Path) -> None:
    rows = [{"message": "čas", "label": "irony"}, {"message": "día", "label": ""}]
    tables = [
        write(tmp_path / "a.csv", "message;label\nčas;irony\ndía;\n", "utf-16"),
        write(tmp_path / "b.tsv", "message\tlabel\nčas\tirony\ndía\t\n"),
        write(tmp_path / "c.ndjson", "\n".join(map(json.dumps, rows))),
    ]
    for table in tables:
        posts = read_evaluation_posts(table)
        assert posts["text"].tolist() == ["čas", "día"]
        assert posts["label"].tolist() == ["irony", ""]
        assert posts["images"].tolist() == posts["unread"].tolist() == [[], []]


def test_images_are_found_next_to_the_table_or_in_the_media_folder(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "images" / "one.png")
    table = write(tmp_path / "posts.csv", "text,image,label\na,images/one.png,irony\n")
    there = [[str(tmp_path / "images" / "one.png")]]
    assert read_evaluation_posts(table)["images"].tolist() == there
    (tmp_path / "elsewhere").mkdir()
    moved = table.rename(tmp_path / "elsewhere" / "posts.csv")
    assert read_evaluation_posts(moved, tmp_path / "images")["images"].tolist() == there
    assert read_evaluation_posts(moved)["images"].tolist() == [[]]


def test_unreadable_images_are_listed_and_the_text_is_kept(tmp_path: Path) -> None:
    Image.effect_noise((400, 300), 90).save(tmp_path / "cut.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "cut.jpg").read_bytes()[:3_000])
    table = write(tmp_path / "posts.csv", "text,image,label\na,gone.jpg,x\nb,cut.jpg,x\nc,d,e,f,g\nd,,x\n")
    posts = read_evaluation_posts(table)
    assert posts["text"].tolist() == ["a", "b", "d", ""]
    assert posts["images"].tolist() == [[]] * 4
    gone, cut, fine, row = posts["unread"]
    assert gone == ["gone.jpg was not uploaded"]
    assert cut == ["cut.jpg is damaged or incomplete"]
    assert fine == []
    assert "row 3 has 5 fields" in row[0]


@pytest.mark.parametrize(
    ("head", "written", "numbers"),
    [
        (IRONY, ["not_irony", "non-irony", "non_irony", "Not ironic", "IRONY", ""], [0, 0, 0, 0, 1, -1]),
        (TOPIC, ["arts_&_culture", "Arts & culture", " daily life "], [0, 0, 1]),
    ],
)
def test_labels_are_understood_however_they_are_written(
    tmp_path: Path, head: Head, written: list[str], numbers: list[int]
) -> None:
    content = json.dumps([{"text": "a", "label": label} for label in written])
    posts = read_evaluation_posts(write(tmp_path / "posts.json", content))
    assert read_evaluation_labels(posts, head).tolist() == numbers


def test_the_label_column_defaults_to_the_head_then_to_label(tmp_path: Path) -> None:
    posts = read_evaluation_posts(
        write(tmp_path / "p.csv", "text,label,irony,mine\na,irony,not_irony,irony\n")
    )
    assert read_evaluation_labels(posts, IRONY).tolist() == [0]
    assert read_evaluation_labels(posts, IRONY, "mine").tolist() == [1]
    assert read_evaluation_labels(posts.drop(columns="irony"), IRONY).tolist() == [1]


def test_where_keeps_posts_that_match_every_condition(tmp_path: Path) -> None:
    posts = read_evaluation_posts(write(tmp_path / "p.csv", "text,a,b\none,x,1\ntwo,x,2\nthree,y,2\n"))
    assert filter_labelled_posts(posts, [("a", "x"), ("b", "2")])["text"].tolist() == ["two"]
    assert len(filter_labelled_posts(posts, [])) == 3
    with pytest.raises(EvaluationError, match="include none with a=y and b=1"):
        filter_labelled_posts(posts, [("a", "y"), ("b", "1")])
    with pytest.raises(EvaluationError, match="have no column c; their columns are: text, a, b"):
        filter_labelled_posts(posts, [("c", "1")])


def test_groups_are_the_values_of_a_column(tmp_path: Path) -> None:
    posts = read_evaluation_posts(write(tmp_path / "p.csv", "text,kind,blank\na, news ,\nb,,\nc,slang,\n"))
    assert read_evaluation_groups(posts, "kind").tolist() == ["news", "", "slang"]
    with pytest.raises(EvaluationError, match=r"have no column kinds; .* correct --where or --by"):
        read_evaluation_groups(posts, "kinds")
    with pytest.raises(EvaluationError, match=r"Column blank is blank\. Use another column for --by"):
        read_evaluation_groups(posts, "blank")


def test_a_column_with_too_many_values_makes_no_groups(tmp_path: Path) -> None:
    limit = Settings().max_filter_values
    rows = [f"post {number},{number}" for number in range(limit + 1)]
    posts = read_evaluation_posts(write(tmp_path / "p.csv", "\n".join(["text,number", *rows])))
    assert read_evaluation_groups(posts[:limit], "number").nunique() == limit
    with pytest.raises(
        EvaluationError, match=rf"Column number has {limit + 1} different values; the limit is"
    ):
        read_evaluation_groups(posts, "number")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("words,label\na,irony\n", "no recognised column of texts or images.*words, label"),
        ("text,mood\na,irony\n", "have no column label; their columns are: text, mood"),
        ("text,label\na,sarcasm\nb,!\n", "unknown labels: sarcasm, !.*not_irony, irony"),
        ("", "is empty|contains no rows|no header"),
    ],
)
def test_tables_that_cannot_be_used_are_named_with_the_reason(
    tmp_path: Path, content: str, message: str
) -> None:
    table = write(tmp_path / "posts.csv", content)
    with pytest.raises(EvaluationError, match=message):
        read_evaluation_labels(read_evaluation_posts(table), IRONY)


def test_too_few_posts_and_one_class_alone_are_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "posts.csv", "text,label\n" + "a,irony\n" * 12)
    truth = read_evaluation_labels(read_evaluation_posts(table), IRONY)
    with pytest.raises(EvaluationError, match="only one class: irony"):
        check_evaluation_labels(truth, IRONY)
    with pytest.raises(EvaluationError, match="only 9 readable posts with a label for irony"):
        check_evaluation_labels(truth[:9], IRONY)
