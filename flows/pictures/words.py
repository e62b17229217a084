"""Words: values as a person reads them, with nothing escaped yet."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flows.output import printable

#: Numbers from here on have no fraction.
_LARGE: Final = 100
_TENTH: Final = 0.1
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_NOT_IN_XML: Final = re.compile(r"[\ud800-\udfff\ufffe\uffff]")


def clean(text: object, most_chars: int | None = None) -> str:
    """A text that can stand in a picture or a page once it is escaped: one line, no control characters."""
    cleaned = _NOT_IN_XML.sub(" ", printable(str(text)))
    return cleaned if most_chars is None or len(cleaned) <= most_chars else cleaned[: most_chars - 1] + "…"


def number(value: Any) -> str:
    """A number: 1,234 or 0.25; nothing for what is missing."""
    if value is None or not math.isfinite(float(value)):
        return ""
    exact = float(value)
    if exact.is_integer() or abs(exact) >= _LARGE:
        return f"{exact:,.0f}"
    return f"{exact:.3g}"


def day(value: date) -> str:
    """A day: 3 Jan 2024, in English whatever the locale."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def weekday(value: date) -> str:
    return f"{_WEEKDAYS[value.weekday()]} {day(value)}"


def percent(share: float | None) -> str:
    if share is None:
        return ""
    return f"{share:.0%}" if share >= _TENTH or share == 0 else f"{share:.1%}"


def shown(value: Any) -> str:
    """Any value of an answer."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return number(value)
    return day(value) if isinstance(value, date) else str(value)


def shown_label(value: Any) -> str:
    """A value that a bar stands for."""
    return "(none)" if value is None else shown(value)


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]
