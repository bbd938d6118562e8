"""Labels count as a random sample only as far as they follow the batch's random order."""

from pathlib import Path

import numpy as np
import pytest

from analysis.review import compute_random_keys, find_random_sample, read_random_seed
from tests.scored import new_batch, score, some_posts

POSTS = np.arange(1_000, dtype=np.int64)


def in_random_order(seed: int = 1) -> list[int]:
    return POSTS[np.argsort(compute_random_keys(seed, POSTS))].tolist()


def test_the_first_posts_of_the_order_are_the_sample() -> None:
    labelled = in_random_order()[:40]
    assert find_random_sample(1, POSTS, labelled).tolist() == labelled


def test_posts_corrected_elsewhere_are_not_in_the_sample() -> None:
    order = in_random_order()
    labelled = [*order[:40], *order[500:600]]
    assert find_random_sample(1, POSTS, labelled).tolist() == order[:40]


def test_a_gap_ends_the_sample() -> None:
    order = in_random_order()
    assert find_random_sample(1, POSTS, order[:10] + order[11:40]).tolist() == order[:10]


def test_filters_keep_the_part_of_the_sample_that_matches() -> None:
    order, even = in_random_order(), POSTS[::2]
    sample = even[find_random_sample(1, even, order[:40])].tolist()
    assert sample == [place for place in order[:40] if place % 2 == 0]


def test_without_labels_there_is_no_sample_and_with_all_everything_is() -> None:
    assert len(find_random_sample(1, POSTS, [])) == 0
    assert sorted(find_random_sample(1, POSTS, POSTS.tolist())) == POSTS.tolist()


def test_batches_have_different_orders_and_one_batch_always_the_same() -> None:
    assert in_random_order(1) == in_random_order(1)
    assert in_random_order(1) != in_random_order(2)


def test_no_two_posts_share_a_place_and_no_place_is_preferred() -> None:
    many = np.arange(200_000, dtype=np.int64)
    keys = compute_random_keys(2**64 - 1, many)
    assert len(np.unique(keys)) == len(many)
    first = many[np.argsort(keys)][:20_000]
    assert first.mean() == pytest.approx(100_000, rel=0.02)
    assert np.histogram(first, bins=10, range=(0, 200_000))[0] == pytest.approx(2_000, rel=0.1)


def test_batches_with_the_same_posts_have_the_same_seed(tmp_path: Path) -> None:
    first, second = (score(new_batch(tmp_path / name, batch_id=name)) for name in ("one", "two"))
    other = score(new_batch(tmp_path / "three", some_posts(19)))
    assert read_random_seed(first) == read_random_seed(second)
    assert read_random_seed(first) != read_random_seed(other)
