"""The features of the candidate tokens: what the model may look at.

A feature is a template ("the word before") and a value (the hash of that word). Both together are hashed to a row of
the weight table, so no dictionary of features is needed and an unseen one costs nothing. To add a feature, yield one
more `Feature` here and train again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.candidates import Runs
from transforms.enrich.mentions.crf.characters import DIGIT, LOWER, MARK, NEWLINE
from transforms.enrich.mentions.crf.hashing import LOW_BYTES, Bools, Bytes, Ints, extend_phrase, mix, pair
from transforms.enrich.mentions.crf.lexicon import (
    CASE_MASK,
    CASE_SHIFT,
    CLUSTER_MASKS,
    CLUSTER_SHIFTS,
    CUE_MASK,
    FREQUENCY_MASK,
    FREQUENCY_SHIFT,
    Cue,
    Lexicon,
)
from transforms.enrich.mentions.crf.tokenise import Tokens

_LONGEST_PHRASE = 6
_SHAPE_BITS = 4
_STOP = ord(".")
_SUFFIX_BYTES = 3
#: Numbers of up to so many digits may be days; of four, years. Words in capitals of up to four letters are acronyms.
_DAY_DIGITS, _YEAR_DIGITS, _ACRONYM_LETTERS = 2, 4, 4


class Feature(NamedTuple):
    """One template, for all n candidates."""

    template: str
    values: npt.NDArray[np.uint64] | npt.NDArray[np.int64]
    """(n) What it is."""
    present: Bools | None = None
    """(n) Which candidates have it; None where all have."""


def rows(feature: Feature, bits: int) -> Ints:
    """(n) The row of a weight table of 2**bits rows that each value belongs to; row 0 stands for "absent"."""
    hashes = feature.values.view(np.uint64) ^ _salt(feature.template)
    hashes = mix(hashes)
    hashes >>= np.uint64(64 - bits)
    at: Ints = hashes.view(np.int64)
    if feature.present is not None:
        at *= feature.present
    return at


@cache
def _salt(template: str) -> np.uint64:
    """A number that makes equal values of different templates different."""
    return np.uint64(zlib.crc32(template.encode()) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)


class Window:
    """A batch as features see it: arrays over all tokens, read at the candidates or beside them.

    The arrays are as narrow as their values allow, since a batch has many tokens; what is read of them is not.
    """

    def __init__(self, tokens: Tokens, runs: Runs, lexicon: Lexicon) -> None:
        self.tokens, self.runs, self.lexicon = tokens, runs, lexicon
        words = lexicon.words.values(tokens.folded)
        self.cues = (words & CUE_MASK).astype(np.uint16)
        self.frequencies = (words >> FREQUENCY_SHIFT & FREQUENCY_MASK).astype(np.uint8)
        self.cases = (words >> CASE_SHIFT & CASE_MASK).astype(np.uint8)
        clusters = lexicon.clusters.values(tokens.hashes)
        self.coarse, self.middle, self.fine = (
            (clusters >> shift & mask).astype(np.uint16)
            for shift, mask in zip(CLUSTER_SHIFTS, CLUSTER_MASKS, strict=True)
        )
        self.shapes = _shapes(tokens)
        self.opens_sentence = runs.opens_sentence

    def at(self, values: np.ndarray, offset: int = 0) -> np.ndarray:
        """(n) The value of the token so many places behind (or, negative, before) each candidate."""
        return read(values, self.runs.tokens + offset if offset else self.runs.tokens)


def read(values: np.ndarray, tokens: Ints) -> np.ndarray:
    """The values of some tokens: hashes as they are, numbers as integers with room for others beside them."""
    found = values[tokens]
    return found if found.dtype == np.uint64 else found.astype(np.int64, copy=False)


def features(window: Window) -> Iterator[Feature]:
    """Every feature of every candidate, template by template."""
    yield from _words(window)
    yield from _spelling(window)
    yield from _case(window)
    yield from _gazetteer(window)
    yield from _phrases(window)
    yield from _clusters(window)
    yield from _run(window)


def _words(window: Window) -> Iterator[Feature]:
    at, folded = window.at, window.tokens.folded
    word, before, behind = at(folded), at(folded, -1), at(folded, 1)
    before_2, behind_2 = at(folded, -2), at(folded, 2)
    yield Feature("word", word)
    yield Feature("word as printed", at(window.tokens.hashes))
    yield Feature("word -1", before)
    yield Feature("word +1", behind)
    yield Feature("word -2", before_2)
    yield Feature("word +2", behind_2)
    yield Feature("word -3", at(folded, -3))
    yield Feature("word +3", at(folded, 3))
    yield Feature("words -1 0", pair(before, word))
    yield Feature("words 0 +1", pair(word, behind))
    yield Feature("words -1 +1", pair(before, behind))
    yield Feature("words -2 -1", pair(before_2, before))
    yield Feature("words +1 +2", pair(behind, behind_2))
    shape = at(window.shapes).astype(np.uint64)
    yield Feature("word -1, shape", pair(before, shape))
    yield Feature("word +1, shape", pair(behind, shape))


def _spelling(window: Window) -> Iterator[Feature]:
    tokens, at = window.tokens, window.at
    start, end, length = at(tokens.starts), at(tokens.ends), at(tokens.lengths)
    prefix, suffix = tokens.lower_chunks[start], tokens.lower_chunks[end - 8]
    for count in (2, 3, 4):
        yield Feature(f"first {count} letters", prefix & LOW_BYTES[count], length > count)
    for count in (1, 2, 3, 4):
        yield Feature(f"last {count} letters", suffix >> np.uint64(64 - 8 * count), length > count)
    for offset in (-1, 1):
        suffix = tokens.lower_chunks[at(tokens.ends, offset) - 8] >> np.uint64(64 - 8 * _SUFFIX_BYTES)
        yield Feature(f"last letters of {offset:+}", suffix, at(tokens.lengths, offset) > _SUFFIX_BYTES)


def _shapes(tokens: Tokens) -> Bytes:
    """(tokens) What a token looks like, as a number below 16."""
    classes, length, upper = tokens.classes, tokens.lengths, tokens.upper_counts
    capitalised = upper > 0
    all_capitals = (upper == length) & (length > 1)
    is_digit = classes == DIGIT
    ends_in_stop = tokens.text.buffer[tokens.ends - 1] == _STOP
    return np.select(
        [
            is_digit & capitalised, is_digit & (length <= _DAY_DIGITS), is_digit & (length == _YEAR_DIGITS), is_digit,
            capitalised & ends_in_stop, capitalised & (length == 1), all_capitals & (length <= _ACRONYM_LETTERS),
            all_capitals, upper > 1, capitalised, classes == LOWER, classes == NEWLINE, classes == MARK,
        ],
        np.array([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 13, 1], np.uint8)[:, None],
        np.uint8(0),
    )  # fmt: skip


def _case(window: Window) -> Iterator[Feature]:
    at, shapes, tokens = window.at, window.shapes, window.tokens
    opens = at(window.opens_sentence)
    shape, before, behind = at(shapes), at(shapes, -1), at(shapes, 1)
    before_2, behind_2 = at(shapes, -2), at(shapes, 2)
    kind = at(window.runs.sentence_kinds).astype(np.int64)
    yield Feature("shape", (shape << 1 | opens) << 2 | kind)
    yield Feature("shapes -1 0", _join(shape, before))
    yield Feature("shapes 0 +1", _join(shape, behind))
    yield Feature("shapes -1 0 +1", _join(before, shape, behind) << 3 | opens << 2 | kind)
    yield Feature("shapes -2 -1 0 +1", _join(before_2, before, shape, behind))
    yield Feature("shapes -1 0 +1 +2", _join(before, shape, behind, behind_2))
    figures = at(window.frequencies) << 3 | at(window.cases)
    yield Feature("frequency and case", (figures << 1 | opens) << 4 | shape)
    yield Feature("case, sentence", at(window.cases) << 3 | opens << 2 | kind)
    yield Feature("cases 0 +1", (at(window.cases) << 3 | at(window.cases, 1)) << 1 | opens)
    glued = tokens.is_glued(window.runs.tokens).astype(np.int64) << 1 | tokens.is_glued(window.runs.tokens + 1)
    yield Feature("glued", glued << 4 | shape)


def _join(*shapes: Ints) -> Ints:
    """Shapes as one number."""
    joined = shapes[0]
    for shape in shapes[1:]:
        joined = joined << _SHAPE_BITS | shape
    return joined


def _gazetteer(window: Window) -> Iterator[Feature]:
    at, cues = window.at, window.cues
    opens, shape = at(window.opens_sentence), at(window.shapes)
    here, before, behind = at(cues), at(cues, -1), at(cues, 1)
    before_2, behind_2 = at(cues, -2), at(cues, 2)
    yield Feature("cues", here << 4 | shape)
    yield Feature("cues -1", before, before > 0)
    yield Feature("cues +1", behind, behind > 0)
    yield Feature("cues -2", before_2, before_2 > 0)
    yield Feature("cues +2", behind_2, behind_2 > 0)
    yield Feature("cues 0 +1", here << 16 | behind)
    yield Feature("cues -1 0", before << 16 | here)
    yield Feature("cues -1, shape", (before << 1 | opens) << 4 | shape)
    for cue in Cue:
        yield Feature(f"is {cue.name}", opens, here & cue > 0)


def _phrases(window: Window) -> Iterator[Feature]:
    """Whether the token is in a name of several words that the gazetteer lists: the longest counts."""
    tokens, runs = window.tokens, window.runs
    firsts = runs.tokens[tokens.is_capitalised[runs.tokens]]
    found = np.zeros(len(tokens) + _LONGEST_PHRASE, np.int64)
    phrase = mix(tokens.folded[firsts])
    for length in range(2, _LONGEST_PHRASE + 1):
        inside = np.minimum(firsts + length - 1, len(tokens) - 1)
        phrase = extend_phrase(phrase, tokens.folded[inside])
        cues = window.lexicon.phrase_cues(phrase).astype(np.int64)
        hits = np.flatnonzero(cues)
        for step in range(length):
            found[firsts[hits] + step] = cues[hits] << 2 | (1 if step == 0 else 2 if step < length - 1 else 3)
    here = found[runs.tokens]
    yield Feature("phrase", here, here > 0)
    yield Feature("phrase, shape", here << 4 | window.at(window.shapes), here > 0)


def _clusters(window: Window) -> Iterator[Feature]:
    at, coarse, middle, fine = window.at, window.coarse, window.middle, window.fine
    here, before, behind = at(coarse), at(coarse, -1), at(coarse, 1)
    middle_here, middle_before, middle_behind = at(middle), at(middle, -1), at(middle, 1)
    yield Feature("coarse cluster", here, here > 0)
    yield Feature("middle cluster", middle_here, middle_here > 0)
    for offset in (0, -1, 1):
        cluster = at(fine, offset)
        yield Feature(f"fine cluster {offset:+}", cluster, cluster > 0)
    for offset in (-2, -1, 1, 2):
        cluster = at(middle, offset)
        yield Feature(f"middle cluster {offset:+}", cluster, cluster > 0)
    yield Feature("coarse clusters -1 0", before << 7 | here)
    yield Feature("coarse clusters 0 +1", here << 7 | behind)
    yield Feature("coarse clusters -1 0 +1", (before << 7 | here) << 7 | behind)
    yield Feature("middle clusters -1 0", middle_before << 10 | middle_here, (middle_before > 0) & (middle_here > 0))
    yield Feature("middle clusters 0 +1", middle_here << 10 | middle_behind, (middle_here > 0) & (middle_behind > 0))
    yield Feature("coarse cluster, shape", here << 4 | at(window.shapes), here > 0)


def _run(window: Window) -> Iterator[Feature]:
    """Where in its run a token is, and what is at the run's ends."""
    runs, folded = window.runs, window.tokens.folded
    first = np.repeat(runs.starts, runs.lengths)
    length = np.repeat(runs.lengths, runs.lengths)
    position = np.arange(len(runs.tokens)) - first
    first_token = runs.tokens[first]
    last_token = runs.tokens[first + length - 1]
    yield Feature("place in run", np.minimum(position, 3) << 3 | np.minimum(length, 6))
    yield Feature("before the run", folded[first_token - 1])
    yield Feature("behind the run", folded[last_token + 1])
    yield Feature("first of run", folded[first_token], length > 1)
    yield Feature("last of run", folded[last_token], length > 1)
    yield from _segment(window)


