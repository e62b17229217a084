"""Cuts a text into tokens: words, numbers, single punctuation marks and line breaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.code_points import (
    DIGIT,
    LOWER,
    NEWLINE,
    SPACE,
    UPPER,
    Bools,
    Hashes,
    Ints,
    Text,
)

Scalar = TypeVar("Scalar", bound=np.generic)

_FULL_STOP, _COMMA, _AMPERSAND = (ord(mark) for mark in ".,&")
_APOSTROPHES = (ord("'"), 0x2019)
_PLANE_SIZE = 0x10000
_LETTERS_S = (ord("s"), ord("S"))


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a text, as arrays over their n tokens.

    Every line break is a token of its own, so a rule that looks no further than a margin never sees
    another body, and a rule that looks at neighbours never joins two paragraphs.
    """

    text: Text
    starts: Ints
    """(n) Index of the first character in the text."""
    ends: Ints
    """(n) Index behind the last character."""
    hashes: Hashes
    """(n) Hash of the folded characters."""

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def first_points(self) -> npt.NDArray[np.uint32]:
        """(n) Code point of the first character; the mark itself for punctuation."""
        return self.text.code_points[self.starts]

    @cached_property
    def first_classes(self) -> npt.NDArray[np.uint8]:
        return self.text.classes[self.starts]

    @cached_property
    def lengths(self) -> Ints:
        return self.ends - self.starts

    @cached_property
    def is_break(self) -> Bools:
        is_break: Bools = self.first_classes == NEWLINE
        return is_break

    @cached_property
    def is_word(self) -> Bools:
        """Starts with a letter."""
        is_word: Bools = (self.first_classes == LOWER) | (self.first_classes == UPPER)
        return is_word

    @cached_property
    def is_number(self) -> Bools:
        """Starts with a digit."""
        is_number: Bools = self.first_classes == DIGIT
        return is_number

    @cached_property
    def is_glued(self) -> Bools:
        """Follows its predecessor without a space."""
        glued = np.zeros(len(self), np.bool_)
        glued[1:] = self.starts[1:] == self.ends[:-1]
        return glued

    @cached_property
    def is_capitalised(self) -> Bools:
        """A word that starts with a capital or has one inside ("iPhone")."""
        return self.is_word & (self.upper_counts > 0)

    @cached_property
    def is_all_capitals(self) -> Bools:
        """A word of two capitals or more and no small letter; full stops and digits are allowed ("U.S.")."""
        is_all_capitals: Bools = self.is_word & (self.upper_counts > 1) & (self._counts(LOWER) == 0)
        return is_all_capitals

    @cached_property
    def ends_in_stop(self) -> Bools:
        """Ends in a full stop: "U.S.", "W.", and the mark itself."""
        ends_in_stop: Bools = self.text.code_points[self.ends - 1] == _FULL_STOP
        return ends_in_stop

    @cached_property
    def has_digit(self) -> Bools:
        """Has a digit anywhere."""
        has_digit: Bools = self._counts(DIGIT) > 0
        return has_digit

    @cached_property
    def bodies(self) -> Ints:
        """(n) The number of the body that the token is in; a margin counts to the body before it."""
        return np.searchsorted(self.text.body_starts, self.starts, side="right") - 1

    @cached_property
    def hashes_in_body(self) -> Hashes:
        """(n) Hashes that are equal for the same word in the same body only."""
        return in_body(self.hashes, self.bodies)

    def is_mark(self, marks: str) -> Bools:
        """Is one of these punctuation marks."""
        return _mark_table(marks)[self._first_points_in_plane]

    @cached_property
    def _first_points_in_plane(self) -> npt.NDArray[np.uint16]:
        """(n) First code points within the basic plane, where all marks are that rules ask for; 0 beyond it."""
        return np.where(self.first_points < _PLANE_SIZE, self.first_points, 0).astype(np.uint16)

    @cached_property
    def upper_counts(self) -> Ints:
        """(n) Capitals in the token."""
        return self._counts(UPPER)

    def _counts(self, character_class: int) -> Ints:
        """(n) How many characters of the class each token has."""
        sums = np.zeros(len(self.text.classes) + 1, np.int32)
        np.cumsum(self.text.classes == character_class, out=sums[1:])
        return (sums[self.ends] - sums[self.starts]).astype(np.int64)


