"""Finds any of very many names in a batch of bodies at once, in tens of nanoseconds a word.

Names are anchored at their first word. The first eight bytes of every word of a batch are looked up in a table of
the first words of all names; of the few words that are left, the bytes at the places where a name would end are
looked up likewise. What passes both is compared letter by letter, so that the result is exact whatever the hashes
do. No structure grows with the text, and none but the tables with the number of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.code_points import Bools, Hashes, Ints
from transforms.enrich.mentions.patterns import Bodies, Matches

Bytes = npt.NDArray[np.uint8]

_WORD_BYTES = 8
_TABLE_BITS = 22
#: Odd random numbers to spread keys over the tables.
_MIX_FIRST, _MIX_LAST, _MIX_LENGTH = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
)
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(_WORD_BYTES + 1)], np.uint64)
#: Parts hashes without case from the others in one table.
_CASELESS = np.uint64(0xA0761D6478BD642F)
#: This bit is all that parts a capital from a small letter in ASCII, in Latin-1 and in most of Greek and Cyrillic.
_CASE_BITS = np.uint64(0x2020202020202020)

#: Bytes of words: ASCII letters and digits, and all bytes of letters beyond ASCII.
_IS_WORD_BYTE = np.array([not chr(byte).isascii() or chr(byte).isalnum() for byte in range(256)])
#: First bytes of characters that are no letters although they are not ASCII: NO-BREAK SPACE to "¿" begin with C2, and
#: typographic dashes and quotation marks with E2 80.
_LATIN_1_MARK, _MARK, _MARK_SECOND = 0xC2, 0xE2, 0x80
#: U+1F000 to U+1FFFF: emoji and other pictures.
_PICTURE, _PICTURE_SECOND = 0xF0, 0x9F
_FIRST_WORD = re.compile(
    rb"(?:\xc2.|\xe2\x80.|\xf0\x9f..|[\x00-\x7f])*?((?:[0-9A-Za-z]|(?!\xc2|\xe2\x80|\xf0\x9f)[\x80-\xff])+)", re.DOTALL
)


class Spelling(NamedTuple):
    """A way to write a name, and what it stands for."""

    text: str
    ignores_case: bool
    value: int


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a batch of bodies, to be looked up in any list of names."""

    bodies: Bodies
    data: Bytes
    """The bodies as in `Bodies.joined`, so that no word runs on into the next one, and some bytes behind them."""
    is_word: Bools
    """(bytes) Which bytes are parts of words."""
    starts: Ints
    """(words) The first byte of each."""
    keys: Hashes
    """(words) The first eight bytes of each, as they are written."""
    folded: Hashes
    """(words) The same without case."""

    @classmethod
    def of(cls, bodies: Bodies) -> Words:
        """The words of some bodies."""
        # Not `Bodies.joined` itself, in which two control characters are missing: a name may have them.
        joined = np.insert(bodies.data, bodies.offsets, ord("\n"))
        data = np.append(joined, np.zeros(_WORD_BYTES, np.uint8))
        is_word = _is_word(data)
        starts, ends = _word_spans(is_word)
        return cls(bodies, data, is_word, starts, *_keys(data, starts, ends - starts))

    def are_whole(self, starts: Ints, ends: Ints) -> Bools:
        """Which spans of ``data`` fit into it and cut no word in two; their edges need not be words."""
        fits = (starts >= 0) & (ends < len(self.data) - _WORD_BYTES)
        firsts, behind = np.where(fits, starts, 0), np.where(fits, ends, 1)
        is_word = self.is_word
        fits &= ~(is_word[firsts] & is_word[firsts - 1] & (firsts > 0)) & ~(is_word[behind - 1] & is_word[behind])
        return fits