def _segment(window: Window) -> Iterator[Feature]:
    """The cues in the same row of capitalised words, on either side: what makes "Bank" of "Deutsche Bank" matter."""
    tokens, runs = window.tokens, window.runs
    capitalised = tokens.is_capitalised[runs.tokens]
    opens = np.ones(len(runs.tokens), np.bool_)
    opens[1:] = ~capitalised[1:] | ~capitalised[:-1] | (np.diff(runs.tokens) != 1)
    starts = np.flatnonzero(opens)
    if not len(starts):
        return
    cues = window.at(window.cues)
    lengths = np.diff(starts, append=len(opens))
    every = np.repeat(np.bitwise_or.reduceat(cues, starts), lengths)
    longer = np.repeat(lengths, lengths) > 1
    position = np.arange(len(opens)) - np.repeat(starts, lengths)
    rest = np.repeat(lengths, lengths) - 1 - position
    yield Feature("cues of the row", every << 4 | window.at(window.shapes), longer)
    place = np.minimum(position, 3) << 2 | np.minimum(rest, 3)
    yield Feature("cues of the row, place", every << 4 | place, longer)
    for name, end in (("first", runs.tokens - position), ("last", runs.tokens + rest)):
        yield Feature(f"{name} word of the row", tokens.folded[end], longer)
        yield Feature(f"cluster of the row's {name} word", read(window.middle, end), longer)
    before, behind = runs.tokens - position - 1, runs.tokens + rest + 1
    yield Feature("before the row", tokens.folded[before], longer)
    yield Feature("behind the row", tokens.folded[behind], longer)
    yield Feature("clusters around the row", read(window.middle, before) << 10 | read(window.middle, behind))
