"""The summary report as slides: the numbers are those of the summary, and text of posts is only ever text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pptx import Presentation
from pptx.chart.chart import Chart
from pptx.presentation import Presentation as Deck
from pptx.shapes.graphfrm import GraphicFrame
from pptx.slide import Slide
from python_calamine import CalamineWorkbook

from analysis.exporters import summarise_batch
from analysis.exporters.headline import Group, Row
from analysis.exporters.summary import Summary
from analysis.exporters.summary_slides import export_summary_slides
from analysis.model.config import SENTIMENTS
from analysis.query import EVERY_POST
from analysis.review import ClassShares, CorrectedShares, EstimatedShare
from analysis.workspace import Batch, Labels, StoredLabel
from tests.exporters.private_posts import SCORES_ONLY
from tests.exporters.test_summary import CONFIG, METRICS
from tests.scored import new_batch, score, some_posts

EVIL = "=1+1 <b>x</b> \x00\x0b\u202e\ud800"
SHOWN = "=1+1 <b>x</b>"


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    batch = score(new_batch(tmp_path_factory.mktemp("slides"), some_posts(60)))
    return summarise_batch(batch, EVERY_POST, CONFIG, METRICS)


def read_slides(summary: Summary) -> Deck:
    return Presentation(io.BytesIO(export_summary_slides(summary)))


def find_slide(deck: Deck, title: str) -> Slide:
    return next(slide for slide in deck.slides if slide.shapes.title.text_frame.text == title)


def chart_of(slide: Slide) -> Chart:
    return next(shape.chart for shape in slide.shapes if shape.has_chart)


def texts_of(slide: Slide) -> Iterator[str]:
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        elif shape.has_table:
            yield from (cell.text_frame.text for row in shape.table.rows for cell in row.cells)


def test_charts_have_the_counts_and_notes_the_intervals(summary: Summary) -> None:
    deck = read_slides(summary)
    topics = next(group for group in summary.groups if group.title == "Topics")
    slide = find_slide(deck, "Topics")
    for series, name in zip(chart_of(slide).plots[0].series, SENTIMENTS, strict=True):
        assert list(series.values) == [row.posts.get(name, 0) for row in topics.rows]
    first, total = topics.rows[0], sum(topics.rows[0].posts.values())
    assert next(iter(chart_of(slide).plots[0].categories)) == f"{first.title} ({total:,})"
    notes = slide.notes_slide.notes_text_frame.text.splitlines()
    assert len(notes) == len(topics.rows)
    assert notes[0].startswith(
        f"{first.title} ({total}): {round(100 * first.posts['negative'] / total)} % negative ("
    )
    assert " to " in notes[0]
    cells = list(texts_of(find_slide(deck, "Sentiment")))
    assert [f"{count.posts}" in cells for count in summary.headline.sentiments] == [True] * 3


@pytest.mark.slow
def test_corrected_shares_are_beside_those_of_the_model(summary: Summary) -> None:
    raw, powered = EstimatedShare(0.5, 0.4, 0.6), EstimatedShare(0.31, 0.22, 0.41)
    shares = tuple(ClassShares(name, 20, raw, powered, powered, 9) for name in SENTIMENTS)
    corrected = CorrectedShares("sentiment", 60, 40, shares=shares)
    texts = list(texts_of(find_slide(read_slides(replace(summary, corrected=corrected)), "Sentiment")))
    assert texts.count("31 % (22 to 41 %)") == len(SENTIMENTS)
    assert any(corrected.describe_basis() in text for text in texts)
    why = CorrectedShares("sentiment", 60, reason="These labels trained the model.", is_expected=True)
    texts = list(texts_of(find_slide(read_slides(replace(summary, corrected=why)), "Sentiment")))
    assert why.reason in texts
    assert "Corrected by people" not in texts


def test_periods_without_posts_are_in_the_chart(summary: Summary) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 5)]
    periods = pd.DataFrame({"first": days, "last": days, "negative": 1, "neutral": 0, "positive": [2, 3]})
    deck = read_slides(replace(summary, unit="day", periods=periods))
    plot = chart_of(find_slide(deck, "Posts per day (UTC)")).plots[0]
    assert list(plot.categories)[::4] == ["1 January 2026", "5 January 2026"]
    assert list(plot.series[2].values) == [2, 0, 0, 0, 3]


def test_hostile_text_is_shown_as_it_is_and_runs_nowhere(summary: Summary) -> None:
    rows = [Row(EVIL, EVIL, {"negative": 2}), Row("b", "http://b.example/", {"positive": 1})]
    post = {**summary.striking[0].post, "text": EVIL, "author": EVIL}
    striking = [replace(summary.striking[0], post=post, words=[("=1+1", 0.5)])]
    deck = read_slides(
        replace(summary, name=EVIL, filters=[EVIL], groups=[Group(EVIL, rows)], values=(), striking=striking)
    )
    slides = [slide for slide in deck.slides if slide.shapes.title.text_frame.text.strip() == SHOWN]
    assert len(slides) == 2  # the first one, and the group
    assert any(SHOWN in text for text in texts_of(find_slide(deck, striking[0].kind)))
    chart = chart_of(slides[1])
    assert list(chart.plots[0].categories) == [f"{SHOWN} (2)", "http://b.example/ (1)"]
    workbook = chart.part.chart_workbook.xlsx_part.blob
    rows_of_book = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows_of_book[1:]] == [f"{SHOWN} (2)", "http://b.example/ (1)"]
    with zipfile.ZipFile(io.BytesIO(workbook)) as files:
        sheet = files.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_pictures_and_charts_are_described(summary: Summary) -> None:
    shapes = [shape for slide in read_slides(summary).slides for shape in slide.shapes]
    shown = [shape for shape in shapes if shape.shape_type == 13 or getattr(shape, "has_chart", False)]
    assert len(shown) > 10
    assert all(shape.element.xpath(".//p:cNvPr")[0].get("descr") for shape in shown)


@pytest.mark.slow
def test_scores_only_have_no_texts_and_no_pictures(tmp_path: Path) -> None:
    batch: Batch = score(new_batch(tmp_path, some_posts(30)))
    deck = read_slides(summarise_batch(batch, EVERY_POST, CONFIG, METRICS, SCORES_ONLY))
    assert not any("Post number" in text for slide in deck.slides for text in texts_of(slide))
    assert not any(shape.shape_type == 13 for slide in deck.slides for shape in slide.shapes)


@pytest.mark.slow
def test_an_unscored_batch_says_so(tmp_path: Path) -> None:
    deck = read_slides(summarise_batch(new_batch(tmp_path), EVERY_POST, CONFIG, None))
    assert "None of these posts has been scored yet." in list(texts_of(deck.slides[0]))
    assert not any(isinstance(shape, GraphicFrame) for slide in deck.slides for shape in slide.shapes)


@pytest.mark.slow
def test_equal_summaries_are_equal_files(summary: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    first = export_summary_slides(summary)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert export_summary_slides(summary) == first


@pytest.mark.slow
def test_the_slides_say_what_labels_change_and_how_own_labels_were_measured(tmp_path: Path) -> None:
    own = {**METRICS["evaluations"]["tweets"], "title": "Own labels: sentiment"}
    batch = score(new_batch(tmp_path, some_posts(60)))
    labelled = batch.with_labels(Labels.from_stored([StoredLabel(3, "sentiment", "negative", "ann")]))
    metrics = {**METRICS, "own_labels": {"sentiment": own}}
    deck = read_slides(summarise_batch(labelled, EVERY_POST, CONFIG, metrics))
    limits = " ".join(texts_of(find_slide(deck, "Methods and limits")))
    assert "1 post of 60 with labels of people." in limits
    assert "The labels do not correct the shares" in limits
    accuracy = " ".join(texts_of(find_slide(deck, "How accurate the model is")))
    assert "Own labels: sentiment" in accuracy
    assert "cross-validation" in accuracy
