"""The vector of a custom topic moves with its description and examples; marks suggest a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from analysis.custom_topics import CustomTopic, TopicExample, decode_vector
from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.search import (
    check_examples,
    embed_examples,
    find_custom_topics,
    find_near_threshold,
    make_image_example,
    make_post_example,
    make_text_example,
    suggest_threshold,
)
from analysis.search.topic_vectors import compute_topic_vector
from analysis.search.vectors import embed_names
from analysis.settings import Settings
from analysis.workspace import Batch
from tests.scored import texts_and_images

SETTINGS = Settings()


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Batch:
    """Six texts, the last with an image, and an image alone, in three parts; scored."""
    return texts_and_images(tmp_path_factory.mktemp("vectors"), tiny_bundle)


def test_a_topic_of_a_name_alone_has_the_vector_of_the_name(tiny_bundle: Bundle) -> None:
    vector = compute_topic_vector(tiny_bundle, CustomTopic("rain"), SETTINGS)
    assert np.allclose(vector, embed_names(tiny_bundle, ["rain"])[0])
    described = compute_topic_vector(tiny_bundle, CustomTopic("rain", "wet weather"), SETTINGS)
    assert np.allclose(described, embed_names(tiny_bundle, ["rain: wet weather"])[0])


def test_examples_move_the_vector_by_rocchio(tiny_bundle: Bundle) -> None:
    texts = ["lovely day", "red phone"]
    liked, unliked = (make_text_example(tiny_bundle, text, text == texts[0], SETTINGS) for text in texts)
    topic = CustomTopic("rain", examples=(liked, unliked))
    name, day, phone = embed_names(tiny_bundle, ["rain", *texts])
    expected = SETTINGS.name_weight * name + day - SETTINGS.unliked_weight * phone
    vector = compute_topic_vector(tiny_bundle, topic, SETTINGS)
    assert np.allclose(vector, expected / np.linalg.norm(expected), atol=2e-3)
    assert vector @ day > name @ day


def test_a_picture_is_an_example(batch: Batch, tiny_bundle: Bundle) -> None:
    picture = make_image_example(tiny_bundle, Image.new("RGB", (32, 32), "red"), belongs=True)
    assert picture.text == ""
    plain, moved = (
        compute_topic_vector(tiny_bundle, CustomTopic("rain", examples=examples), SETTINGS)
        for examples in ((), (picture,))
    )
    seen = decode_vector(picture.vectors[0])
    assert seen @ moved > seen @ plain
    found = find_custom_topics(batch, tiny_bundle, [CustomTopic("rain", examples=(picture,))])
    assert not np.isnan(found.similarity).any()


def test_a_post_with_both_is_one_example_with_two_vectors(batch: Batch) -> None:
    position = next(number for number, post in enumerate(batch.posts().itertuples()) if post.post_id == "p5")
    example = make_post_example(batch, position, "its text", belongs=False)
    assert (len(example.vectors), example.text, example.bundle) == (2, "its text", batch.manifest.bundle)


def test_the_similarity_to_a_topic_does_not_depend_on_others(batch: Batch, tiny_bundle: Bundle) -> None:
    alone = find_custom_topics(batch, tiny_bundle, ["rain"]).similarity[0]
    among = find_custom_topics(batch, tiny_bundle, ["a longer name of a topic", "rain"]).similarity[1]
    assert np.array_equal(alone, among)


def test_each_topic_has_its_own_threshold(batch: Batch, tiny_bundle: Bundle) -> None:
    topics = [CustomTopic("lovely day", threshold=-1.0), CustomTopic("red phone", threshold=1.0)]
    found = find_custom_topics(batch, tiny_bundle, topics)
    assert set(found.compute_columns(range(7))["own_topics"]) <= {"lovely day", "lovely day; red phone"}


def test_texts_are_embedded_again_for_another_model_and_vectors_alone_are_refused(
    tiny_bundle: Bundle,
) -> None:
    example = make_text_example(tiny_bundle, "lovely day", True, SETTINGS)
    foreign = replace(example, bundle="other@1")
    topic = CustomTopic("rain", examples=(foreign, TopicExample("lovely day")))
    assert {each.bundle for each in embed_examples(tiny_bundle, topic).examples} == {tiny_bundle.id}
    assert embed_examples(tiny_bundle, topic).examples[0] == example
    with pytest.raises(ScoringError, match=r"“rain” has an example .* model other@1.*use that model"):
        check_examples(tiny_bundle, [CustomTopic("rain", examples=(replace(foreign, text=""),))])
    short = replace(example, vectors=(example.vectors[0][:-8],))
    with pytest.raises(ValueError, match="length 1"):
        decode_vector(short.vectors[0])


def test_a_threshold_is_suggested_from_enough_examples_of_both_kinds(tiny_bundle: Bundle) -> None:
    texts = [f"{text} {number}" for text in ("lovely day", "red phone") for number in range(5)]
    examples = tuple(TopicExample(text, text.startswith("lovely")) for text in texts)
    assert suggest_threshold(tiny_bundle, CustomTopic("lovely", examples=examples[:9]), SETTINGS) is None
    found = suggest_threshold(tiny_bundle, CustomTopic("lovely", examples=examples), SETTINGS)
    assert found is not None
    assert (found.right, found.wrong) == (5, 5)
    assert -1 <= found.threshold <= 1
    assert 2 / 3 <= found.f1 <= 1  # that of calling every example right, or better


def test_posts_near_a_threshold_are_found_on_both_sides() -> None:
    similarity = np.array([0.1, 0.9, np.nan, 0.4, 0.3, 0.6, 0.31], np.float32)
    near = find_near_threshold(similarity, 0.31, 2)
    assert [each.tolist() for each in (near.highest, near.above, near.below)] == [[1, 5], [6, 3], [4, 0]]
