"""Finds the known names of several words: "New York", "South Korean", "World War II"."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.lexicon import SURE_NAME, Cue, Flags, Name, has
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.spans import TokenSpans
from transforms.enrich.mentions.tokens import previous

#: The longest name that is looked for, in tokens ("Organization for Security and Co-operation in Europe" has nine).
_MAX_TOKENS = 9


class Phrases(NamedTuple):
    """Known names of several tokens."""

    spans: TokenSpans
    names: Flags
    """(phrases) What each is known to name: `Name` flags."""


def find_phrases(reading: Reading) -> Phrases:
    """The longest known name at every token that can open one; of two that overlap the earlier stays."""
    tokens = reading.tokens
    can_open = tokens.is_capitalised | tokens.is_number | reading.has(Cue.PARTICLE)
    opens = np.flatnonzero(can_open)
    opens = opens[np.isin(tokens.hashes[opens], reading.lexicon.phrase_openings)]

    lasts = opens.copy()
    names = np.zeros(len(opens), np.uint64)
    capital_counts = np.cumsum(tokens.is_capitalised)
    for length in range(2, _MAX_TOKENS + 1):
        ends = opens + length - 1
        flags = reading.lexicon.names.look_up(tokens.text.span_hashes(tokens.starts[opens], tokens.ends[ends]))
        has_capital = capital_counts[ends] - capital_counts[opens] + tokens.is_capitalised[opens] > 0
        is_name = has(flags, SURE_NAME | Name.CITY) & has_capital
        lasts[is_name], names[is_name] = ends[is_name], flags[is_name]

    found = lasts > opens
    spans, names = TokenSpans(opens[found], lasts[found]), names[found]
    is_free = spans.firsts > previous(np.maximum.accumulate(spans.lasts))
    return Phrases(spans.where(is_free), names[is_free])