@dataclass(frozen=True, eq=False)
class Aliases:
    """Names, ready to be looked up."""

    first_words: Hashes
    """Sorted keys of the first words, without case."""
    shape_starts: Ints
    """(first words + 1) Where the shapes of names with that first word start in ``shapes``."""
    shapes: Ints
    """(shapes, 2) Bytes before the first word, and bytes in all: each once for every first word."""
    has_first_word: Bools
    """Table of hashes of first words: as they are written, and without case for names that ignore it."""
    has_ends: Bools
    """The same of first word, last eight bytes and length."""
    exact: dict[bytes, int]
    caseless: dict[str, int]

    @classmethod
    def of(cls, spellings: Iterable[Spelling]) -> Aliases:
        """Of several spellings that read the same, the first counts."""
        exact: dict[bytes, int] = {}
        caseless: dict[str, int] = {}
        for text, ignores_case, value in spellings:
            if ignores_case:
                caseless.setdefault(text.lower(), value)
            else:
                exact.setdefault(text.encode(), value)
        written = [*exact, *_common_cases(caseless)]
        data, offsets = _joined(written)
        spans = np.array([found.span(1) for found in map(_FIRST_WORD.match, written) if found], np.int64).reshape(-1, 2)
        lengths = np.diff(offsets)
        keys, folded = _keys(data, offsets[:-1] + spans[:, 0], spans[:, 1] - spans[:, 0])
        ends, folded_ends = _ends(data, keys, folded, offsets[:-1], lengths)
        columns = (folded, spans[:, 0].astype(np.uint64), lengths.astype(np.uint64))
        rows = np.unique(np.stack(columns, axis=1), axis=0)
        first_words, starts = np.unique(rows[:, 0], return_index=True)
        return cls(
            first_words,
            np.append(starts, len(rows)),
            rows[:, 1:].astype(np.int64),
            _table(keys[: len(exact)], folded[len(exact) :]),
            _table(ends[: len(exact)], folded_ends[len(exact) :]),
            exact,
            caseless,
        )

    def _is_in(self, table: Bools, hashes: Hashes, folded: Hashes) -> Bools:
        found = table[_slots(hashes)]
        return found | table[_slots(folded ^ _CASELESS)] if self.caseless else found

    def find(self, words: Words) -> tuple[Matches, Ints]:
        """All places where a name stands as whole words, and the value of each; they may overlap."""
        at = np.flatnonzero(self._is_in(self.has_first_word, words.keys, words.folded))
        groups = np.minimum(np.searchsorted(self.first_words, words.folded[at]), len(self.first_words) - 1)
        is_known = self.first_words[groups] == words.folded[at]
        firsts, lengths = self._places(words, at[is_known], groups[is_known])
        return self._verified(words, firsts, firsts + lengths)

    def _places(self, words: Words, word_nos: Ints, groups: Ints) -> tuple[Ints, Ints]:
        """Where names might stand: start and length in bytes. The k-th shape of every group is tried at once."""
        found_starts, found_lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        shape_nos, last_shape_nos = self.shape_starts[groups], self.shape_starts[groups + 1]
        while len(word_nos):
            before, lengths = self.shapes[shape_nos].T
            firsts = words.starts[word_nos] - before
            at = np.flatnonzero(words.are_whole(firsts, firsts + lengths))
            firsts, lengths, first_words = firsts[at], lengths[at], word_nos[at]
            ends = _ends(words.data, words.keys[first_words], words.folded[first_words], firsts, lengths)
            is_name = self._is_in(self.has_ends, *ends)
            found_starts.append(firsts[is_name])
            found_lengths.append(lengths[is_name])
            left = np.flatnonzero(shape_nos + 1 < last_shape_nos)
            word_nos, shape_nos, last_shape_nos = word_nos[left], shape_nos[left] + 1, last_shape_nos[left]
        return np.concatenate(found_starts), np.concatenate(found_lengths)

    def _verified(self, words: Words, starts: Ints, ends: Ints) -> tuple[Matches, Ints]:
        """Those of the places where a name is really written."""
        text = words.data.tobytes()
        values = np.full(len(starts), -1, np.int64)
        # A loop, because what comes so far is a name, with few exceptions.
        for no, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            written = text[start:end]
            value = self.exact.get(written)
            if value is None and self.caseless:
                value = self.caseless.get(written.decode("utf-8", "replace").lower())
            if value is not None:
                values[no] = value
        matches = words.bodies.matches_in_joined(starts, ends)
        keep = (values >= 0) & (matches.ends <= words.bodies.offsets[matches.body_nos + 1])
        return matches.where(keep), values[keep]


