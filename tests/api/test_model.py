"""`Model.score`: accepted inputs, rejections, and the same scores as in a workspace."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import analysis as pl
from analysis.model.bundle import Bundle
from tests.scored import new_batch, some_posts
from tests.scoring.test_pipeline import Counting


def png(photo: Image.Image) -> bytes:
    file = io.BytesIO()
    photo.save(file, "PNG")
    return file.getvalue()


def test_a_string_is_scored_as_one_text(model: pl.Model) -> None:
    scores = model.score("what a lovely day!")
    assert len(scores) == 1
    assert scores.to_pandas()["text"].tolist() == ["what a lovely day!"]


@pytest.mark.parametrize("source", [list, tuple, iter, np.array, pd.Series])
def test_texts_come_in_any_iterable(model: pl.Model, source: type) -> None:
    table = model.score(source(["good day", "awful rain"])).to_pandas()
    assert table["text"].tolist() == ["good day", "awful rain"]
    assert table["post_id"].tolist() == ["0", "1"]
    assert table["sentiment"].notna().all()


def test_equal_texts_are_all_scored_and_counted_as_copies(model: pl.Model) -> None:
    table = model.score(["such a good day today", "awful", "such a good day today"]).to_pandas()
    assert table["valence"].iloc[0] == table["valence"].iloc[2]
    assert table["copies"].tolist() == [1, 0, 1]
    assert table["copy_of"].fillna("").tolist() == ["", "", "0"]


def test_more_posts_than_a_part_holds_keep_their_order(model: pl.Model) -> None:
    texts = [f"day {number}" for number in range(600)]
    table = model.score(texts, engine="torch").to_pandas()
    assert table["text"].tolist() == texts
    assert table.index.tolist() == list(range(600))


@pytest.mark.slow
def test_an_empty_list_gives_no_rows_and_the_same_columns(model: pl.Model) -> None:
    empty, one = model.score([]), model.score(["good"])
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.to_pandas().dtypes, one.to_pandas().dtypes)
    assert "0 posts" in repr(empty)


def test_missing_texts_are_listed_and_the_rest_is_scored(model: pl.Model) -> None:
    scores = model.score(["good", None, float("nan"), pd.NA, "", " \n", "bad"])
    assert scores.to_pandas().index.tolist() == [0, 6]
    assert scores.rejected["kind"].tolist() == ["row"] * 5
    assert "row 2 has no text" in scores.rejected["reason"].iloc[0]
    assert "5 rejected" in repr(scores)


def test_numbers_are_read_as_text_and_other_objects_are_rejected(model: pl.Model) -> None:
    scores = model.score(["good", 5, 2.0, True, {"a": 1}, b"bytes"])
    assert scores.to_pandas()["text"].tolist() == ["good", "5", "2", "True"]
    assert [reason.split(" in the")[0] for reason in scores.rejected["reason"]] == [
        "row 5 has a value of the type dict",
        "row 6 has a value of the type bytes",
    ]


def test_half_a_surrogate_pair_does_not_stop_a_text(model: pl.Model, tmp_path: Path) -> None:
    scores = model.score(["good \ud83d day \x00"])
    scores.save(tmp_path / "scores.csv")
    assert len(scores) == 1


def test_a_data_frame_keeps_its_index_and_known_columns(model: pl.Model) -> None:
    frame = pd.DataFrame(
        {
            "Text": ["good day", None, "bad day"],
            "created_at": pd.to_datetime(["2026-03-02", None, "2026-03-04"]),
            "likes": [3, None, 1200],
            7: ["unknown", "column", object()],
        },
        index=["a", "b", "c"],
    )
    table = model.score(frame).to_pandas()
    assert table.index.tolist() == ["a", "c"]
    assert table["likes"].tolist() == [3, 1200]
    assert table["created_at"].dt.day.tolist() == [2, 4]
    assert table["post_id"].tolist() == ["0", "2"]


def test_ids_of_a_data_frame_are_kept_and_repeated_ones_are_rejected(model: pl.Model) -> None:
    frame = pd.DataFrame({"post_id": [7, 8.0, 7], "text": ["good", "bad", "other"]})
    scores = model.score(frame)
    assert scores.to_pandas()["post_id"].tolist() == ["7", "8"]
    assert "repeats the id 7" in scores.rejected["reason"].iloc[0]


def test_images_are_paths_bytes_images_or_lists_of_them(
    model: pl.Model, photo: Image.Image, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(photo))
    other = Image.new("CMYK", (40, 40))
    from_parquet = np.array([str(path)], dtype=object)
    images = [path, str(path), png(photo), photo, from_parquet, [path, other], [], None, ""]
    scores = model.score(pd.DataFrame({"images": images, "text": [None] * 6 + ["good", "bad", "so so"]}))
    table = scores.to_pandas()
    assert table["n_images"].tolist() == [1, 1, 1, 1, 1, 2, 0, 0, 0]
    assert table["valence"].iloc[:5].nunique() == 1
    assert table["inputs_used"].tolist() == ["image"] * 6 + ["text"] * 3
    assert table["images"].iloc[5] == [str(path), "image 2 of row 6"]
    assert scores.rejected.empty


def test_unreadable_images_are_listed_and_the_rest_is_scored(
    model: pl.Model, photo: Image.Image, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text("text\nsecret\n")
    with zipfile.ZipFile(tmp_path / "one.jpg", "w") as archive:
        archive.writestr("inner.png", png(photo))
    images = [
        "gone.jpg",
        png(photo)[:60],
        b"",
        b"plain text",
        tmp_path / "table.csv",
        tmp_path / "one.jpg",
        "https://example.com/a.jpg",
        np.zeros((9, 9, 3), dtype=np.uint8),
        tmp_path,
        [photo, "gone.jpg"],
    ]
    frame = pd.DataFrame({"text": [f"good {row}" for row in range(len(images))], "images": images})
    scores = model.score(frame)
    assert len(scores) == len(images)
    assert scores.to_pandas()["n_images"].tolist() == [0] * 9 + [1]
    files = scores.rejected[scores.rejected["kind"] == "file"].set_index("name")["reason"]
    assert files["gone.jpg"] == "is not a file on this computer"
    assert files["image of row 2"] == "is damaged or truncated"
    assert files["image of row 3"] == "is empty (0 bytes)"
    assert files["image of row 4"] == "is not an image"
    assert files[str(tmp_path / "table.csv")] == "is not an image"
    assert files["image of row 8"] == "is of the type ndarray"
    assert len(files) == 8
    references = scores.rejected[scores.rejected["kind"] == "reference"]["reason"]
    assert any("is only given as a URL" in reason for reason in references)
    assert scores.rejected["remedy"].astype(bool).all()


def test_paths_that_differ_only_in_control_characters_are_different_images(
    model: pl.Model, photo: Image.Image, tmp_path: Path
) -> None:
    photo.save(tmp_path / "a.png")
    Image.new("RGB", (40, 40), "white").save(tmp_path / "a\x01.png")
    scores = model.score(pd.DataFrame({"images": [tmp_path / "a.png", tmp_path / "a\x01.png"]}))
    assert scores.to_pandas()["valence"].nunique() == 2


@pytest.mark.slow
def test_a_table_a_folder_and_a_zip_give_the_same_scores(
    model: pl.Model, photo: Image.Image, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "a.png").write_bytes(png(photo))
    (folder / "posts.csv").write_text("post_id,text,images\n1,good,a.png\n2,bad,\n3,,\n")
    with zipfile.ZipFile(tmp_path / "drop.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
    results = [
        model.score(folder),
        model.score(tmp_path / "drop.zip"),
        model.score(folder / "posts.csv", media=folder / "media"),
        model.score(pl.read_posts(str(folder))),
    ]
    tables = [
        scores.to_pandas().drop(columns="images") for scores in results
    ]  # names with or without folders
    for scores, table in zip(results, tables, strict=True):
        assert len(scores.rejected) == 1
        pd.testing.assert_frame_equal(table, tables[0].assign(source=table["source"]))


@pytest.mark.slow
def test_a_batch_of_a_workspace_is_scored_on_disk_and_in_full(tiny_bundle: Bundle, tmp_path: Path) -> None:
    new_batch(tmp_path, some_posts(130), part_posts=50)
    batch = pl.open_workspace(tmp_path / "home").open("spring")
    scores = pl.Model(tiny_bundle).score(batch)
    assert batch.scored() == len(scores) == len(scores.to_pandas()) == 130
    assert len(scores.rejected) == 1


def test_equal_images_are_encoded_once(
    model: pl.Model, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Counting(model.bundle)
    monkeypatch.setattr("analysis.scoring.scorer.choose_engine", lambda *_: engine)
    model.score(pd.DataFrame({"images": [photo] * 5, "text": ["good"] * 5}))
    assert engine.rows == {"text": 1, "image": 1}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Path("gone.csv"), "gone.csv is not a file or folder on this computer"),
        ("gone.csv", "looks like a path, but a string is scored as a text"),
        ({"text": ["good"]}, "The input is of the type dict"),
        (b"good", "The input is of the type bytes"),
        (5, "The input is of the type int"),
        (pd.DataFrame({"a": [1], "b": [2]}), "has no column of texts or images; its columns are: a, b"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "has several columns 'text'"),
    ],
)
def test_an_unreadable_input_is_an_error_with_a_remedy(model: pl.Model, source: object, message: str) -> None:
    with pytest.raises(pl.IntakeError, match=message) as caught:
        model.score(source)
    assert caught.value.remedy.endswith(".")


def test_a_file_without_any_post_is_named_with_its_reason(model: pl.Model, tmp_path: Path) -> None:
    damaged, blank = tmp_path / "posts.xlsx", tmp_path / "blank.csv"
    damaged.write_bytes(b"PK\x03\x04 no workbook")
    blank.write_text("post_id,text\n1,\n2,\n")
    with pytest.raises(pl.IntakeError, match=r"posts\.xlsx"):
        model.score(damaged)
    with pytest.raises(pl.IntakeError, match=r"blank\.csv contains no post that can be scored; 2 rows"):
        model.score(blank)


def test_a_media_folder_is_for_paths_only(model: pl.Model, tmp_path: Path) -> None:
    with pytest.raises(pl.IntakeError, match="can only be used with a path"):
        model.score(["good"], media=tmp_path)


@pytest.mark.slow
def test_an_additive_model_finds_top_words_at_once(additive_bundle: Bundle) -> None:
    words = [
        pl.Model(additive_bundle).score(["good day", "bad"], words=words).to_pandas()["top_words"]
        for words in (False, True)
    ]
    assert words[0].str.contains("[+-]").all()
    assert words[0].equals(words[1])


@pytest.mark.slow
def test_top_words_are_found_on_request(model: pl.Model) -> None:
    assert model.score(["good day", "bad"]).to_pandas()["top_words"].isna().all()
    assert model.score(["good day", "bad"], words=True).to_pandas()["top_words"].str.contains("[+-]").all()


def test_progress_is_shown_on_request(model: pl.Model, capsys: pytest.CaptureFixture[str]) -> None:
    model.score(["good"])
    assert capsys.readouterr().err == ""
    model.score(["good"], progress=True)
    assert "scoring" in capsys.readouterr().err
