"""Groups unusual times into events: those of the same posts, and those that no smaller event explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.comparison.peak_events import Event, HitPosts, are_at_same_time, get_series, is_same_event
from analysis.comparison.peak_hits import MORE, NEGATIVE, Hit
from analysis.comparison.peak_names import LARGEST_PART
from analysis.query.peaks import Z_LIMIT
from analysis.query.value_hours import ALL_POSTS, WORDS

_REST = 0.45
"""Share of the unusual posts of a test that must be left without other events for it to be an event of its own."""


def group_hits(found: Sequence[HitPosts], step: int) -> list[Event]:
    """Group tests into events, and sort these by their strongest tests.

    Args:
        found: The tests with their posts, by z-score.
        step: 1 of so many posts is in `found`.
    """
    parts = [each for each in found if each.hit.column != ALL_POSTS]
    events = [Event([each]) for each in sorted(parts, key=lambda each: each.hit.column in ("emoji", WORDS))]
    before = -1
    while len(events) != before:  # again, as an event may have got a name that shows it is part of another
        before, grouped = len(events), list[Event]()
        for event in events:
            place = next((n for n, each in enumerate(grouped) if is_same_event(each, event, step)), None)
            if place is None:
                grouped.append(event)
            else:
                grouped[place] = Event([*grouped[place].members, *event.members])
        events = grouped
    events = _join_hashtags_of_words(events)
    events = _join_explained(sorted(events, key=lambda each: -each.members[0].hit.z))
    for each in found:
        if each.hit.column == ALL_POSTS:
            events = _add_all_posts(events, each)
    return sorted(events, key=lambda each: -each.members[0].hit.z)


def _join_hashtags_of_words(events: Sequence[Event]) -> list[Event]:
    """Join the event of a hashtag such as #harrowpine to those of its words, harrow and pine, at the same time."""
    for event in events:
        others = _find_words_of_hashtag(event, events)
        if others:
            members = [member for each in (event, *others) for member in each.members]
            rest = [each for each in events if each is not event and each not in others]
            return _join_hashtags_of_words([*rest, Event(members)])
    return list(events)


def _find_words_of_hashtag(event: Event, events: Sequence[Event]) -> list[Event]:
    """Find the other events that are named by one of the two words of a hashtag, if both are unusual."""
    tag = event.name.hit
    if tag.column != "hashtags":
        return []
    _, letters = get_series(tag)
    of_words = {
        get_series(member.hit)[1]: each
        for each in events
        for member in each.members
        if member.hit.column == WORDS and are_at_same_time(tag, member.hit)
    }
    places = [
        place
        for place in range(1, len(letters))
        if letters[:place] in of_words and letters[place:] in of_words
    ]
    found = [of_words[part] for place in places for part in (letters[:place], letters[place:])]
    return [each for each in dict.fromkeys(found) if each is not event and each.name.hit.column == WORDS]


def _join_explained(events: Sequence[Event]) -> list[Event]:
    """Join events to stronger ones that explain them, as those of two stores explain that of a platform."""
    kept: list[Event] = []
    for event in events:
        name = event.name
        reasons = [
            number
            for number, each in enumerate(kept)
            if are_at_same_time(name.hit, each.name.hit) and each.name.hit.part <= LARGEST_PART
        ]
        if not reasons or _is_rest_unusual(name, [kept[number].name for number in reasons]):
            kept.append(event)
        else:
            reason = max(reasons, key=lambda number: kept[number].name.hit.count_unusual())
            kept[reason] = Event([*kept[reason].members, *event.members])
    return kept


def _add_all_posts(events: Sequence[Event], whole: HitPosts) -> list[Event]:
    """Add a test of all posts: as an event with those that it explains, or to one that explains it."""
    at_time = [each for each in events if are_at_same_time(whole.hit, each.name.hit)]
    of_all = [each for each in at_time if each.is_of_all]
    if of_all:
        return [
            Event([*each.members, whole], is_of_all=True) if each is of_all[0] else each for each in events
        ]
    explained = [each for each in at_time if each.name.hit.is_explained and each.members[0].hit.is_explained]
    reasons = [each for each in at_time if each not in explained]
    if not reasons or _is_rest_unusual(whole, [each.name for each in reasons]):
        members = [member for each in explained for member in each.members]
        others = [each for each in events if each not in explained]
        return [*others, Event([whole, *members], is_of_all=True)]
    reason = max(reasons, key=lambda each: each.name.hit.count_unusual())
    return [Event([*each.members, whole]) if each is reason else each for each in events]


def _is_rest_unusual(whole: HitPosts, reasons: Sequence[HitPosts]) -> bool:
    """Return whether a test is still unusual without the posts of some series, of which it has an even part."""
    hit = whole.hit
    is_left = ~np.isin(whole.positions, np.concatenate([each.positions for each in reasons]))
    scale = hit.posts / max(len(whole.positions), 1)
    posts = scale * is_left.sum()
    if hit.kind == NEGATIVE:
        negative = scale * np.isin(whole.positions[is_left], whole.negative).sum()
        unusual = negative - hit.usual_share * posts
        variance = hit.usual_share * (1 - hit.usual_share) * posts
    else:
        variance = hit.usual * float(np.prod([1 - _find_part(hit, each.hit) for each in reasons]))
        unusual = posts - variance if hit.kind == MORE else variance - posts
    return bool(unusual >= max(_REST * hit.count_unusual(), Z_LIMIT * variance**0.5))


def _find_part(hit: Hit, reason: Hit) -> float:
    """Return the part that a series is expected to have of the posts of a test."""
    (first, end), (start, stop) = hit.get_hours(), reason.get_hours()
    if start <= first and end <= stop:
        return min(reason.part, 1)
    shared = max(min(end, stop) - max(first, start), 0) / reason.count_hours()
    return min(reason.usual * shared * hit.part / max(hit.usual, 1e-9), 1)
