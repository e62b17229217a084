"""Candidate names and what can be asked about them and the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transforms.enrich.mentions.code_points import Bools, Hashes, Ints, phrase_hashes
from transforms.enrich.mentions.lexicon import Cue, Flags, Name, has
from transforms.enrich.mentions.reading import Reading, known_names
from transforms.enrich.mentions.spans import TokenSpans
from transforms.enrich.mentions.tokens import previous

#: "PiS", "NiMo": longer words with two capitals are names such as "McDonald".
_MAX_MIXED_ACRONYM_CHARS = 5
#: Endings are asked of words that have something before them.
_MIN_ENDING_WORD_CHARS = 6


@dataclass(frozen=True, eq=False)
class TokensAt:
    """One token for every candidate, such as the one before it."""

    reading: Reading
    positions: Ints

    def has(self, cue: Cue) -> Bools:
        """Whether the word is one of these cues."""
        return has(self.reading.cues[self.positions], cue)

    def has_small(self, cue: Cue) -> Bools:
        """Whether the word is one of these cues and has no capital."""
        return self.has(cue) & ~self.reading.tokens.is_capitalised[self.positions]

    def is_one_of(self, *words: str) -> Bools:
        """Whether the word, in any case, is one of these."""
        return self.reading.is_one_of(*words)[self.positions]

    def is_mark(self, marks: str) -> Bools:
        """Whether it is one of these punctuation marks."""
        return self.reading.tokens.is_mark(marks)[self.positions]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidate names, as arrays over the m candidates; the margins around bodies allow looking outside."""

    reading: Reading
    spans: TokenSpans

    def __len__(self) -> int:
        return len(self.spans.firsts)

    @property
    def firsts(self) -> Ints:
        """Index of the first token."""
        return self.spans.firsts

    @property
    def lasts(self) -> Ints:
        """Index of the last token."""
        return self.spans.lasts

    @cached_property
    def first(self) -> TokensAt:
        """The first tokens."""
        return TokensAt(self.reading, self.firsts)

    @cached_property
    def last(self) -> TokensAt:
        """The last tokens."""
        return TokensAt(self.reading, self.lasts)

    @cached_property
    def before(self) -> TokensAt:
        """The tokens before the names."""
        return TokensAt(self.reading, self.firsts - 1)

    @cached_property
    def behind(self) -> TokensAt:
        """The tokens behind the names."""
        return TokensAt(self.reading, self.lasts + 1)

    @cached_property
    def is_multi(self) -> Bools:
        """Has several words."""
        return ~self.has_words(1, 1)

    @cached_property
    def hashes(self) -> Hashes:
        """Hash of the whole name."""
        tokens = self.reading.tokens
        return tokens.text.span_hashes(tokens.starts[self.firsts], tokens.ends[self.lasts])

    @cached_property
    def names(self) -> Flags:
        """What the whole name is known to be (`Name` flags)."""
        in_capitals = self.reading.tokens.is_all_capitals[self.firsts]
        return known_names(self.reading.lexicon, self.hashes, in_capitals)

    @cached_property
    def is_acronym(self) -> Bools:
        """One word in capitals."""
        return ~self.is_multi & self.reading.tokens.is_all_capitals[self.firsts]

    @cached_property
    def is_mixed_acronym(self) -> Bools:
        """A short word with capitals inside."""
        tokens = self.reading.tokens
        is_mixed = (tokens.upper_counts > 1) & ~tokens.is_all_capitals & (tokens.lengths <= _MAX_MIXED_ACRONYM_CHARS)
        return is_mixed[self.firsts] & ~self.is_multi

    @cached_property
    def cues_before_of(self) -> Flags:
        """Cues of the word before the first "of", "for" or "on" inside the name; 0 without one."""
        is_of = self.reading.is_one_of("of", "for", "on")
        positions = np.append(np.flatnonzero(is_of), len(self.reading) - 1)
        position = positions[np.searchsorted(positions, self.firsts)]
        return np.where(position < self.lasts, self.reading.cues[position - 1], np.uint64(0))

    @cached_property
    def has_of(self) -> Bools:
        """Has "of", "for" or "on" inside."""
        return self.has_any(self.reading.is_one_of("of", "for", "on")) & self.is_multi

    @cached_property
    def follows_title(self) -> Bools:
        """Behind a title or a role: "President X", "Sen. X", "spokesman X"."""
        tokens = self.reading.tokens
        is_title = self.reading.has(Cue.TITLE) & tokens.is_capitalised | self.reading.has(Cue.ROLE)
        is_stop = tokens.is_mark(".") & tokens.is_glued & previous(self.reading.has(Cue.ABBREVIATION))
        return (is_title | is_stop & previous(is_title))[self.firsts - 1]

    def is_known(self, kind: Name) -> Bools:
        """Whether the whole name is known as one of these kinds."""
        return has(self.names, kind)

    def has_any(self, marked: Bools) -> Bools:
        """Whether any token of the name is marked."""
        counts = np.cumsum(marked)
        return counts[self.lasts] > counts[self.firsts] - marked[self.firsts]

    def has_words(self, fewest: int, most: int) -> Bools:
        """Whether the name has so many words; what a hyphen joins is one."""
        has_words: Bools = (self._word_counts >= fewest) & (self._word_counts <= most)
        return has_words

    def ends_with(self, endings: Sequence[str]) -> Bools:
        """Whether the last word, a long one, has one of these endings."""
        tokens = self.reading.tokens
        ends = tokens.ends[self.lasts]
        found = np.zeros(len(self), np.bool_)
        for ending in endings:
            found |= tokens.text.span_hashes(ends - len(ending), ends) == phrase_hashes([ending])
        return found & (tokens.lengths[self.lasts] >= _MIN_ENDING_WORD_CHARS)

    @cached_property
    def _word_counts(self) -> Ints:
        opened: Ints = np.cumsum(~self.reading.tokens.is_glued, dtype=np.int64)
        word_counts: Ints = opened[self.lasts] - opened[self.firsts] + 1
        return word_counts
