# ruff: file-ignore[magic-value-comparison] - twelve months, two and four digits: numbers of the calendar
"""Dates as people and programs write them; a date that can be read in two ways is not read.

The rules: a year has four digits, but for the two of RFC 2822 section 4.3 after a month's name. Between
slashes or hyphens 3/4/2024 is ambiguous unless the source says whether the day comes first; between dots
the day does. ``published_on`` is the day as it is printed, in the time zone of the place; a moment needs a
time and a zone. A date before the first newspaper or after tomorrow is no date of publication.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from transforms.parse.month_names import month_of
from transforms.parse.records import DateValue

#: The Relation of Strasbourg, the first newspaper, began in 1605 (World Association of Newspapers, 2005).
EARLIEST: Final = date(1605, 1, 1)

_LONGEST_CHARS: Final = 100
_QUOTED_CHARS: Final = 60
_FAR: Final = 24 * 60
# RFC 822 section 5.1, and abbreviations that stand for one offset only. BST, IST and AST stand for several.
_ZONES_MINUTES: Final = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "cet": 60, "cest": 120, "mez": 60,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720,
    "nzdt": 780,
}  # fmt: skip
# They stand for several offsets, or for one in winter and another in summer: a day, but no moment.
_VAGUE_ZONES: Final = frozenset({"et", "ct", "mt", "pt", "bst", "ist", "ast", "sgt", "hkt", "wib", "art", "brt"})
_VAGUE: Final = timezone(timedelta(0), "vague")
_TIME: Final = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)"
    r"(?![\d:])\s*(?P<half>[ap]\.?m\b\.?)?"
    r"|(?<![\d:])(?P<bare_hour>\d{1,2})\s*(?P<bare_half>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_OFFSET: Final = re.compile(r"^\s*(?:(?:utc|gmt)\s*)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?![\d-])")
_ZONE_NAME: Final = re.compile(r"^\s*\(?(?P<name>[a-z]{1,5})\)?(?![^\W\d_])")
_ISO: Final = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?!\d)(?:\s*t(?=\d))?"
    r"|(?P<cjk_year>\d{4})\s*[年년]\s*(?P<cjk_month>\d{1,2})\s*[月월]\s*(?P<cjk_day>\d{1,2})\s*[日일号號]?"
)
_BASIC: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?)?\s*(?=$|z$|[+-]\d)")
_YEAR_LAST: Final = re.compile(
    r"(?<!\d)(?P<first>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<second>\d{1,2})\s?(?P=sep)\s?(?P<year>\d{4})(?!\d)"
)
_YEAR_SHORT: Final = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$")
_INCOMPLETE: Final = re.compile(r"^\d{4}(?:[-/.]\d{1,2})?$")
_EPOCH: Final = re.compile(r"^-?\d{9,16}(?:\.\d+)?$")
_WORD: Final = re.compile(r"\d+|[^\W\d_]+")
_ORDINALS: Final = frozenset({"st", "nd", "rd", "th", "er", "re", "ème"})
# What may stand around a date without changing it.
_PARTICLES: Final = frozenset({
    "of", "the", "on", "at", "de", "del", "di", "den", "der", "le", "la", "um", "uhr", "à", "alle", "a", "las", "o",
    "y", "г", "года", "р", "published", "posted", "updated", "date", "time", "noon",
})  # fmt: skip


class DateRead(NamedTuple):
    """``on``: the day as printed; ``at``: the moment, UTC; ``rule`` and ``reason`` tell what is wrong with it."""

    on: date | None = None
    at: datetime | None = None
    rule: str | None = None
    reason: str | None = None


class _UnreadableError(Exception):
    def __init__(self, rule: str, why: str) -> None:
        super().__init__(why)
        self.rule = rule
        self.why = why


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _UnreadableError("date_impossible", "does not exist") from None


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) == 2:  # RFC 2822, section 4.3
        return int(digits) + (2000 if int(digits) < 50 else 1900)
    raise _UnreadableError("date_unreadable", "has no year of four digits")


def _numeric(first: int, second: int, year: int, separator: str, *, day_first: bool | None) -> date:
    if separator == "." or first > 12 or first == second:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    if day_first is None:
        raise _UnreadableError("date_ambiguous", "may name the day or the month first: set day_first for its source")
    return _day(year, second, first) if day_first else _day(year, first, second)


def _named(text: str) -> date:
    """A date with a month's name, in any order; weekdays and a few particles may stand around it."""
    numbers: list[str] = []
    months: list[tuple[int, bool]] = []
    place = 0  # how many numbers stand before the month
    for word in _WORD.findall(text):
        if word[0].isdigit():
            numbers.append(word)
            continue
        month, is_weekday = month_of(word)
        if month is not None:
            months.append((month, is_weekday))
            place = len(numbers)
        elif not is_weekday and word not in _PARTICLES and not (word in _ORDINALS and numbers):
            raise _UnreadableError("date_unreadable", f"has the unknown word '{word[:20]}'")
    if len(months) > 1:  # "mar" is Tuesday in "mar, 02 ene 2024"
        months = [each for each in months if not each[1]] or months
    if len(months) != 1 or len(numbers) != 2:
        raise _UnreadableError("date_unreadable", "is not in a known form; write YYYY-MM-DD")
    first, second = numbers
    if len(first) == 4 and len(second) <= 2:  # 2024 January 11
        first, second = second, first
    if len(first) > 2 or (len(second) == 2 and place == 2):
        raise _UnreadableError("date_unreadable", "is not in a known form; write YYYY-MM-DD")
    return _day(_year(second), months[0][0], int(first))


