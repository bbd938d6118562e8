"""Parts of slides: titles, paragraphs, tables, pictures, and charts whose data can be edited.

All text is only ever text: XML is escaped by the library, characters that XML cannot hold are left out, and the
workbook inside each chart holds no formulas and no links.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_AXIS_CROSSES, XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.text.text import TextFrame, _Paragraph, _Run
from pptx.util import Inches, Pt
from xlsxwriter import Workbook

from analysis.attribution.ledger import WordValue
from analysis.charts.palette import LOWERS, RAISES
from analysis.wording import BIDI_CONTROLS

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
"""Size of a slide (16:9) and its margin, in inches."""
_TITLE_ONLY = 5
"""Layout of the library's template that has a title only."""
_INK, _SOFT = "1A1A1A", "555B63"
_ROW = 0.4  # height of a table's row, in inches
_GAP = 60  # space between bars in percent of their width
_INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside the slides, so that equal slides are equal files."""


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    def split(self, columns: int, gap: float = 0.3) -> list[Box]:
        """Split the place into columns of equal width."""
        width = (self.width - gap * (columns - 1)) / columns
        return [
            Box(self.left + number * (width + gap), self.top, width, self.height) for number in range(columns)
        ]

    def cut_top(self, height: float) -> tuple[Box, Box]:
        """Split the place into its top, of this height, and the rest."""
        rest = self.height - height
        return (
            Box(self.left, self.top, self.width, height),
            Box(self.left, self.top + height, self.width, rest),
        )

    @property
    def lengths(self) -> tuple[Inches, Inches, Inches, Inches]:
        """Left, top, width and height, as the library has them."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


def clean_slide_text(text: str) -> str:
    """Return a text without the characters that XML cannot hold, and without controls of direction."""
    return _INVALID.sub("", BIDI_CONTROLS.sub("", text))


def add_slide(deck: Presentation, title: str) -> Slide:
    """Add a slide with a title."""
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = Box(MARGIN, 0.4, WIDTH - 2 * MARGIN, 0.9).lengths
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _write_paragraph(shape.text_frame.paragraphs[0], title, 30, _INK, is_bold=True)
    return slide


def add_paragraphs(
    slide: Slide,
    paragraphs: Sequence[str],
    box: Box,
    size: float,
    is_soft: bool = False,
    is_bold: bool = False,
) -> None:
    """Add paragraphs of a font size (points), dark or soft."""
    frame = _add_text_frame(slide, box)
    for number, text in enumerate(paragraphs):
        paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
        paragraph.space_after = Pt(size / 2)
        _write_paragraph(paragraph, text, size, _SOFT if is_soft else _INK, is_bold)


def add_highlighted_text(slide: Slide, text: str, words: Sequence[WordValue], box: Box, size: float) -> None:
    """Add the text of a post; words that raise its score are violet and underlined, others brown and in italics.

    Args:
        slide: The slide.
        text: The text.
        words: Its words with a value, in text order.
        box: The place.
        size: The font size in points.
    """
    paragraph = _add_text_frame(slide, box).paragraphs[0]
    done = 0
    for word in words:
        _write_run(paragraph, text[done : word.start], size, _INK)
        is_raising = word.value > 0
        run = _write_run(paragraph, text[word.start : word.end], size, (RAISES if is_raising else LOWERS)[1:])
        run.font.bold, run.font.underline, run.font.italic = True, is_raising, not is_raising
        done = word.end
    _write_run(paragraph, text[done:], size, _INK)
    _set_direction(paragraph, text)


def add_table(slide: Slide, header: Sequence[str], rows: Sequence[Sequence[str]], box: Box) -> None:
    """Add a table of texts with a header; the first column is wider than the others."""
    left, top, width, _ = box.lengths
    height = Inches(_ROW * (len(rows) + 1))
    frame = slide.shapes.add_table(len(rows) + 1, len(header), left, top, width, height)
    for number, column in enumerate(frame.table.columns):
        column.width = int(width * (1 if number else 1.5) / (len(header) + 0.5))
    for row, values in enumerate((header, *rows)):
        for column, value in enumerate(values):
            cell = frame.table.cell(row, column)
            colour = "FFFFFF" if row == 0 else _INK
            _write_paragraph(cell.text_frame.paragraphs[0], value, 14, colour, is_bold=row == 0)


