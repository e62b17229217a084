"""Finds names of several words that show as a whole: known ones ("New York", "World War II") and quoted titles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.lexicon import SURE_NAME, Cue, Flags, Name, has
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.spans import TokenSpans
from transforms.enrich.mentions.tokens import previous

#: The longest name that is looked for, in tokens ("Organization for Security and Co-operation in Europe" has nine).
_MAX_TOKENS = 9


#: A quoted title has so many words, all capitalised but the function words.
_MIN_TITLE_WORDS = 3
_MAX_TITLE_WORDS = 12
#: Single quotes are left out: most of them are apostrophes.
_QUOTES = '"\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}'


class Phrases(NamedTuple):
    """Names of several tokens."""

    spans: TokenSpans
    names: Flags
    """(phrases) What each is known to name: `Name` flags; 0 for quoted titles."""


def find_phrases(reading: Reading) -> Phrases:
    """Known names and quoted titles; of two that overlap the earlier stays, of two that open together the longer."""
    known, titles = _find_known(reading), _find_quoted_titles(reading)
    firsts = np.concatenate([known.spans.firsts, titles.firsts])
    lasts = np.concatenate([known.spans.lasts, titles.lasts])
    names = np.concatenate([known.names, np.zeros(len(titles.firsts), np.uint64)])
    order = np.lexsort((-lasts, firsts))
    spans, names = TokenSpans(firsts[order], lasts[order]), names[order]
    is_free = spans.firsts > previous(np.maximum.accumulate(spans.lasts))
    return Phrases(spans.where(is_free), names[is_free])


def _find_quoted_titles(reading: Reading) -> TokenSpans:
    """Quoted words that all have a capital but for function words: "The Old Man and the Sea"."""
    tokens = reading.tokens
    quotes = np.flatnonzero(tokens.is_mark(_QUOTES))
    firsts, lasts = quotes[:-1] + 1, quotes[1:] - 1
    fits = tokens.is_word & (tokens.is_capitalised | reading.has(Cue.FUNCTION))
    misfit_counts = np.cumsum(~fits)
    length = lasts - firsts + 1
    is_title = (length >= _MIN_TITLE_WORDS) & (length <= _MAX_TITLE_WORDS)
    firsts, lasts = firsts[is_title], lasts[is_title]
    is_title = fits[firsts] & (misfit_counts[lasts] == misfit_counts[firsts])
    # A quotation of two sentences' ends ("…" He said "…") does not begin right behind the mark.
    is_title &= tokens.is_glued[firsts] & tokens.is_capitalised[firsts] & tokens.is_capitalised[lasts]
    return TokenSpans(firsts[is_title], lasts[is_title])


def _find_known(reading: Reading) -> Phrases:
    """The longest known name at every token that can open one."""
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
    return Phrases(TokenSpans(opens[found], lasts[found]), names[found])