@cache
def _mark_table(marks: str) -> Bools:
    """(plane) Which code points are one of the marks: one look-up is faster than a comparison for each."""
    table = np.zeros(_PLANE_SIZE, np.bool_)
    table[[ord(mark) for mark in marks]] = True
    return table


def tokenise(text: Text) -> Tokens:
    """Cut the text at spaces and around punctuation, but keep "O'Brien", "U.S.", "1,000" and "AT&T" whole.

    "Baku's" becomes "Baku" and "'s". Hyphens are tokens of their own, because what they join may be two
    names ("Azerbaijan-China").
    """
    points, classes = text.code_points, text.classes
    is_letter = (classes == LOWER) | (classes == UPPER)
    is_inside = is_letter | (classes == DIGIT)
    possessives = _join_marks(points, classes, is_letter, is_inside)

    is_start = is_inside & ~previous(is_inside)
    is_start |= ~is_inside & (classes != SPACE)
    is_start[possessives] = True
    is_last = (is_inside & ~following(is_inside)) | (~is_inside & (classes != SPACE))
    is_last[possessives - 1] = True

    starts, ends = np.flatnonzero(is_start), np.flatnonzero(is_last) + 1
    return Tokens(text, starts, ends, text.span_hashes(starts, ends))


def _join_marks(
    points: npt.NDArray[np.uint32], classes: npt.NDArray[np.uint8], is_letter: Bools, is_inside: Bools
) -> Ints:
    """Mark as inside a word the punctuation that belongs to it; returns where possessives start.

    The margins around every body make it safe to look two characters to either side.
    """
    is_word = is_inside.copy()
    at = np.flatnonzero(np.isin(points, (*_APOSTROPHES, _FULL_STOP, _COMMA, _AMPERSAND)))
    mark = points[at]

    is_apostrophe = np.isin(mark, _APOSTROPHES) & is_letter[at - 1] & is_letter[at + 1]
    is_possessive = is_apostrophe & np.isin(points[at + 1], _LETTERS_S) & ~is_word[at + 2]
    is_between_digits = (classes[at - 1] == DIGIT) & (classes[at + 1] == DIGIT)
    is_between_capitals = (classes[at - 1] == UPPER) & (classes[at + 1] == UPPER)
    is_initial = (classes[at - 1] == UPPER) & ~is_word[at - 2]
    is_domain = is_word[at - 1] & (classes[at + 1] == LOWER)

    is_inside[at] |= (
        is_apostrophe
        | (np.isin(mark, (_FULL_STOP, _COMMA)) & is_between_digits)
        | ((mark == _FULL_STOP) & (is_initial | is_domain))
        | ((mark == _AMPERSAND) & is_between_capitals)
    )
    return at[is_possessive]


def previous(values: npt.NDArray[Scalar], distance: int = 1) -> npt.NDArray[Scalar]:
    """The value ``distance`` places before; zero (false) before the first."""
    shifted = np.zeros_like(values)
    shifted[distance:] = values[:-distance]
    return shifted


def following(values: npt.NDArray[Scalar], distance: int = 1) -> npt.NDArray[Scalar]:
    """The value ``distance`` places behind; zero (false) behind the last."""
    shifted = np.zeros_like(values)
    shifted[:-distance] = values[distance:]
    return shifted


def in_body(hashes: Hashes, bodies: Ints) -> Hashes:
    """Hashes made different for every body, so that evidence never crosses from one article to another."""
    return hashes ^ ((bodies.astype(np.uint64) + np.uint64(1)) * np.uint64(0xA24BAED4963EE407))
