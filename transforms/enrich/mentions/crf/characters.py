"""The class of every byte of UTF-8 text, and the text in lower case."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.hashing import Bytes, Ints

#: Classes. Letters without case and combining marks count as LOWER. The bytes of a letter or digit all have its
#: class; the second and later bytes of any other character are INSIDE, so that no token starts there.
SPACE, NEWLINE, MARK, INSIDE, LOWER, UPPER, DIGIT = range(7)
#: From this class on a byte is part of a word.
FIRST_WORD_CLASS = LOWER

_CLASS_OF_CATEGORY = {
    "Lu": UPPER, "Lt": UPPER, "Nd": DIGIT, "Cc": SPACE, "Cf": SPACE, "Zs": SPACE, "Zl": NEWLINE, "Zp": NEWLINE,
    **dict.fromkeys(("Ll", "Lm", "Lo", "Mn", "Mc", "Me"), LOWER),
}  # fmt: skip
_FIRST_LEAD_BYTE, _FIRST_OF_THREE, _FIRST_OF_FOUR = 0xC2, 0xE0, 0xF0
_TWO_BYTES, _THREE_BYTES = 2, 3
_TWO_BYTE_CHARACTERS = 0x800
_BMP_SIZE = 0x10000


class ClassifiedText(NamedTuple):
    """A buffer of UTF-8 text, one array item per byte."""

    buffer: Bytes
    lowered: Bytes
    """The text in lower case; letters whose lower case takes another number of bytes stay as they are."""
    classes: Bytes


def classify(buffer: Bytes) -> ClassifiedText:
    """Classify the bytes of valid UTF-8 text that starts and ends with `PADDING_BYTES` of ASCII."""
    byte_classes, byte_lowered = _byte_tables()
    classes, lowered = byte_classes[buffer], byte_lowered[buffer]
    leads = np.flatnonzero(buffer >= _FIRST_LEAD_BYTE)
    if len(leads):
        _classify_multibyte(buffer, leads, classes, lowered)
    return ClassifiedText(buffer, lowered, classes)


def _classify_multibyte(buffer: Bytes, leads: Ints, classes: Bytes, lowered: Bytes) -> None:
    """Fill in the classes and lower case of the characters of two bytes or more, given where they start."""
    first = buffer[leads].astype(np.int32)
    second, third, fourth = (buffer[leads + step].astype(np.int32) & 0x3F for step in (1, 2, 3))
    widths = _TWO_BYTES + (first >= _FIRST_OF_THREE).astype(np.int8) + (first >= _FIRST_OF_FOUR)
    points = np.select(
        [widths == _TWO_BYTES, widths == _THREE_BYTES],
        [(first & 0x1F) << 6 | second, (first & 0x0F) << 12 | second << 6 | third],
        (first & 0x07) << 18 | second << 12 | third << 6 | fourth,
    )
    character_classes = _plane_classes()[np.minimum(points, _BMP_SIZE - 1)]
    astral = points >= _BMP_SIZE
    if astral.any():
        distinct, position = np.unique(points[astral], return_inverse=True)
        character_classes[astral] = np.array([_character_class(chr(point)) for point in distinct], np.uint8)[position]
    classes[leads] = character_classes
    rest = np.where(character_classes >= FIRST_WORD_CLASS, character_classes, INSIDE).astype(np.uint8)
    rest[character_classes == SPACE] = SPACE
    for step in (1, 2, 3):
        wide = widths > step
        classes[leads[wide] + step] = rest[wide]
    pairs = np.flatnonzero((widths == _TWO_BYTES) & (character_classes == UPPER))
    lower_points = _two_byte_lower()[points[pairs]]
    lowered[leads[pairs]] = 0xC0 | lower_points >> 6
    lowered[leads[pairs] + 1] = 0x80 | lower_points & 0x3F


def _character_class(character: str) -> int:
    if character in "\n\r\v\f\x85":
        return NEWLINE
    if character == "_":
        return LOWER
    return _CLASS_OF_CATEGORY.get(unicodedata.category(character), MARK)


@cache
def _byte_tables() -> tuple[Bytes, Bytes]:
    """The class and the lower case of each byte; what is not ASCII is filled in later."""
    classes = np.full(256, INSIDE, np.uint8)
    classes[:128] = [_character_class(chr(byte)) for byte in range(128)]
    lowered = np.arange(256, dtype=np.uint8)
    lowered[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    return classes, lowered


@cache
def _plane_classes() -> Bytes:
    """The class of every code point of the basic plane."""
    return np.array([_character_class(chr(point)) for point in range(_BMP_SIZE)], np.uint8)


@cache
def _two_byte_lower() -> Ints:
    """The lower case of every code point below U+0800, itself where that takes another number of bytes."""
    lower = [chr(point).lower() for point in range(_TWO_BYTE_CHARACTERS)]
    fits = [len(text) == 1 and (len(text.encode()) == len(chr(point).encode())) for point, text in enumerate(lower)]
    return np.array([ord(text) if fit else point for point, (text, fit) in enumerate(zip(lower, fits, strict=True))])
