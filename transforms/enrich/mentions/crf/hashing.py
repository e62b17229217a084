"""64-bit hashes of words, computed for all words of a text at once.

A word is hashed from at most 24 of its bytes, read as 8-byte integers: its first 16 and its last 8. Words that differ
only further inside share a hash, which does no harm to a statistical model and keeps the cost per word constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bools: TypeAlias = npt.NDArray[np.bool_]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Ints: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]

#: Bytes that must be readable before the first and behind the last word of a buffer.
PADDING_BYTES = 32

_CHUNK_BYTES = 8
# Odd numbers with well spread bits: the multipliers of xxHash64 (Yann Collet, BSD).
_PRIME_1, _PRIME_2, _PRIME_3, _PRIME_4 = (
    np.uint64(prime) for prime in (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63)
)
_HIGH_HALF, _SHIFT = np.uint64(32), np.uint64(29)
_SET_BITS = 16
#: The lowest n bytes of an integer, by n.
LOW_BYTES = np.array([(1 << (8 * count)) - 1 for count in range(_CHUNK_BYTES + 1)], np.uint64)


def mix(hashes: Hashes) -> Hashes:
    """Spread every bit over all 64."""
    mixed = hashes ^ (hashes >> _HIGH_HALF)
    mixed *= _PRIME_4
    mixed ^= mixed >> _SHIFT
    mixed *= _PRIME_1
    mixed ^= mixed >> _HIGH_HALF
    return mixed


def pair(left: Hashes, right: Hashes) -> Hashes:
    """A hash of two hashes in this order; not spread, `mix` does that."""
    return left * _PRIME_2 + right


def chunks(buffer: Bytes) -> Hashes:
    """A view of a buffer as overlapping integers: item i holds the 8 bytes from byte i on."""
    view: Hashes = np.ndarray((len(buffer) - _CHUNK_BYTES + 1,), dtype="<u8", buffer=buffer.data, strides=(1,))
    return view


def hash_spans(words: Hashes, starts: Ints, lengths: Ints) -> Hashes:
    """The hash of each span of a buffer, given as its `chunks`; lengths in bytes, at least 1."""
    hashes: Hashes = words[starts] & LOW_BYTES[np.minimum(lengths, _CHUNK_BYTES)]
    hashes ^= lengths.astype(np.uint64) * _PRIME_3
    hashes *= _PRIME_1
    long = np.flatnonzero(lengths > _CHUNK_BYTES)
    if len(long):
        at, length = starts[long], lengths[long]
        second = words[at + _CHUNK_BYTES] & LOW_BYTES[np.minimum(length - _CHUNK_BYTES, _CHUNK_BYTES)]
        last = words[at + length - _CHUNK_BYTES]
        hashes[long] ^= mix(second * _PRIME_2) ^ mix(last * _PRIME_3)
    return mix(hashes)


def hash_words(words: Sequence[str]) -> Hashes:
    """The hash of each word, equal to `hash_spans` of a span that reads the same."""
    encoded = [word.encode() for word in words]
    lengths = np.fromiter((len(word) for word in encoded), np.int64, len(encoded))
    padding = bytes(PADDING_BYTES)
    buffer = np.frombuffer(b"".join((padding, *encoded, padding)), np.uint8)
    return hash_spans(chunks(buffer), PADDING_BYTES + np.cumsum(lengths) - lengths, lengths)


def hash_phrase(word_hashes: Hashes) -> Hashes:
    """(phrases, n) hashes of words → (phrases) hashes of the phrases."""
    phrase = mix(word_hashes[:, 0])
    for column in range(1, word_hashes.shape[1]):
        phrase = extend_phrase(phrase, word_hashes[:, column])
    return phrase


def extend_phrase(phrase: Hashes, word: Hashes) -> Hashes:
    """The hash of a phrase with one more word at its end."""
    return mix(pair(phrase, word))


class HashFilter:
    """A set of hashes that answers fast, and now and then "yes" by mistake."""

    def __init__(self, hashes: Hashes, bits: int) -> None:
        """A table of 2**bits flags: the larger, the fewer mistakes, and the more of the processor's caches it takes."""
        self._shift = np.uint64(64 - bits)
        self._is_met = np.zeros(1 << bits, np.bool_)
        self._is_met[self._slots(hashes)] = True

    def may_contain(self, hashes: Hashes) -> Bools:
        """Which of the hashes may be in the set."""
        found: Bools = self._is_met[self._slots(hashes)]
        return found

    def _slots(self, hashes: Hashes) -> Ints:
        return (hashes >> self._shift).view(np.int64)


class HashSet:
    """A fixed set of words that is asked for many hashes at once."""

    def __init__(self, words: str) -> None:
        """Words with spaces between them."""
        self._hashes = np.sort(hash_words(words.split()))
        self._filter = HashFilter(self._hashes, _SET_BITS)

    def contains(self, hashes: Hashes) -> Bools:
        """Which of the hashes are those of words in the set."""
        found = self._filter.may_contain(hashes)
        at = np.flatnonzero(found)
        places = np.searchsorted(self._hashes, hashes[at])
        places[places == len(self._hashes)] = 0
        found[at] = self._hashes[places] == hashes[at]
        return found
