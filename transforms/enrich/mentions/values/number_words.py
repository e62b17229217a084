"""Numbers as news prints them: "1,234.5", "10 000", "2-1/2", "twenty-five", "half a million", "3.2bn"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

#: The value of every number that is written in words, without its scale.
WORD_VALUES: dict[str, float] = {
    **{word: float(value) for value, word in enumerate(_ONES)},
    **{word: 10.0 * value for value, word in enumerate(_TENS, start=2)},
    **{
        f"{tens}{joint}{ones}": 10.0 * value + digit
        for value, tens in enumerate(_TENS, start=2)
        for digit, ones in enumerate(_ONES[1:10], start=1)
        for joint in "- "
    },
    "a": 1.0,
    "an": 1.0,
    "half a": 0.5,
    "a half": 0.5,
    "half": 0.5,
}

_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
#: The value of fractions in words: "a quarter", "three-tenths".
FRACTION_VALUES: dict[str, float] = {
    f"{number}{joint}{part}{plural}": WORD_VALUES[number] / divisor
    for number in ("a", *_ONES[1:10])
    for part, divisor in _PARTS.items()
    for joint in "- "
    for plural in ("", "s")
}

#: What a scale multiplies by; letters alone only count where the pattern that uses them says so.
SCALE_VALUES: dict[str, float] = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mln": 1e6, "mn": 1e6, "mil": 1e6, "m": 1e6, "mm": 1e6,
    "billion": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "trln": 1e12, "trn": 1e12, "tn": 1e12,
    "dozen": 12.0, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip

#: Scales that are letters only: they need a currency beside them.
_LETTER_SCALES = ("k", "m", "mm", "b", "tn", "mil")

#: With a comma before the decimals, as in "1,7 million"; only before a scale, where it can be nothing else.
DECIMAL_COMMA = r"[0-9]{1,3},[0-9]{1,2}"
_GROUPED = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:[ \x{a0}\x{202f}][0-9]{3})+)(?:\.[0-9]+)?"
_FRACTION = r"(?:[0-9]{1,4}[- ])?[0-9]{1,2}/(?:2|3|4|5|8|10|16|32|64)|[0-9]*[½¼¾⅓⅔]"
#: Digits, grouped or not, and fractions.
DIGITS = rf"(?:{_GROUPED}|{_FRACTION}|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_VALUE_OF_FRACTION = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3}


#: One number with a hyphen, which is no range: "8-1/4", "twenty-five".
MIXED_NUMBER = rf"(?:[0-9]{{1,4}}-[0-9]{{1,2}}/[0-9]{{1,2}}|(?i-u:(?:{'|'.join(_TENS)})-(?:{'|'.join(_ONES[1:10])})))"


def any_of(words: Sequence[str]) -> str:
    """A pattern for any of the words, the longest first, so that none hides a longer one; a space is any joint."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in longest_first) + ")"


_WORDS = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))})"
#: Scales in words ("million", "hundred thousand"), and one that is glued or spaced to a sum of money.
_FIRST_SCALE = r"(?:(?:hundred|thousand|lakh)[ -])?"
SCALE = rf"(?i-u:{_FIRST_SCALE}{any_of([word for word in SCALE_VALUES if word not in _LETTER_SCALES])})"
MONEY_SCALE = rf"(?i-u:{_FIRST_SCALE}{any_of(list(SCALE_VALUES))})"
#: A number in digits or words; "a" and "half a" only before a scale.
NUMBER = rf"(?:{DIGITS}|(?i-u:{_WORDS})|(?i-u:half an?|an?)(?:[ -]{SCALE}))"


#: A fraction in words, beside what it is part of.
FRACTION = rf"(?i-u:(?:an?|{'|'.join(_ONES[1:10])})[ -](?:{'|'.join(_PARTS)})s?)"

_SCALED = re.compile(rf"(.*?)[ -]?({_FIRST_SCALE}{any_of(list(SCALE_VALUES))})?", re.ASCII)
_IS_FRACTION = re.compile(r"(?:([0-9]+)[- ])?([0-9]+)/([0-9]+)")
#: News repeats itself.
_NUMBERS_TO_REMEMBER = 1 << 14
_IS_DECIMAL_COMMA = re.compile(DECIMAL_COMMA)


@lru_cache(_NUMBERS_TO_REMEMBER)
def value_of(printed: str) -> float:
    """The value of what `NUMBER` matches, with the scale behind it if there is one."""
    matched = _SCALED.fullmatch(printed.lower())
    if not matched or not matched[1]:
        raise ValueError(f"Expected a number such as '3.2 million', got {printed!r}.")
    # In decimals, so that "8.2 million" is not 8199999.999999999.
    return float(Decimal(repr(_unscaled(matched[1]))) * Decimal(repr(scale_of(printed) or 1.0)))


@lru_cache(_NUMBERS_TO_REMEMBER)
def scale_of(printed: str) -> float | None:
    """What the scale at the end of a printed number multiplies by; None where there is no scale."""
    matched = _SCALED.fullmatch(printed.lower())
    if not matched or not matched[2]:
        return None
    return math.prod(SCALE_VALUES[word] for word in re.split(r"[ -]", matched[2]))


def _unscaled(number: str) -> float:
    if number in WORD_VALUES:
        return WORD_VALUES[number]
    if number in FRACTION_VALUES:
        return FRACTION_VALUES[number]
    fraction = _IS_FRACTION.fullmatch(number)
    if fraction:
        return float(fraction[1] or 0) + float(fraction[2]) / float(fraction[3])
    if number[-1] in _VALUE_OF_FRACTION:
        return float(number[:-1] or 0) + _VALUE_OF_FRACTION[number[-1]]
    if _IS_DECIMAL_COMMA.fullmatch(number):
        return float(number.replace(",", "."))
    return float(re.sub(r"[^0-9.]", "", number))
