"""Column names with values of many exports are mapped to the fields of a post without a known source.

A line of `headers.txt` has the name of the export; the columns of id, text, author, time, images, likes, shares and
comments; and other columns, each with the kind of its values.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from analysis.importers import guess_mapping
from analysis.importers.matching import score_column_name

FIELDS = ("post_id", "text", "author", "created_at", "images", "likes", "shares", "comments")
LINES = (Path(__file__).parent / "headers.txt").read_text(encoding="utf-8").splitlines()
VALUES = {
    "post_id": ["p101", "p102", "p103", "p104", "p105"],
    "text": [
        "The night bus finally runs again and I am so relieved",
        "Waited an hour at the clinic and nobody said a word",
        "Our balcony tomatoes survived the hail, what a week",
        "Proud of my sister, she finished her first marathon",
        "They cancelled the street festival again, heartbroken",
    ],
    "author": ["otter_lane", "petra.k", "busfan88", "the_bakers", "nils_w"],
    "created_at": [f"2024-03-05 10:0{number}:00" for number in range(5)],
    "images": [
        "https://x.example/m/a1.jpg",
        "",
        "https://x.example/m/a2.jpg",
        "",
        "https://x.example/m/a3.png",
    ],
    "likes": ["10", "1,200", "0", "7", "33"],
    "shares": ["2", "0", "5", "1", "4"],
    "comments": ["3", "8", "0", "2", "6"],
}
OTHERS = {
    "avatar": [f"https://x.example/avatar/{number}.jpg" for number in range(5)],
    "bio": [
        "Bus driver and writer",
        "Nurse in a small town",
        "Fan of buses",
        "We bake bread",
        "Father of two",
    ],
    "blank": [""] * 5,
    "bool": ["true", "false", "true", "true", "false"],
    "camp": ["Spring 24", "Spring 24", "", "Summer", "Spring 24"],
    "cap": ["false", "true", "false", "false", "true"],
    "clock": [f"10:0{number}" for number in range(5)],
    "country": ["Germany", "Germany", "France", "Spain", "Italy"],
    "day": ["2024-03-05"] * 5,
    "dom": ["x.example"] * 5,
    "email": [f"u{number}@example.org" for number in range(5)],
    "epoch2": [str(1_712_000_000 + number) for number in range(5)],
    "flag": ["TRUE", "FALSE", "FALSE", "TRUE", "FALSE"],
    "float": ["0.31", "0.5", "0.12", "-0.4", "0.9"],
    "handle": ["@otter_lane", "@petra.k", "@busfan88", "@the_bakers", "@nils_w"],
    "id2": ["9001", "9002", "9001", "9003", "9002"],
    "int": ["12", "0", "1,204", "33", "7"],
    "lang": ["en", "de", "en", "fr", "en"],
    "lat": ["52.52", "48.1", "", "50.9", "53.5"],
    "name2": ["Otter Lane", "Petra K.", "Bus Fan", "The Bakers", "Nils W."],
    "num": ["1", "2", "3", "4", "5"],
    "pct": ["1.2%", "0.4%", "3%", "0%", "2.2%"],
    "place": ["Main Street, Berlin", "", "Lyon, France", "", "Rome"],
    "prof": ["Otter Page"] * 5,
    "query": ["night bus", "night bus", "night bus", "clinic", "clinic"],
    "reply": ["Sorry to hear that", "", "Thank you for the kind words", "", ""],
    "sent": ["positive", "neutral", "negative", "neutral", "positive"],
    "snip": ["The night bus finally", "Waited an hour at", "Our balcony", "Proud of my", "They cancelled"],
    "source": ["Twitter", "Facebook", "Twitter", "Instagram", "Blog"],
    "stars": ["5", "1", "4", "3", "2"],
    "summary": ["A post about a bus", "A post about waiting in a clinic", "", "Sport", "A cancelled event"],
    "tags": ["bus,night", "", "health", "running", "festival, city"],
    "time2": [f"2024-04-0{number} 08:00:00" for number in range(1, 6)],
    "title": ["Night bus", "Clinic", "Tomatoes", "Marathon", "Festival"],
    "type": ["photo", "status", "link", "photo", "video"],
    "url": [f"https://x.example/p/{number}" for number in range(5)],
    "words": ["happy bus", "sad clinic", "", "proud", ""],
}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split(" | ")[0])
def test_the_fields_of_a_table_are_found_among_other_columns(line: str) -> None:
    known, _, others = line.partition(";")
    wanted = dict(zip(FIELDS, (name.strip() for name in known.split("|")[1:]), strict=True))
    table = {column: VALUES[field] for field, column in wanted.items() if column}
    for each in others.split(","):
        column, _, kind = each.strip().rpartition("=")
        table[column] = OTHERS[kind]
    columns = list(table)
    random.Random(LINES.index(line)).shuffle(columns)
    found = guess_mapping(columns, table)
    single = [field for field in FIELDS if field != "images" and (wanted[field] or field != "post_id")]
    assert {field: getattr(found, field) or "" for field in single} == {
        field: wanted[field] for field in single
    }
    assert [cell for name in found.images for cell in table[name] if cell] == (
        list(filter(None, VALUES["images"])) if wanted["images"] else []
    )


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("created_at", "Date (EST)"),
        ("created_at", "Erscheinungsdatum"),
        ("created_at", "Date de parution"),
        ("author", "Autor/in"),
        ("author", "Paginanaam"),
        ("author", "author_uniqueId"),
        ("likes", "likes.summary.total_count"),
        ("likes", "N.º de me gusta"),
        ("comments", "N.º de respuestas"),
        ("post_id", "N° d'avis"),
        ("post_id", "Artikel-Nr."),
        ("text", "content snippet"),
        ("text", "content.rendered"),
        ("created_at", "posted.value"),
    ],
)
def test_names_of_several_words_and_compounds_are_known(field: str, column: str) -> None:
    assert score_column_name(field, column) > 0.7


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("created_at", "Erfasst am"),
        ("created_at", "Data di raccolta"),
        ("created_at", "Antwortdatum"),
        ("created_at", "Developer Response Date"),
        ("text", "Management response"),
        ("author", "Compte vérifié"),
        ("author", "Nombre de comentarios"),
        ("author", "Nombre"),
        ("comments", "comment_like_count"),
    ],
)
def test_names_of_answers_collections_and_properties_name_no_field(field: str, column: str) -> None:
    assert score_column_name(field, column) == 0