def add_picture(slide: Slide, content: bytes, box: Box, description: str) -> None:
    """Add a picture in the middle of a place, as large as fits, with a description for those who cannot see it."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
    scale = min(box.width / width, box.height / height)
    left = box.left + (box.width - scale * width) / 2
    fitted = Box(left, box.top, scale * width, scale * height)
    _describe(slide.shapes.add_picture(io.BytesIO(content), *fitted.lengths), description)


def add_chart(
    slide: Slide,
    kind: XL_CHART_TYPE,
    categories: Sequence[str],
    series: Mapping[str, Sequence[float]],
    colours: Sequence[str],
    box: Box,
    description: str,
) -> Chart:
    """Add a chart whose data can be edited.

    Args:
        slide: The slide.
        kind: Its kind.
        categories: Untrusted names of the categories.
        series: Values of the categories, by the name of the series.
        colours: Colours of the series, or of the categories of one series, as "#rrggbb".
        box: The place.
        description: What it shows, for those who cannot see it.
    """
    names = [" ".join(clean_slide_text(name).split()) or " " for name in categories]
    data = CategoryChartData()
    data.categories = [str(number) for number in range(len(names))]  # the library would write formulas
    for title, values in series.items():
        data.add_series(title, values)
    frame = slide.shapes.add_chart(kind, *box.lengths, data)
    _describe(frame, description)
    chart: Chart = frame.chart
    for label, name in zip(chart.element.xpath(".//c:cat//c:v"), names * len(series), strict=True):
        label.text = name
    chart.part.chart_workbook.update_from_xlsx_blob(_write_chart_data(names, series))
    chart.font.size = Pt(14)
    chart.has_title = False
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    if kind in (XL_CHART_TYPE.BAR_CLUSTERED, XL_CHART_TYPE.BAR_STACKED_100):
        chart.category_axis.reverse_order = True  # the first category is at the top
        chart.category_axis.crosses = XL_AXIS_CROSSES.MAXIMUM  # and the numbers are at the bottom
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = 0
    plot = chart.plots[0]
    plot.gap_width = _GAP
    parts = (
        plot.series if len(series) > 1 else [plot.series[0].points[number] for number in range(len(names))]
    )
    for part, colour in zip(parts, colours, strict=True):
        part.format.fill.solid()
        part.format.fill.fore_color.rgb = RGBColor.from_string(colour[1:])
    return chart


def add_notes(slide: Slide, lines: Sequence[str]) -> None:
    """Write notes for the speaker."""
    slide.notes_slide.notes_text_frame.text = clean_slide_text("\n".join(lines))


def set_fixed_times(content: bytes) -> bytes:
    """Return a ZIP whose files have a fixed time."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(target, "w") as written:
        for name in given.namelist():
            written.writestr(
                zipfile.ZipInfo(name, _FIXED_TIME), given.read(name), compress_type=zipfile.ZIP_DEFLATED
            )
    return target.getvalue()


def _add_text_frame(slide: Slide, box: Box) -> TextFrame:
    frame = slide.shapes.add_textbox(*box.lengths).text_frame
    frame.word_wrap = True
    return frame


def _write_paragraph(
    paragraph: _Paragraph, text: str, size: float, colour: str, is_bold: bool = False
) -> None:
    _write_run(paragraph, text, size, colour).font.bold = is_bold
    _set_direction(paragraph, text)


def _write_run(paragraph: _Paragraph, text: str, size: float, colour: str) -> _Run:
    run = paragraph.add_run()
    run.text = " ".join(clean_slide_text(text).splitlines())
    run.font.size, run.font.color.rgb = Pt(size), RGBColor.from_string(colour)
    return run


def _set_direction(paragraph: _Paragraph, text: str) -> None:
    """Write a paragraph from right to left if its first letter is of such a script."""
    strong = (unicodedata.bidirectional(char) for char in text)
    if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L":
        paragraph._p.get_or_add_pPr().set("rtl", "1")


def _describe(shape: BaseShape, description: str) -> None:
    shape.element.xpath(".//p:cNvPr")[0].set("descr", clean_slide_text(description))


def _write_chart_data(categories: Sequence[str], series: Mapping[str, Sequence[float]]) -> bytes:
    """Write the data of a chart where the library expects it, without formulas and links."""
    target = io.BytesIO()
    with Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": datetime(*_FIXED_TIME, tzinfo=UTC)})
        sheet = book.add_worksheet()
        sheet.write_column(1, 0, categories)
        for number, (title, values) in enumerate(series.items(), start=1):
            sheet.write_string(0, number, title)
            sheet.write_column(1, number, values)
    return target.getvalue()
