"""Names of months and weekdays in the languages that the Unicode CLDR (through babel) tells them in."""

from __future__ import annotations

from functools import cache
from typing import Final

_ENGLISH: Final = (
    (
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)  # fmt: skip
_LOCALES: Final = (
    "af", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "id", "is", "it",
    "lt", "lv", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "tr", "uk", "vi",
)  # fmt: skip
_SHORTEST_CHARS: Final = 3
_LONGEST_CHARS: Final = 20


def _forms(name: str) -> set[str]:
    """The name and its English abbreviations: jan, sept, thurs."""
    return (
        {name, name[:3]}
        | ({"sept"} if name == "september" else set())
        | ({name[:4], name[:5]} if name[-3:] == "day" else set())
    )


_MONTHS_ENGLISH: Final = {form: number for number, name in enumerate(_ENGLISH[0], 1) for form in _forms(name)}
_WEEKDAYS_ENGLISH: Final = {form for name in _ENGLISH[1] for form in _forms(name)}


@cache
def _other_languages() -> tuple[dict[str, int], frozenset[str]]:
    """Months by name, without those that differ between languages: listopad is October and November."""
    from babel.dates import get_day_names, get_month_names  # ruff: ignore[import-outside-top-level] - half a second

    months: dict[str, set[int]] = {}
    weekdays: set[str] = set()
    for locale in _LOCALES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, locale).items():
                    months.setdefault(name.casefold().strip("."), set()).add(number)
                weekdays |= {name.casefold().strip(".") for name in get_day_names(width, context, locale).values()}
    sure = {
        name: min(numbers)
        for name, numbers in months.items()
        if len(numbers) == 1 and (len(name) >= _SHORTEST_CHARS) and name.isalpha()
    }
    return sure, frozenset(weekdays)


@cache
def _look_up(word: str) -> tuple[int | None, bool]:
    months, weekdays = _other_languages()
    return months.get(word), word in weekdays


def month_of(word: str) -> tuple[int | None, bool]:
    """The month that a case-folded word names, if it is one, and whether it may be a weekday."""
    if word in _MONTHS_ENGLISH:
        # March in English, Tuesday in French and Spanish.
        return _MONTHS_ENGLISH[word], word == "mar"
    if word in _WEEKDAYS_ENGLISH:
        return None, True
    return _look_up(word) if len(word) <= _LONGEST_CHARS else (None, False)