def _common_cases(names: Iterable[str]) -> list[bytes]:
    """The cases in which letters beyond ASCII, whose bytes may differ in more than one bit, are looked for."""
    forms = (form for name in names for form in (name, name.upper(), name.title()))
    return list(dict.fromkeys(form.encode() for form in forms))


def _joined(written: Sequence[bytes]) -> tuple[Bytes, Ints]:
    offsets = np.zeros(len(written) + 1, np.int64)
    np.cumsum([len(text) for text in written], out=offsets[1:])
    return np.frombuffer(b"".join(written) + bytes(_WORD_BYTES), np.uint8), offsets


def _is_word(data: Bytes) -> Bools:
    is_word = _IS_WORD_BYTE[data]
    latin_1 = np.flatnonzero(data == _LATIN_1_MARK)
    is_word[latin_1], is_word[latin_1 + 1] = False, False
    marks = np.flatnonzero(data == _MARK)
    marks = marks[data[marks + 1] == _MARK_SECOND]
    for byte in range(3):
        is_word[marks + byte] = False
    pictures = np.flatnonzero(data == _PICTURE)
    pictures = pictures[data[pictures + 1] == _PICTURE_SECOND]
    for byte in range(4):
        is_word[pictures + byte] = False
    return is_word


def _word_spans(is_word: Bools) -> tuple[Ints, Ints]:
    """Words alternate with what is between them; the text ends with what is no word."""
    turns = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    if is_word[0]:
        turns = np.concatenate([np.zeros(1, np.int64), turns])
    return turns[::2], turns[1::2]


def _keys(data: Bytes, starts: Ints, lengths: Ints) -> tuple[Hashes, Hashes]:
    """The first eight bytes of words, as they are and without case; several words may share them."""
    masks = _MASKS[np.minimum(lengths, _WORD_BYTES)]
    keys = _eight_bytes(data, starts) & masks
    return keys, (keys | _CASE_BITS) & masks


def _ends(data: Bytes, keys: Hashes, folded: Hashes, starts: Ints, lengths: Ints) -> tuple[Hashes, Hashes]:
    """Hashes of the first word, the last eight bytes and the length of names, as they are and without case."""
    lasts, folded_lasts = _keys(data, np.maximum(starts + lengths - _WORD_BYTES, starts), lengths)
    by_length = lengths.astype(np.uint64) * _MIX_LENGTH
    return keys * _MIX_FIRST ^ lasts * _MIX_LAST ^ by_length, folded * _MIX_FIRST ^ folded_lasts * _MIX_LAST ^ by_length


def _eight_bytes(data: Bytes, starts: Ints) -> Hashes:
    """The bytes from each start on as one number; the data is padded, so that there are always eight."""
    windows = np.lib.stride_tricks.as_strided(
        data.view(), shape=(len(data) - _WORD_BYTES + 1, _WORD_BYTES), strides=(1, 1), writeable=False
    )
    return windows[starts].view("<u8").reshape(-1)


def _slots(hashes: Hashes) -> Ints:
    mixed = hashes * _MIX_FIRST
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX_LENGTH
    return (mixed >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)


def _table(hashes: Hashes, folded: Hashes) -> Bools:
    table = np.zeros(1 << _TABLE_BITS, np.bool_)
    table[_slots(hashes)], table[_slots(folded ^ _CASELESS)] = True, True
    return table
