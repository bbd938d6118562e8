from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from analysis import query
from analysis.attribution import Completeness, Output, encode_post, explain, explain_post
from analysis.attribution.words import select_top_words
from analysis.errors import ScoringError, WorkspaceError
from analysis.model.bundle import Bundle, load_model
from analysis.model.engines import EncodedBatch, Inputs, TorchEngine
from analysis.model.saving import save_bundle
from analysis.posts import post_frame
from analysis.query import EVERY_POST
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch
from tests.scored import new_batch

pytestmark = pytest.mark.slow


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    """Twenty posts, some with images, in four parts."""
    return new_batch(tmp_path, part_posts=6)


def scores(batch: Batch) -> pd.DataFrame:
    return query.read_page(batch, EVERY_POST, limit=100)


def test_every_post_is_scored_and_progress_reported(batch: Batch, tiny_bundle: Bundle) -> None:
    reported: list[tuple[str, int, int]] = []
    assert score_batch(batch, tiny_bundle, words=True, progress=lambda *each: reported.append(each))
    assert batch.scored() == batch.manifest.n_posts == 20
    assert reported[:5] == [("scoring", done, 20) for done in (0, 6, 12, 18, 20)]
    assert {done for phase, done, _ in reported if phase == "words"} == set(range(21))
    found = scores(batch)
    assert found["sentiment"].notna().all()
    assert set(found["model"]) == {tiny_bundle.id}
    with_text = found["inputs_used"] != "image"
    assert found.loc[with_text, "top_words"].notna().all()
    assert found.loc[~with_text, "top_words"].isna().all()


def test_cancelling_keeps_finished_parts_and_scoring_carries_on(batch: Batch, tiny_bundle: Bundle) -> None:
    reported: list[int] = []
    progress = lambda _phase, done, _total: reported.append(done)  # noqa: E731
    assert not score_batch(batch, tiny_bundle, progress=progress, cancelled=lambda: 12 in reported)
    assert reported == [0, 6, 12, 18]  # the part that was being encoded when 12 were done is finished too
    assert batch.scored() == 18
    reported.clear()
    first = pq.read_table(batch.folder / "scores" / "part-00000.parquet")
    before = (batch.folder / "scores" / "part-00000.parquet").stat().st_mtime_ns
    assert score_batch(batch, tiny_bundle, progress=progress)
    assert reported == [18, 20]  # what was there already is not counted as work
    assert batch.scored() == 20
    assert (batch.folder / "scores" / "part-00000.parquet").stat().st_mtime_ns == before
    assert first.num_rows == 6


def test_carrying_on_gives_the_same_scores_as_one_run(tmp_path: Path, tiny_bundle: Bundle) -> None:
    whole, halved = (new_batch(tmp_path / name, part_posts=6) for name in ("whole", "halved"))
    score_batch(whole, tiny_bundle)
    calls = iter([False, False, True])
    score_batch(halved, tiny_bundle, cancelled=lambda: next(calls))
    score_batch(halved, tiny_bundle)
    pd.testing.assert_frame_equal(scores(whole), scores(halved))


def test_scores_of_two_models_are_never_mixed(
    batch: Batch, tiny_bundle: Bundle, additive_bundle: Bundle
) -> None:
    score_batch(batch, additive_bundle)
    score_batch(batch, tiny_bundle)
    assert set(scores(batch)["model"]) == {tiny_bundle.id}
    assert scores(batch)["top_words"].isna().all()
    assert scores(batch)["image_map"].isna().all()
    assert batch.manifest.bundle == tiny_bundle.id


def test_an_image_missing_on_disk_is_named(batch: Batch, tiny_bundle: Bundle) -> None:
    media_id = next(name for names in batch.posts()["images"] for name in names)
    batch.media_path(media_id).unlink()
    with pytest.raises(ScoringError, match=f"Image {media_id[:12]}.*Upload the batch again"):
        score_batch(batch, tiny_bundle)


def test_the_parts_size_does_not_change_the_scores(tmp_path: Path, tiny_bundle: Bundle) -> None:
    small, large = new_batch(tmp_path / "small", part_posts=3), new_batch(tmp_path / "large", part_posts=50)
    for each in (small, large):
        score_batch(each, tiny_bundle)
    pd.testing.assert_frame_equal(scores(small), scores(large), atol=1e-5)


def test_a_part_is_scored_again_where_its_embeddings_are_missing(batch: Batch, tiny_bundle: Bundle) -> None:
    score_batch(batch, tiny_bundle)
    assert all(batch.has_part("embeddings", index) for index in range(batch.n_parts))
    batch.clear("embeddings")  # as a batch of an older PostLens has none
    reported: list[int] = []
    assert score_batch(batch, tiny_bundle, progress=lambda _phase, done, _total: reported.append(done))
    assert reported == [0, 6, 12, 18, 20]
    assert all(batch.has_part("embeddings", index) for index in range(batch.n_parts))


def test_scores_are_written_after_the_embeddings_of_the_same_part(
    batch: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, int]] = []
    write = Batch.write_part
    monkeypatch.setattr(
        Batch,
        "write_part",
        lambda self, kind, index, frame: (written.append((kind, index)), write(self, kind, index, frame)),
    )
    score_batch(batch, tiny_bundle)
    kinds = ("encodings", "embeddings", "scores")
    assert written[:12] == [(kind, index) for index in range(4) for kind in kinds]
    assert written[12:] == [("copies", index) for index in range(4)]


