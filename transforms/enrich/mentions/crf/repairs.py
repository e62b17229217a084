"""Corrections to what the model found, where a list knows better: few, and each of a kind that is always wrong.

- "Azerbaijan-China" in "Azerbaijan-China relations" is two places, not one.
- A person's name does not end in the title of somebody: "Azerbaijani Ambassador" names a people, "Ambassador" nobody.
"""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.crf.features import Window
from transforms.enrich.mentions.crf.hashing import Bools, HashSet, Ints
from transforms.enrich.mentions.crf.labels import TYPES, Spans
from transforms.enrich.mentions.crf.lexicon import Cue

_PERSON, _PLACE, _OTHER = (TYPES.index(name) for name in ("PERSON", "PLACE", "OTHER"))
_SURELY_PLACE = int(Cue.COUNTRY | Cue.CITY | Cue.REGION)
#: Titles that are nobody's name, as "Player" or "King" may be.
_TITLES = HashSet(
    "ambassador president minister premier chairman chairwoman spokesman spokeswoman spokesperson secretary senator "
    "congressman congresswoman governor professor director commissioner prime vice deputy"
)
_HYPHENS = HashSet("- – —")
#: Titles in a row at the end of a name, at most ("Deputy Prime Minister").
_MOST_TITLES = 3


def repaired(spans: Spans, window: Window) -> tuple[Spans, Ints]:
    """The spans of candidates after all corrections, and for each the number of the span that it comes from."""
    spans, origins = _without_titles(spans, window)
    spans, parts = _apart(spans, window)
    return spans, origins[parts]


def _without_titles(spans: Spans, window: Window) -> tuple[Spans, Ints]:
    """Persons without the titles at their ends; peoples are left as OTHER, and what was titles only is dropped."""
    cues = window.at(window.cues)
    firsts, lasts, types = spans
    is_title = _TITLES.contains(window.at(window.tokens.folded))
    is_person = types == _PERSON
    shorter = lasts.copy()
    for _ in range(_MOST_TITLES):
        shorter -= is_person & (shorter >= firsts) & is_title[shorter]
    people = np.concatenate([[0], np.cumsum(cues & Cue.PEOPLE > 0)])
    only_people = people[shorter + 1] - people[firsts] == shorter + 1 - firsts
    types = np.where((shorter < lasts) & only_people, _OTHER, types)
    kept = np.flatnonzero(shorter >= firsts)
    return Spans(firsts[kept], shorter[kept], types[kept]), kept


def _apart(spans: Spans, window: Window) -> tuple[Spans, Ints]:
    """Pairs of places with a hyphen between them as two places each."""
    firsts, lasts, types = spans
    is_pair: Bools = (types == _PLACE) & (lasts - firsts == 2)  # ruff: ignore[magic-value-comparison] - place, hyphen, place
    at = np.flatnonzero(is_pair)
    cues, hashes = window.at(window.cues), window.at(window.tokens.hashes)
    is_pair[at] = (
        _HYPHENS.contains(hashes[firsts[at] + 1])
        & (cues[firsts[at]] & _SURELY_PLACE > 0)
        & (cues[lasts[at]] & _SURELY_PLACE > 0)
    )
    parts = np.repeat(np.arange(len(firsts)), 1 + is_pair)
    opens = np.diff(parts, prepend=-1) > 0
    is_second, is_first_of_two = ~opens, np.append(~opens[1:], False)
    return (
        Spans(
            np.where(is_second, lasts[parts], firsts[parts]),
            np.where(is_first_of_two, firsts[parts], lasts[parts]),
            types[parts],
        ),
        parts,
    )
