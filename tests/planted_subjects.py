"""Short posts about subjects of known sizes, put together from templates and synonyms, for trials of themes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Subject:
    """One planted subject.

    Attributes:
        size: Number of its posts.
        keys: Beginnings of words that show what it is about.
        things: What its posts are about, in several wordings.
        remarks: What is said about it; `{}` is the thing.
    """

    size: int
    keys: tuple[str, ...]
    things: tuple[str, ...]
    remarks: tuple[str, ...]


SUBJECTS = {
    "coffee machine": Subject(
        300, ("coffee", "espresso", "cappuccino", "barista"),
        ("espresso machine", "coffee maker", "cappuccino machine", "coffee grinder"),
        ("my {} broke down before breakfast", "the {} at work only makes cold coffee", "best latte ever from this {}",
         "descaling the {} for the third time", "the barista fixed our {}", "who sells a decent {} for beginners?",
         "the crema from the new {} is perfect"),
    ),
    "train delays": Subject(
        220, ("train", "rail", "platform", "station"),
        ("train", "commuter train", "express train", "night train"),
        ("the {} is forty minutes late again", "stuck on the platform, {} cancelled without a word",
         "signal failure, so no {} until noon", "the conductor says our {} is delayed",
         "missed my connection, thanks {}",
         "rail strike means no {} at all this week", "standing all the way, the {} is overcrowded"),
    ),
    "electric cars": Subject(
        170, ("charg", "electric", "battery", "car"),
        ("electric car", "ev", "electric suv", "battery car"),
        ("no charging station for my {} on the motorway", "the range of this {} drops in winter",
         "charged the {} at home overnight for three euros", "the fast charger does not talk to my {}",
         "queueing to charge the {}", "test drive of the new {}, what acceleration",
         "battery of the {} at four percent"),
    ),
    "marathon": Subject(
        130, ("marathon", "run", "race", "miles"),
        ("marathon", "half marathon", "city marathon", "charity marathon"),
        ("finished my first {} in under four hours", "eighteen miles of training for the {}", "blisters after the {}",
         "cheering the runners at the {}", "which shoes for a {}?", "hit the wall at mile twenty of the {}",
         "collected my race number for the {}"),
    ),
    "flood": Subject(
        100, ("flood", "water", "river", "sandbag"),
        ("flood", "flooding", "flash flood", "high water"),
        ("the river burst its banks, {} in our street", "sandbags against the {} since dawn",
         "the cellar is full of water after the {}", "roads closed because of the {}",
         "evacuated by boat from the {}",
         "insurance will not pay for the {}", "the water keeps rising, {} warning extended"),
    ),
    "dentist": Subject(
        80, ("dentist", "tooth", "teeth", "dental"),
        ("dentist", "dental surgeon", "new dentist", "orthodontist"),
        ("the {} pulled my wisdom tooth", "root canal at the {}, face still numb", "afraid of the {} since childhood",
         "the {} found two cavities", "my teeth feel so clean after the {}",
         "the {} charged a fortune for one filling",
         "toothache on a sunday and no {} open"),
    ),
    "cat adoption": Subject(
        60, ("cat", "kitten", "shelter", "adopt"),
        ("cat", "kitten", "tabby cat", "rescue cat"),
        ("we adopted a {} from the shelter", "the {} sleeps in the litter box", "the shy {} purrs at last",
         "this {} needs a home, please share", "the vet says our {} is healthy", "the {} knocked over the food bowl",
         "first night with the {}, meowing until dawn"),
    ),
    "lost luggage": Subject(
        50, ("luggage", "suitcase", "bag", "airport", "airline"),
        ("suitcase", "luggage", "checked bag", "baggage"),
        ("the airline lost my {} again", "three days without my {}, says the airport",
         "my {} flew to another country",
         "the {} came off the carousel broken", "lost property desk has no trace of the {}",
         "waiting at baggage claim, no {}", "compensation for a lost {}?"),
    ),
    "eclipse": Subject(
        40, ("eclipse", "moon", "sun", "solar"),
        ("solar eclipse", "eclipse", "partial eclipse", "total eclipse"),
        ("watching the {} through special glasses", "the {} turned the sky dark", "birds went silent during the {}",
         "clouds hid the {} from us", "the moon covered the sun, what a {}", "my photo of the corona at the {}"),
    ),
    "vegan burger": Subject(
        30, ("vegan", "burger", "plant", "patty"),
        ("vegan burger", "plant-based burger", "veggie burger", "meatless burger"),
        ("the {} tastes like real beef", "the patty of this {} is made of peas", "tried a {} with vegan cheese",
         "this {} falls apart in the bun", "even meat eaters ordered the {}", "recipe for a {} with beans"),
    ),
    "beekeeping": Subject(
        25, ("bee", "hive", "honey"),
        ("beehive", "bee colony", "hive", "swarm of bees"),
        ("first honey from our {}", "the queen left with half of the {}", "mites in the {} this spring",
         "inspected the {} and got stung twice", "the {} survived the winter", "feeding sugar to the {}"),
    ),
    "chess": Subject(
        20, ("chess", "grandmaster", "checkmate", "opening"),
        ("chess game", "chess match", "game of chess", "blitz chess game"),
        ("lost a {} to a ten-year-old", "the grandmaster drew the {} with black",
         "checkmate in twelve moves, what a {}",
         "sacrificed my queen and won the {}", "a sicilian opening in every {}", "resigned the {} a rook down"),
    ),
}  # fmt: skip
"""The subjects by name: 1,225 posts."""

_BEFORE = ("", "", "", "Honestly, ", "Well, ", "Today: ", "So ", "lol ", "OMG ", "Unbelievable: ", "Hey, ")
_AFTER = ("", "", "!", "!!", " ...", " again", " 😂", " 🙈", " today", " this morning", ", what a day", " #fail",
          ", anyone else?", ", can't believe it", ", typical", " :)")  # fmt: skip


def write_planted_posts(seed: int = 0, scale: float = 1.0) -> list[tuple[str, str]]:
    """Write the posts of all `SUBJECTS` as pairs of subject and text, in random order, hardly any text twice."""
    chance = random.Random(seed)
    posts: list[tuple[str, str]] = []
    for name, subject in SUBJECTS.items():
        texts = [
            before + remark.format(thing) + after
            for thing, remark, before, after in product(subject.things, subject.remarks, _BEFORE, _AFTER)
        ]
        posts += [(name, text) for text in chance.sample(texts, round(subject.size * scale))]
    chance.shuffle(posts)
    return posts