def test_a_model_without_a_space_writes_no_embeddings_and_is_complete(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    spaceless = replace(tiny_bundle, config=replace(tiny_bundle.config, space=None))
    assert score_batch(batch, spaceless)
    assert batch.scored() == 20
    assert not batch.has_part("embeddings", 0)
    reported: list[int] = []
    score_batch(batch, spaceless, progress=lambda _phase, done, _total: reported.append(done))
    assert reported == [20]


def test_the_language_of_each_post_is_stored_if_it_is_detected(tmp_path: Path, tiny_bundle: Bundle) -> None:
    texts = {
        "en": "What a lovely evening with all of you, thank you so much!",
        "es": "Me encanta la comida de aquí, muchas gracias a todos",
        "short": "ok",
    }
    posts = post_frame([{"post_id": name, "text": text} for name, text in texts.items()])
    batch = new_batch(tmp_path, posts)
    score_batch(batch, tiny_bundle)
    found = scores(batch).set_index("post_id")
    assert found["language"].dropna().to_dict() == {"en": "en", "es": "es"}
    assert found["in_language"].dropna().to_dict() == {"en": True, "es": False}


def test_words_of_a_batch_are_those_of_its_posts_explained_one_by_one(
    batch: Batch, tiny_bundle: Bundle
) -> None:
    score_batch(batch, tiny_bundle, words=True)
    for _, post in query.read_page(batch, limit=8).iterrows():
        if not post["text"]:
            assert pd.isna(post["top_words"])
            continue
        images = [(name, Image.open(batch.media_path(name)).convert("RGB")) for name in post["images"]]
        ledger = explain_post(
            tiny_bundle,
            encode_post(tiny_bundle, post["text"], images),
            Output("sentiment", post["sentiment"]),
        )
        expected = select_top_words(ledger.words, Settings().top_words)
        assert [word for word, _ in post["top_words"]] == [word for word, _ in expected]
        assert [value for _, value in post["top_words"]] == pytest.approx(
            [value for _, value in expected], abs=5e-3
        )


def test_words_that_do_not_add_up_are_omitted(
    batch: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "check_attribution_sum", lambda *_: Completeness(1.0, 0.1, 32, "failed"))
    score_batch(batch, tiny_bundle, words=True)
    assert query.read_page(batch, limit=20)["top_words"].isna().all()


class Counting:
    """Counts what the PyTorch engine encodes."""

    name = "counting"

    def __init__(self, bundle: Bundle) -> None:
        self.rows = {"text": 0, "image": 0}
        self._engine = TorchEngine(bundle, "cpu")

    def encode(self, modality: str, batches: Iterable[Inputs], branch: str = "") -> Iterator[EncodedBatch]:
        for inputs in batches:
            self.rows[modality] += len(next(iter(inputs.values())))
            yield from self._engine.encode(modality, [inputs], branch)


def test_equal_texts_and_images_of_a_batch_are_encoded_once(batch: Batch, tiny_bundle: Bundle) -> None:
    engine = Counting(tiny_bundle)
    score_batch(batch, tiny_bundle, engine=engine)
    posts = batch.posts()
    assert engine.rows["image"] == posts["images"].explode().dropna().nunique() == 1
    assert engine.rows["text"] == posts["text"][posts["text"] != ""].nunique()
    assert batch.n_parts == 4


def test_caches_are_bounded(batch: Batch, tiny_bundle: Bundle) -> None:
    engine = Counting(tiny_bundle)
    score_batch(batch, tiny_bundle, Settings(cached_images=0, cached_texts=0), engine=engine)
    assert engine.rows["image"] > 1


def test_another_bundle_with_the_same_encoders_encodes_nothing(
    batch: Batch, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    score_batch(batch, tiny_bundle)
    other = load_model(other_heads(tiny_bundle, tmp_path / "other"))
    assert other.encoders_id == tiny_bundle.encoders_id
    assert other.id != tiny_bundle.id
    engine = Counting(other)
    assert score_batch(batch, other, engine=engine)
    assert engine.rows == {"text": 0, "image": 0}
    afresh = new_batch(tmp_path / "afresh", part_posts=6)
    score_batch(afresh, other)
    pd.testing.assert_frame_equal(scores(batch), scores(afresh))
    assert set(scores(batch)["model"]) == {other.id}


def other_heads(bundle: Bundle, folder: Path) -> Path:
    model = deepcopy(bundle.model)
    with torch.no_grad():
        model.heads["sentiment"].weight.neg_()
    save_bundle(folder, bundle.config, model, bundle.tokenizers, {}, "")
    return folder


def test_other_encoders_encode_again(batch: Batch, tiny_bundle: Bundle, additive_bundle: Bundle) -> None:
    assert tiny_bundle.encoders_id != additive_bundle.encoders_id
    score_batch(batch, tiny_bundle)
    engine = Counting(additive_bundle)
    score_batch(batch, additive_bundle, engine=engine)
    assert engine.rows["image"] == 1


@pytest.mark.parametrize("kind", ["encodings", "embeddings", "scores", "words", "copies"])
def test_a_damaged_part_is_scored_again_with_the_same_result(
    batch: Batch, tiny_bundle: Bundle, kind: str
) -> None:
    score_batch(batch, tiny_bundle, words=True)
    path = batch.folder / kind / "part-00001.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert score_batch(batch, tiny_bundle, words=True)
    assert path.read_bytes() == whole


def test_a_batch_that_another_process_scores_is_left_to_it(batch: Batch, tiny_bundle: Bundle) -> None:
    with batch.lock_for_scoring(), pytest.raises(WorkspaceError, match="is being scored by another process"):
        score_batch(batch, tiny_bundle)
    assert batch.scored() == 0