def _clock(match: re.Match[str]) -> time | None:
    hour = int(match["hour"] or match["bare_hour"])
    half = (match["half"] or match["bare_half"] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (match["fraction"] or "").ljust(6, "0")[:6]
    second = min(int(match["second"] or 0), 59)  # 60 is a leap second
    try:
        return time(hour, int(match["minute"] or 0), second, int(fraction))
    except ValueError:
        return None


def _zone(text: str) -> tuple[tzinfo | None, str]:
    """The zone at the start of the text, and what follows it."""
    if match := _OFFSET.match(text):
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        if minutes >= _FAR:
            return None, text[match.end() :]
        zone = timezone(timedelta(minutes=-minutes if match["sign"] == "-" else minutes))
        rest = re.sub(r"^\s*\([^()]{1,20}\)", "", text[match.end() :])  # "-0800 (PST)"
        return zone, rest
    if (match := _ZONE_NAME.match(text)) and match["name"] in _ZONES_MINUTES:
        return timezone(timedelta(minutes=_ZONES_MINUTES[match["name"]])), text[match.end() :]
    if match and match["name"] in _VAGUE_ZONES:
        return _VAGUE, text[match.end() :]
    return None, text


def _split(text: str) -> tuple[str, time | None, tzinfo | None, bool]:
    """The date's text, its time, its zone, and whether the time is possible."""
    match = _TIME.search(text)
    if match is None:
        return text, None, None, True
    clock = _clock(match)
    zone, rest = _zone(text[match.end() :])
    return f"{text[: match.start()]} {rest}", clock, zone, clock is not None


def _read_words(text: str, *, day_first: bool | None) -> date:
    if match := _ISO.search(text):
        year, month, day = (match[name] or match[f"cjk_{name}"] for name in ("year", "month", "day"))
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        found = _day(int(year), int(month), int(day))
    elif match := _YEAR_LAST.search(text):
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        found = _numeric(
            int(match["first"]), int(match["second"]), int(match["year"]), match["sep"], day_first=day_first
        )
    elif _YEAR_SHORT.match(text):
        raise _UnreadableError("date_ambiguous", "has a year of two digits; write YYYY-MM-DD")
    elif _INCOMPLETE.match(text):
        raise _UnreadableError("date_incomplete", "names no day; write YYYY-MM-DD")
    else:
        return _named(text)
    for word in _WORD.findall(rest):
        if word[0].isdigit() or (word not in _PARTICLES and not month_of(word)[1]):
            raise _UnreadableError("date_unreadable", f"is followed by '{word[:20]}'; write YYYY-MM-DD")
    return found


def _from_epoch(seconds: float) -> datetime:
    """Seconds since 1970, or thousandths or millionths of them by their size."""
    for scale in (1, 1_000, 1_000_000, 1_000_000_000):
        if 1e8 <= abs(seconds) / scale < 1e10:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds / scale)
    raise _UnreadableError("date_unreadable", "is a number, but no time since 1970")


