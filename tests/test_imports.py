import gc

import pytest

from analysis.imports import uncollected


def test_the_collector_rests_within_the_block_and_works_after_it() -> None:
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


@uncollected()
def broken() -> None:
    raise ValueError("broken")


def test_the_collector_works_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"):
        broken()
    assert gc.isenabled()
