"""Which tokens may be part of a name, in runs of neighbours, and what kind of sentence they stand in.

Only these tokens are labelled: capitalised words, small words and marks between them ("Bank of England"), particles
before them ("al-Sisi"), and small-letter words that newspapers nearly always capitalise ("sweden" in a chat). That is
a quarter of the tokens of a newspaper, and the reason why the rest of the engine is fast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.characters import DIGIT, FIRST_WORD_CLASS, MARK
from transforms.enrich.mentions.crf.hashing import Bools, HashSet, Ints
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.tokenise import Tokens

_LONGEST_JOINER_BYTES = 6
_JOINERS = HashSet(
    "of the and for de del della di da do dos das du des la le les el al von van der den bin ibn bint ben y e "
    "und zu on in at to a 's ’s - ' . & , / – ’ : + as with is"
)
_PARTICLES = HashSet("al el bin ibn de van von der den la le di da du ben abu del dos")
_HYPHEN = HashSet("-")
_CLOSING_QUOTES = HashSet("\" “ ” ‘ ’ ' « » )")
_SENTENCE_ENDS = HashSet(". ? ! … :")
#: Their full stop ends no sentence.
_ABBREVIATIONS = HashSet(
    "mr mrs ms dr prof gov sen rep gen col lt sgt capt st vs no jan feb mar apr jun jul aug sept sep oct nov "
    "dec hon rev fr messrs adm maj mt ft dept univ"
)

#: Kinds of sentences. A headline in capitals says nothing by its capitals.
MIXED_CASE, TITLE_CASE, CAPITALS, SMALL = range(4)
#: The shortest sentence that can be of another kind than MIXED_CASE, in words.
_FEWEST_WORDS = 4
#: Words of this length are capitalised in titles; shorter ones ("of", "and") need not be.
_TITLE_WORD_BYTES = 5

#: A longer run is cut: text in capitals would else be one run.
_LONGEST_RUN = 96


class Runs(NamedTuple):
    """The candidate tokens of a batch, as runs of neighbours in the order of the text."""

    tokens: Ints
    """(candidates) Their numbers among all tokens."""
    starts: Ints
    """(runs) The first candidate of each run, as an index into `tokens`."""
    lengths: Ints
    """(runs) Candidates."""
    opens_sentence: Bools
    """(tokens) The first tokens of sentences."""
    sentence_kinds: np.ndarray
    """(tokens) The kind of sentence that a token is in."""


def find_runs(tokens: Tokens, lexicon: Lexicon) -> Runs:
    """The runs of tokens that may be part of names."""
    opens_sentence = sentence_starts(tokens)
    candidates = np.flatnonzero(_may_be_in_name(tokens, lexicon))
    if not len(candidates):
        nothing = np.zeros(0, np.int64)
        return Runs(candidates, nothing, nothing, opens_sentence, np.zeros(len(tokens), np.int8))
    opens = np.ones(len(candidates), np.bool_)
    opens[1:] = np.diff(candidates) != 1
    first_of_run = np.maximum.accumulate(np.where(opens, np.arange(len(candidates)), 0))
    opens |= (np.arange(len(candidates)) - first_of_run) % _LONGEST_RUN == 0
    starts = np.flatnonzero(opens)
    lengths = np.diff(starts, append=len(candidates))
    return Runs(candidates, starts, lengths, opens_sentence, sentence_kinds(tokens, opens_sentence))


def _shifted(flags: Bools, offset: int) -> Bools:
    """The flag of the token so many places behind (or, negative, before); false beyond the ends."""
    shifted = np.zeros_like(flags)
    if offset > 0:
        shifted[:-offset] = flags[offset:]
    else:
        shifted[-offset:] = flags[:offset]
    return shifted


def _may_be_in_name(tokens: Tokens, lexicon: Lexicon) -> Bools:
    is_capitalised = tokens.is_capitalised
    is_digit = tokens.classes == DIGIT
    before, behind = _shifted(is_capitalised, -1), _shifted(is_capitalised, 1)
    strong = is_capitalised | (is_digit & (before | behind))
    small = np.flatnonzero(~is_capitalised & (tokens.classes >= FIRST_WORD_CLASS) & ~is_digit)
    strong[small[lexicon.is_usually_capitalised(tokens.folded[small])]] = True

    near = _shifted(strong, -1) | _shifted(strong, 1) | _shifted(strong, -2) | _shifted(strong, 2)
    short = np.flatnonzero(~strong & near & ~is_digit & (tokens.lengths <= _LONGEST_JOINER_BYTES))
    joins, is_particle, is_hyphen = (np.zeros(len(tokens), np.bool_) for _ in range(3))
    joins[short] = _JOINERS.contains(tokens.hashes[short])
    is_particle[short] = _PARTICLES.contains(tokens.hashes[short])
    is_hyphen[short] = _HYPHEN.contains(tokens.hashes[short])

    may_be = strong.copy()
    may_be |= joins & _shifted(strong, -1) & _shifted(strong, 1)
    may_be |= joins & _shifted(joins, 1) & _shifted(strong, -1) & _shifted(strong, 2)
    may_be |= joins & _shifted(joins, -1) & _shifted(strong, -2) & _shifted(strong, 1)
    may_be |= is_particle & (behind | (_shifted(is_hyphen, 1) & _shifted(is_capitalised, 2)))
    may_be |= is_hyphen & _shifted(is_particle, -1) & behind
    # The small-letter end of a hyphenated name: "Sanwo-olu", "US-led", "Covid-19".
    hyphens = np.flatnonzero(is_hyphen & before)
    hyphens = hyphens[tokens.is_glued(hyphens) & tokens.is_glued(hyphens + 1) & ~tokens.is_break[hyphens + 1]]
    may_be[hyphens] = may_be[hyphens + 1] = True
    result: Bools = may_be & ~tokens.is_break
    return result


def sentence_starts(tokens: Tokens) -> Bools:
    """The first tokens of sentences and paragraphs, by punctuation alone: `transforms.sentences` needs whole text."""
    marks = np.flatnonzero(tokens.classes == MARK)
    ends, closes = np.zeros(len(tokens), np.bool_), np.zeros(len(tokens), np.bool_)
    ends[marks] = _SENTENCE_ENDS.contains(tokens.hashes[marks])
    closes[marks] = _CLOSING_QUOTES.contains(tokens.hashes[marks])
    stops = np.flatnonzero(ends)
    is_abbreviated = tokens.is_capitalised[stops - 1] & _ABBREVIATIONS.contains(tokens.folded[stops - 1])
    ends[stops[is_abbreviated]] = False
    starts = (_shifted(ends, -1) | (_shifted(ends, -2) & _shifted(closes, -1))) & ~ends & ~closes
    return starts | _shifted(tokens.is_break, -1) | (_shifted(tokens.is_break, -2) & _shifted(closes, -1))


def sentence_kinds(tokens: Tokens, opens_sentence: Bools) -> np.ndarray:
    """(tokens) Whether capitals mean names in the sentence that each token is in."""
    numbers = np.cumsum(opens_sentence)
    is_word = (tokens.classes >= FIRST_WORD_CLASS) & (tokens.classes != DIGIT)
    is_small = is_word & ~tokens.is_capitalised
    is_capitals = is_word & (tokens.upper_counts == tokens.lengths) & (tokens.lengths > 1)
    words, capitalised, small_long, capitals = (
        np.bincount(numbers[flags], minlength=numbers[-1] + 1)
        for flags in (
            is_word,
            is_word & tokens.is_capitalised,
            is_small & (tokens.lengths >= _TITLE_WORD_BYTES),
            is_capitals,
        )
    )
    long_enough = words >= _FEWEST_WORDS
    kinds = np.select(
        [
            long_enough & (capitals * 4 >= words * 3),
            long_enough & (small_long == 0) & (capitalised * 2 > words),
            long_enough & (capitalised == 0),
        ],
        [CAPITALS, TITLE_CASE, SMALL],
        MIXED_CASE,
    )
    return kinds.astype(np.int8)[numbers]