def _read_text(given: str, *, day_first: bool | None, home: tzinfo | None) -> tuple[date, datetime | None, bool]:
    text = " ".join(unicodedata.normalize("NFKC", given).casefold().split()).strip(" ,;.")
    if not text or len(text) > _LONGEST_CHARS:
        raise _UnreadableError("date_unreadable", "is not in a known form; write YYYY-MM-DD")
    if match := _BASIC.match(text):
        text = f"{match[1]}-{match[2]}-{match[3]}" + (
            f" {match[4]}:{match[5]}:{match[6] or '00'}{text[match.end() :]}" if match[4] else ""
        )
    elif _EPOCH.match(text):
        moment = _from_epoch(float(text))
        return moment.date(), moment, True
    words, clock, zone, is_possible = _split(text)
    on = _read_words(words.strip(" ,;.-–|").removesuffix(" t").strip(), day_first=day_first)
    zone = None if zone is _VAGUE else zone or home
    at = datetime.combine(on, clock, zone) if clock is not None and zone is not None else None
    return on, at, is_possible


def _read_typed(value: float | date, home: tzinfo | None) -> tuple[date, datetime | None, bool]:
    if isinstance(value, datetime):
        return value.date(), value if value.tzinfo else (value.replace(tzinfo=home) if home else None), True
    if isinstance(value, date):
        return value, None, True
    if not math.isfinite(value):
        raise _UnreadableError("date_unreadable", "is not a number")
    if float(value).is_integer() and 16_050_101 <= value <= 99_991_231:  # 20240111
        return _read_text(str(int(value)), day_first=None, home=home)
    moment = _from_epoch(value)
    return moment.date(), moment, True


@cache
def home_zone(name: str | None) -> tzinfo | None:
    """The zone of times that tell none. Raises ``KeyError``, ``ValueError`` or ``OSError`` for no IANA name."""
    return ZoneInfo(name) if name else None


#: The last plausible day of an article is so long after the day, UTC, on which it was read first: tomorrow has begun
#: somewhere on Earth.
AHEAD: Final = timedelta(days=1)


def default_latest() -> date:
    """The last plausible day of an article that is read now."""
    return datetime.now(UTC).date() + AHEAD


def read_date(
    value: DateValue, *, latest: date, day_first: bool | None = None, time_zone: str | None = None
) -> DateRead:
    """Read a date; nothing, without a reason, for nothing or for a blank one.

    ``time_zone`` (IANA name) is that of times that tell none; without it they give a day and no moment.
    """
    if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
        return DateRead()
    home = home_zone(time_zone)
    quoted = repr(str(value)[:_QUOTED_CHARS])
    try:
        if isinstance(value, str):
            on, at, is_possible = _read_text(value, day_first=day_first, home=home)
        else:
            on, at, is_possible = _read_typed(value, home)
        at = at.astimezone(UTC) if at is not None else None
    except _UnreadableError as error:
        return DateRead(None, None, error.rule, f"the date {quoted} {error.why}: the article is kept without it")
    except (ValueError, OverflowError):
        return DateRead(None, None, "date_unreadable", f"the date {quoted} cannot be read; write YYYY-MM-DD")
    if not EARLIEST <= on <= latest:
        reason = f"the date {quoted} is not between {EARLIEST} and {latest}: the article is kept without it"
        return DateRead(None, None, "date_implausible", reason)
    if not is_possible:
        return DateRead(on, None, "time_impossible", f"the time of {quoted} does not exist: only the day is kept")
    return DateRead(on, at)


_IN_PATH: Final = re.compile(r"(?:^|/)(\d{4})[-/_](\d{2})[-/_](\d{2})(?=[-_/. ])")


def date_in_path(path: str) -> str | None:
    """The date that a path bears: ``2024/01/11/a.html`` or ``2024-01-11-title.md``.

    For formats that tell no date themselves. Where both do, the file is right: folders tell when it was
    fetched as often as when it was published.
    """
    found = _IN_PATH.findall(path)
    return "-".join(found[-1]) if found else None
