"""Many bodies as one array of code points: character classes, and hashes of any span in constant time.

Joining a batch lets numpy work on all of its characters at once. A character's index in the joined array,
less the index of its body's first character, is its offset in the body, whatever the script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]

#: Character classes. Letters without case and combining marks count as LOWER: they are inside a word and
#: are no capitals. Invisible format characters count as SPACE.
SPACE, NEWLINE, PUNCTUATION, LOWER, UPPER, DIGIT = range(6)

#: Line breaks between and around bodies: more than any rule looks ahead or back, in characters and tokens.
MARGIN = "\n" * 12

_BMP_SIZE = 0x10000
_CLASS_OF_CATEGORY = {
    "Lu": UPPER, "Lt": UPPER, "Nd": DIGIT, "Cc": SPACE, "Cf": SPACE, "Zs": SPACE, "Zl": NEWLINE, "Zp": NEWLINE,
    **dict.fromkeys(("Ll", "Lm", "Lo", "Mn", "Mc", "Me"), LOWER),
}  # fmt: skip

# A span s[0] … s[n-1] hashes to the sum of mix(s[i]) * BASE**i, modulo 2**64: the difference of two prefix
# sums, divided by a power of the base, which has an inverse because it is odd. Both are random odd numbers.
_BASE = 0x9A3C7F15E4B2D68B
_BASE_INVERSE = pow(_BASE, -1, 2**64)
_MIX = np.uint64(0xD1B54A32D192ED03)


@dataclass(frozen=True, eq=False)
class Text:
    """Bodies joined by margins, as arrays over their n characters."""

    code_points: npt.NDArray[np.uint32]
    """(n) Unicode code points."""
    classes: npt.NDArray[np.uint8]
    """(n) Character classes."""
    body_starts: Ints
    """(bodies) The index of each body's first character."""
    characters: str
    """The same characters, to cut surfaces from."""
    _hash_sums: Hashes

    def span_hashes(self, starts: Ints, ends: Ints) -> Hashes:
        """Hashes of the spans, equal where they differ only in case or in the kind of apostrophe."""
        return (self._hash_sums[ends] - self._hash_sums[starts]) * _powers(_BASE_INVERSE, len(self.classes))[starts]


def join_bodies(bodies: Sequence[str]) -> Text:
    """The bodies as one text, each within margins of line breaks."""
    characters = "".join((MARGIN, *(body + MARGIN for body in bodies)))
    lengths = np.fromiter((len(body) for body in bodies), np.int64, len(bodies))
    body_starts = len(MARGIN) + np.cumsum(lengths + len(MARGIN)) - (lengths + len(MARGIN))
    code_points = np.frombuffer(characters.encode("utf-32-le"), np.uint32)

    classes, mixed = _tables()
    is_astral = code_points >= _BMP_SIZE
    if is_astral.any():
        inside = np.where(is_astral, 0, code_points)
        text_classes, terms = classes[inside], mixed[inside]
        astral, position = np.unique(code_points[is_astral], return_inverse=True)
        text_classes[is_astral] = np.array([_character_class(chr(point)) for point in astral], np.uint8)[position]
        terms[is_astral] = _mix(np.array([_folded(chr(point)) for point in astral], np.uint64))[position]
    else:
        text_classes, terms = classes[code_points], mixed[code_points]

    terms *= _powers(_BASE, len(terms))[: len(terms)]
    hash_sums = np.zeros(len(terms) + 1, np.uint64)
    np.cumsum(terms, out=hash_sums[1:])
    return Text(code_points, text_classes, body_starts, characters, hash_sums)


def phrase_hashes(phrases: Sequence[str]) -> Hashes:
    """The hash of each phrase, equal to `Text.span_hashes` of a span that reads the same."""
    text = join_bodies(phrases)
    lengths = np.fromiter((len(phrase) for phrase in phrases), np.int64, len(phrases))
    return text.span_hashes(text.body_starts, text.body_starts + lengths)


def _character_class(character: str) -> int:
    if character in "\n\r\v\f\x85":
        return NEWLINE
    return _CLASS_OF_CATEGORY.get(unicodedata.category(character), PUNCTUATION)


def _folded(character: str) -> int:
    """The code point of the lower-case form where that is one character, else of the character itself."""
    if character in "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}":
        return ord("'")
    lower = character.lower()
    return ord(lower) if len(lower) == 1 else ord(character)


def _mix(code_points: Hashes) -> Hashes:
    """Spread code points over 64 bits, so that similar words do not get similar hashes."""
    mixed = (code_points + np.uint64(1)) * _MIX
    return (mixed ^ (mixed >> np.uint64(29))) * _MIX


@cache
def _tables() -> tuple[npt.NDArray[np.uint8], Hashes]:
    """Class and mixed folded code point of every character of the Basic Multilingual Plane; 30 ms, once."""
    characters = [chr(point) for point in range(_BMP_SIZE)]
    classes = np.array([_character_class(character) for character in characters], np.uint8)
    return classes, _mix(np.array([_folded(character) for character in characters], np.uint64))


def _powers(base: int, count: int) -> Hashes:
    """At least ``count`` powers of the base modulo 2**64, from the zeroth."""
    return _powers_cached(base, 1 << max(20, (count - 1).bit_length()))


@cache
def _powers_cached(base: int, count: int) -> Hashes:
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
