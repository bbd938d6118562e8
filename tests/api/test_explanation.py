"""One post explained: values that add up, and a page in the notebook, the browser or a file."""

import sys
import threading
import types
import urllib.error
import urllib.request
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

import analysis as pl
from analysis.api import explanation as module
from analysis.model.bundle import Bundle


@pytest.fixture
def explanation(model: pl.Model, photo: Image.Image) -> pl.Explanation:
    return model.explain("good <b>day</b>", [photo])


def test_its_values_add_up(explanation: pl.Explanation) -> None:
    ledger = explanation.ledger
    assert ledger.base + sum(explanation.modalities.values()) == pytest.approx(ledger.total, abs=1e-4)
    assert sum(word.value for word in explanation.words) + ledger.text_remainder == pytest.approx(
        explanation.modalities["text"], abs=1e-4
    )
    assert "text " in repr(explanation)


def test_the_predicted_sentiment_is_explained_by_default(model: pl.Model) -> None:
    explanation = model.explain("good day")
    assert explanation.output.head == "sentiment"
    assert explanation.output.name == model.score("good day").to_pandas()["sentiment"].iloc[0]
    assert model.explain("good day", output="topic=daily_life").output.name == "daily_life"


def test_a_post_without_anything_or_with_a_broken_image_is_refused(model: pl.Model) -> None:
    with pytest.raises(pl.IntakeError, match="The post has neither text nor images"):
        model.explain(" ")
    with pytest.raises(pl.IntakeError, match=r"gone\.jpg is not a file on this computer"):
        model.explain("good", "gone.jpg")


def test_a_page_is_saved_and_embedded_without_scripts(explanation: pl.Explanation, tmp_path: Path) -> None:
    explanation.save(tmp_path / "why.html")
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert page == explanation.to_html()
    assert "<script" not in page
    assert "<b>day" not in page
    frame = explanation._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert 'sandbox=""' in frame
    assert unescape(frame.split('"')[1]) == page
    with pytest.raises(pl.PostLensError, match=r"no explanation format\. Use \.html or \.htm\."):
        explanation.save(tmp_path / "why.txt")


def test_integrated_gradients_are_computed_on_request(additive_bundle: Bundle, photo: Image.Image) -> None:
    model = pl.Model(additive_bundle)
    quick = model.explain("good day", [photo])
    assert quick.ledger.base_is_average
    assert "Verified by integrated gradients" not in quick.to_html()
    assert "verification" not in vars(quick)  # nothing was computed
    verified = model.score(["good day"]).explain(0, verify=True)
    assert verified.verification is not None
    assert [word.text for word in verified.verification.ledger.words] == ["good", "day"]
    assert verified.checks is verified.verification.share_checks
    assert "Verified by integrated gradients" in verified.to_html()


def test_a_model_that_mixes_modalities_has_nothing_to_verify(model: pl.Model) -> None:
    explanation = model.explain("good day", verify=True)
    assert explanation.verification is None
    assert explanation.checks.words is not None
    assert "Verified by" not in explanation.to_html()


def test_a_browser_gets_the_page_once_and_only_under_its_address(
    explanation: pl.Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: dict[str, object] = {}

    def open_url(url: str) -> bool:
        def fetch() -> None:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(url.rpartition("/")[0] + "/favicon.ico", timeout=10)
            with urllib.request.urlopen(url, timeout=10) as answer:
                fetched["page"] = answer.read().decode("utf-8")

        fetched["thread"] = threading.Thread(target=fetch)
        fetched["thread"].start()
        fetched["url"] = url
        return True

    monkeypatch.setattr(module.webbrowser, "open", open_url)
    explanation.show()
    fetched["thread"].join()
    assert fetched["page"] == explanation.to_html()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(fetched["url"], timeout=10)


def test_without_a_browser_a_remedy_is_given(
    explanation: pl.Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.webbrowser, "open", lambda _url: False)
    with pytest.raises(pl.PostLensError, match="Use save"):
        explanation.show()


def test_a_browser_that_sends_no_request_does_not_block_for_long(
    explanation: pl.Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BROWSER_SECONDS", 0.2)
    monkeypatch.setattr(module.webbrowser, "open", lambda _url: True)
    explanation.show()


def test_a_notebook_shows_it_in_place(explanation: pl.Explanation, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    display = types.ModuleType("IPython.display")
    display.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    explanation.show()
    assert shown == [explanation]
