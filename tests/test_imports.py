import gc

import pytest

from analysis.imports import gc_paused


def test_the_collector_is_paused_within_the_block_and_resumes_after_it() -> None:
    assert gc.isenabled()
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


@gc_paused()
def broken() -> None:
    raise ValueError("broken")


def test_the_collector_resumes_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"):
        broken()
    assert gc.isenabled()
