"""A batch as the rules read it: tokens, what the lexicon says of them, and how much their capitals tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from transforms.enrich.mentions.code_points import Bools, Hashes, Ints, join_bodies, phrase_hashes
from transforms.enrich.mentions.lexicon import Cue, Flags, Lexicon, Name, has
from transforms.enrich.mentions.tokens import Tokens, following, in_body, previous, tokenise

#: A line of so many words, of which such a share has a capital, is a headline in title case.
_HEADING_MIN_WORDS = 5
_HEADING_MIN_SHARE = 0.8
#: Function words count only from this length on: many styles print "With" and "From" in headlines.
_HEADING_WORD_CHARS = 4
#: A sentence of so many words, of which such a share is all capitals, is shouted.
_SHOUTED_MIN_WORDS = 4
_SHOUTED_MIN_SHARE = 0.6

#: Up to so many words are compared one by one, which is faster than a search.
_MAX_WORDS_TO_COMPARE = 16

_DASHES = "-\N{EN DASH}\N{EM DASH}"
_OPENING_QUOTES = (
    "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"
)
_WRAPPERS = f"{_DASHES}{_OPENING_QUOTES}\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}()[]*\N{BULLET}"


@dataclass(frozen=True, eq=False)
class Reading:
    """Tokens with the flags of their words; every array is over the n tokens."""

    tokens: Tokens
    lexicon: Lexicon
    cues: Flags

    def __len__(self) -> int:
        return len(self.tokens)

    def is_one_of(self, *words: str) -> Bools:
        """Whether the word, in any case, is one of these."""
        table = _sorted_hashes(words)
        if len(table) > _MAX_WORDS_TO_COMPARE:
            return np.isin(self.tokens.hashes, table)
        found = np.zeros(len(self), np.bool_)
        for word_hash in table:
            found |= self.tokens.hashes == word_hash
        return found

    def has(self, cue: Cue) -> Bools:
        """Whether the word, in any case, is one of these cues."""
        return has(self.cues, cue)

    @cached_property
    def names(self) -> Flags:
        """What the single word is known to name (`Name` flags); 0 for words without a capital."""
        capitalised = np.flatnonzero(self.tokens.is_capitalised)
        flags = np.zeros(len(self), np.uint64)
        flags[capitalised] = known_names(
            self.lexicon, self.tokens.hashes[capitalised], self.tokens.is_all_capitals[capitalised]
        )
        return flags

    def is_known(self, kind: Name) -> Bools:
        """Whether the single capitalised word is a known name of one of these kinds."""
        return has(self.names, kind)

    @cached_property
    def starts_sentence(self) -> Bools:
        """Stands where any word would be capitalised: first in a sentence, a line, a quotation."""
        tokens = self.tokens
        is_abbreviation = self.has(Cue.ABBREVIATION) & tokens.is_capitalised
        ends_sentence = tokens.is_mark(".!?\N{HORIZONTAL ELLIPSIS}:")
        ends_sentence &= ~(tokens.is_mark(".") & tokens.is_glued & previous(is_abbreviation))
        starts = previous(tokens.is_break | ends_sentence)

        starts |= previous(tokens.ends_in_stop & tokens.is_word) & self.has(Cue.FUNCTION | Cue.COMMON)
        starts |= previous(tokens.is_mark(_OPENING_QUOTES) & ~tokens.is_glued)
        starts |= previous(tokens.is_mark(_DASHES) & previous(tokens.is_mark(")")))
        is_wrapper = tokens.is_mark(_WRAPPERS)
        for _ in range(3):  # as in: full stop, closing quote, dash, opening quote, word
            starts |= previous(is_wrapper & starts)
        return starts

    @cached_property
    def is_shouted(self) -> Bools:
        """In a sentence of capitals only, where a capital tells nothing and even "US" may be a pronoun."""
        words = self.tokens.is_word & (self.tokens.lengths > 1)
        sentences: Ints = np.cumsum(self.starts_sentence | self.tokens.is_break, dtype=np.int64)
        return _in_parts_with(sentences, words, self.tokens.is_all_capitals, _SHOUTED_MIN_WORDS, _SHOUTED_MIN_SHARE)

    @cached_property
    def is_heading(self) -> Bools:
        """In a line where nearly every word has a capital and no full stop is at the end."""
        words = self.tokens.is_word & (
            (self.tokens.lengths >= _HEADING_WORD_CHARS) | ~self.has(Cue.FUNCTION | Cue.PARTICLE)
        )
        lines: Ints = np.cumsum(self.tokens.is_break, dtype=np.int64)
        ends_in_stop = np.zeros(lines[-1] + 1, np.bool_)
        ends_in_stop[lines[self.tokens.is_mark(".") & following(self.tokens.is_break)]] = True
        is_heading = _in_parts_with(lines, words, self.tokens.is_capitalised, _HEADING_MIN_WORDS, _HEADING_MIN_SHARE)
        return is_heading & ~ends_in_stop[lines]

    @cached_property
    def is_weak(self) -> Bools:
        """Would have its capital whether it is a name or not."""
        return self.starts_sentence | self.is_heading | self.is_shouted

    @cached_property
    def is_seen_small(self) -> Bools:
        """A capitalised word that the same article also prints without a capital."""
        return self._is_seen_in_body(self.tokens.is_word & ~self.tokens.is_capitalised)

    @cached_property
    def is_seen_capital(self) -> Bools:
        """A capitalised word that the same article prints with a capital where other words have none."""
        return self._is_seen_in_body(self.tokens.is_capitalised & ~self.is_weak)

    @cached_property
    def is_seen_in_pair(self) -> Bools:
        """A capitalised word that also stands before the same capitalised word inside a sentence of the article."""
        tokens = self.tokens
        firsts = np.flatnonzero(tokens.is_capitalised & following(tokens.is_capitalised))
        pairs = in_body(tokens.text.span_hashes(tokens.starts[firsts], tokens.ends[firsts + 1]), tokens.bodies[firsts])
        seen = np.zeros(len(self), np.bool_)
        seen[firsts] = np.isin(pairs, pairs[~self.is_weak[firsts]])
        return seen

    def _is_seen_in_body(self, evidence: Bools) -> Bools:
        """For capitalised tokens, whether the same word of the same body is among the evidence."""
        keys = self.tokens.hashes_in_body
        is_capitalised = self.tokens.is_capitalised
        vocabulary, position = np.unique(keys[is_capitalised], return_inverse=True)
        seen = np.zeros(len(self), np.bool_)
        seen[is_capitalised] = np.isin(vocabulary, keys[evidence], kind="sort")[position]
        return seen


def read(bodies: Sequence[str], lexicon: Lexicon) -> Reading:
    """Tokenise the bodies and look their words up."""
    tokens = tokenise(join_bodies(bodies))
    return Reading(tokens, lexicon, lexicon.words.look_up(tokens.hashes))


@cache
def _sorted_hashes(words: tuple[str, ...]) -> Hashes:
    """The sorted hashes of a few words."""
    return np.unique(phrase_hashes(words))


def _in_parts_with(parts: Ints, words: Bools, marked: Bools, min_words: int, min_share: float) -> Bools:
    """Tokens in the parts that have so many words and in which such a share of the words is marked."""
    word_counts = np.bincount(parts[words], minlength=parts[-1] + 1)
    marked_counts = np.bincount(parts[words & marked], minlength=parts[-1] + 1)
    return ((word_counts >= min_words) & (marked_counts >= min_share * word_counts))[parts]


def known_names(lexicon: Lexicon, hashes: Hashes, in_capitals: Bools) -> Flags:
    """What the names with these hashes are known to be, given whether they are printed in capitals."""
    flags = lexicon.names.look_up(hashes)
    return np.where(has(flags, Name.IN_CAPITALS) & ~in_capitals, np.uint64(0), flags)
