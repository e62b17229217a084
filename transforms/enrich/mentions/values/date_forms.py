"""The forms in which news prints dates, and their parts.

The names of parts: ``y``, ``m``, ``d`` are year, month and day (of the month), ``y2`` … those of a range's end;
``wd`` a weekday; ``way`` says which of several ("last", "next"), ``n`` and ``unit`` how many of what; ``third`` is
"early", "mid" or "late", or "end of" and the like.
"""

from __future__ import annotations

from transforms.enrich.mentions.patterns import EDGE
from transforms.enrich.mentions.values.forms import Form, Forms
from transforms.enrich.mentions.values.number_words import WORD_VALUES, any_of

_MONTHS = (
    "(?i-u:January|February|April|June|July|August|September|October|November|December)|March|MARCH|May|MAY|"
    r"(?i-u:Jan|Feb|Apr|Aug|Sept|Sep|Oct|Nov|Dec)\.?|(?:Mar|Jun|Jul|MAR|JUN|JUL)\.?"
)
_FULL_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    r"JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER|Sept\."
)
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_ORDINAL_DAY = rf"(?:{_DAY}(?:st|nd|rd|th)?)"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_RECENT_YEAR = r"(?:1[89][0-9]{2}|20[0-4][0-9])"
_WEEKDAYS = "(?i-u:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_SHORT_WEEKDAYS = (
    r"(?:(?i-u:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)|(?:Mon|Tues?|Weds?|Thurs?|Thu|Fri|Sat|Sun)\.?)"
)
_DASH = r"(?: ?[-–—] ?)"
_TO = rf"(?:{_DASH}| to | through | until )"
_PART_OF_DAY = r"(?i-u:morning|afternoon|evening|night)"
_THIRD = r"(?:(?P<third>[Ee]arly|[Mm]id|[Ll]ate|(?i-u:end|start|beginning|middle) of)[- ])"
_ONE_WORD_NUMBERS = any_of([word for word in WORD_VALUES if " " not in word and word not in {"half", "zero"}])
_COUNT = rf"(?:[0-9]{{1,3}}|(?i-u:{_ONE_WORD_NUMBERS}))"
_VAGUE = "(?:few|several|couple of|a few|a couple of|many|some)"
_UNIT = r"(?i-u:day|week|weekend|month|quarter|year|decade)"
_SEASONS = "spring|summer|autumn|fall|winter"
_PERIOD = rf"(?i-u:week|weekend|month|year|quarter|decade|century|{_SEASONS}|{_PART_OF_DAY}|fiscal year)"


def _month(name: str, months: str = _MONTHS) -> str:
    return rf"(?P<{name}>{months})"


def _day(name: str) -> str:
    return rf"(?P<{name}>{_ORDINAL_DAY})"


def _year(name: str) -> str:
    return rf"(?P<{name}>{_YEAR})"


_WEEKDAY_BEFORE = rf"(?:(?:(?i-u:this|last|next|this past|this coming) )?(?P<wd>{_SHORT_WEEKDAYS})(?:, | ))?"
_ABSOLUTE = (
    Form("iso", rf"{EDGE}{_year('y')}-(?P<m>[01][0-9])-(?P<d>[0-3][0-9])(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?{EDGE}", 0.98),
    Form(
        "slashes",
        rf"{EDGE}(?P<a>[0-3]?[0-9])/(?P<b>[0-3]?[0-9])/(?P<y>20[0-9]{{2}}|19[0-9]{{2}}|[0-9]{{2}}){EDGE}",
        0.9,
    ),
    Form("dots", rf"{EDGE}(?P<d>[0-3]?[0-9])\.(?P<m>[01]?[0-9])\.{_year('y')}{EDGE}", 0.9),
    Form(
        "days of two months",
        rf"{EDGE}(?:between )?{_WEEKDAY_BEFORE}{_month('m')} {_day('d')}(?:,? {_year('y')})?(?:{_TO}| and )"
        rf"(?:{_SHORT_WEEKDAYS},? )?{_month('m2')} {_day('d2')}(?:,? {_year('y2')})?{EDGE}",
        0.95,
    ),
    Form(
        "days of a month",
        rf"{EDGE}(?:{_SHORT_WEEKDAYS}(?:, | ))?{_month('m')} {_day('d')}(?:{_TO}|(?:,| and| &) ){_day('d2')},? "
        rf"{_year('y')}{EDGE}|"
        rf"{EDGE}between {_month('m3')} {_day('d3')} and {_day('d4')}{EDGE}",
        0.95,
    ),
    Form(
        "days of a month, no year",
        rf"{EDGE}{_month('m')} {_day('d')}(?:{_DASH}| to | through ){_day('d2')}{EDGE}",
        0.95,
    ),
    Form(
        "month day year", rf"{EDGE}{_WEEKDAY_BEFORE}(?:the )?{_month('m')} {_day('d')}(?:, ?| ){_year('y')}{EDGE}", 0.98
    ),
    Form(
        "month of some year",
        rf"{EDGE}{_THIRD}?{_month('m')}(?: {_day('d')})?,? (?:of )?(?P<way>this|last|next) year{EDGE}",
        0.95,
    ),
    Form("month day", rf"{EDGE}{_WEEKDAY_BEFORE}{_month('m')} {_day('d')}{EDGE}", 0.95),
    Form(
        "days, then month",
        rf"{EDGE}(?:{_SHORT_WEEKDAYS},? )?{_day('d')}(?:{_TO}| and ){_day('d2')}(?: of)? {_month('m')}"
        rf"(?:,? {_year('y')})?{EDGE}",
        0.95,
    ),
    Form(
        "days, each with month",
        rf"{EDGE}(?:{_SHORT_WEEKDAYS},? )?{_day('d')} {_month('m')}(?:,? {_year('y')})?"
        rf"(?:{_TO}){_day('d2')} {_month('m2')}(?:,? {_year('y2')})?{EDGE}",
        0.95,
    ),
    Form(
        "day month",
        rf"{EDGE}{_WEEKDAY_BEFORE}(?:[Tt]he )?{_day('d')}(?: of)? {_month('m')}(?:(?:, ?| ){_year('y')})?{EDGE}",
        0.95,
    ),
    Form(
        "months",
        rf"{EDGE}(?:between )?{_month('m', _FULL_MONTHS)}(?: {_year('y')})?(?:{_TO}"
        rf"| and ){_month('m2', _FULL_MONTHS)},? {_year('y2')}{EDGE}|"
        rf"{EDGE}{_month('m3', _FULL_MONTHS)}(?:{_DASH}| to | through ){_month('m4', _FULL_MONTHS)}{EDGE}",
        0.95,
    ),
    Form(
        "month year",
        rf"{EDGE}{_THIRD}?{_month('m')}(?:,? | of ){_year('y')}{EDGE}",
        0.98,
    ),
    Form("years", rf"{EDGE}(?P<y>{_RECENT_YEAR})(?:[-–—/]|{_TO})(?P<y2>{_RECENT_YEAR}){EDGE}", 0.95),
    Form("years between", rf"{EDGE}[Bb]etween (?P<y>{_YEAR}) and (?P<y2>{_YEAR}){EDGE}", 0.95),
    Form("season", rf"{EDGE}(?P<y>{_RECENT_YEAR})[-–/]['’]?(?P<yy>[0-9]{{2}}){EDGE}", 0.9),
    Form("decade", rf"{EDGE}(?:[Tt]he )?(?:{_THIRD}(?:the )?)?(?P<y>1[0-9]{{2}}0['’]?|20[0-9]0)s{EDGE}", 0.95),
    Form("short decade", rf"(?:{EDGE}[Tt]he )?(?:{EDGE}{_THIRD}(?:the )?)?['’](?P<yy>[0-9]0)s{EDGE}", 0.9),
    Form(
        "century",
        rf"{EDGE}(?:[Tt]he )?(?:{_THIRD}(?:the )?)?(?P<n>[12]?[0-9])(?:st|nd|rd|th)[- ][Cc]entury{EDGE}",
        0.95,
    ),
    Form(
        "quarter",
        rf"{EDGE}(?:[Tt]he )?(?P<n>(?i-u:first|second|third|fourth|last|final)|[1-4](?:st|nd|rd"
        rf"|th))[- ](?i-u:quarter) (?:of |in )?(?P<y>{_RECENT_YEAR}){EDGE}|"
        rf"{EDGE}(?P<n2>Q[1-4]|[1-4]Q),? ?(?:of )?(?P<y2>{_RECENT_YEAR}){EDGE}|"
        rf"{EDGE}(?P<y3>{_RECENT_YEAR})(?:['’]s)? (?P<n3>(?i-u:first|second|third|fourth))[- ](?i-u:quarter){EDGE}",
        0.95,
    ),
    Form(
        "half year",
        rf"{EDGE}(?:[Tt]he )?(?P<n>(?i-u:first|second|latter|last))[- ]half (?:of |in )?(?P<y>{_RECENT_YEAR}){EDGE}|"
        rf"{EDGE}(?P<n2>H[12]|[12]H) ?(?P<y2>{_RECENT_YEAR}){EDGE}|"
        rf"{EDGE}(?P<y3>{_RECENT_YEAR})(?:['’]s)? (?P<n3>(?i-u:first|second))[- ](?i-u:half){EDGE}",
        0.95,
    ),
    Form(
        "half of a month",
        rf"{EDGE}(?:[Tt]he )?(?P<n>(?i-u:first|second|latter|last))[- ]half of (?P<m>{_FULL_MONTHS})"
        rf"(?:,? (?P<y>{_YEAR}))?{EDGE}",
        0.95,
    ),
    Form(
        "some quarter",
        rf"{EDGE}(?:(?:[Tt]he|[Tt]his|[Ll]ast|[Nn]ext) )?(?P<n>(?i-u:first|second|third|fourth|latter))[- ]"
        rf"(?P<unit>(?i-u:quarter|half))(?: of (?P<way>this|last|next|the) year)?{EDGE}",
        0.9,
    ),
    Form(
        "fiscal year",
        rf"{EDGE}(?:(?:[Ff]iscal|FISCAL)(?: [Yy]ears?| YEAR)?|FY) ?(?:{_YEAR}(?:[-–/][0-9]{{2,4}})?"
        rf"|['’]?[0-9]{{2}}){EDGE}",
        0.95,
    ),
    Form(
        "season of a year",
        rf"{EDGE}{_THIRD}?(?P<unit>(?i-u:{_SEASONS}))(?: of)? (?P<y>{_RECENT_YEAR})(?:[-–/][0-9]{{2,4}})?{EDGE}",
        0.95,
    ),
    Form("year", rf"{EDGE}{_THIRD}?(?P<y>{_YEAR}){EDGE}", 0.9),
)
_RELATIVE = (
    Form("today", rf"{EDGE}(?i-u:the day (?P<way>before yesterday|after tomorrow)){EDGE}", 0.98),
    Form("today", rf"{EDGE}(?i-u:(?P<way>yesterday|today|tomorrow|tonight))(?: {_PART_OF_DAY})?{EDGE}", 0.95),
    Form(
        "weekday",
        rf"{EDGE}(?:(?P<way>(?i-u:last|next|this past|this coming|this|early|late|earlier"
        rf"|later))(?: on)? )?(?P<wd>{_WEEKDAYS})(?: {_PART_OF_DAY})?{EDGE}",
        0.95,
    ),
    Form(
        "rolling",
        rf"{EDGE}(?:(?i-u:the) )?(?P<way>(?i-u:last|past|next|coming|previous|following|recent))"
        rf"(?: (?P<n>{_COUNT}|{_VAGUE})[ -]?)(?:(?:full|calendar|fiscal) )?(?P<unit>{_UNIT})s{EDGE}",
        0.95,
    ),
    Form(
        "the last year",
        rf"{EDGE}(?i-u:the) (?P<way>(?i-u:last|past|next|coming)) (?P<unit>week|month|year|decade){EDGE}",
        0.95,
    ),
    Form(
        "part of this year",
        rf"{EDGE}(?P<way>(?i-u:earlier|later)) (?:this|next|last) (?P<unit>week|month|quarter|year|decade|century"
        rf"|{_SEASONS}|{_PART_OF_DAY}|{_FULL_MONTHS}){EDGE}",
        0.95,
    ),
    Form(
        "part of a period", rf"{EDGE}{_THIRD}(?P<way>(?i-u:last|next|this|this past)) (?P<unit>{_PERIOD}){EDGE}", 0.95
    ),
    Form(
        "part of the period",
        rf"{EDGE}(?P<third>(?i-u:end|start|beginning|middle) of) (?P<way>the) "
        rf"(?P<unit>week|month|quarter|year|decade|century){EDGE}",
        0.95,
    ),
    Form(
        "period",
        rf"{EDGE}(?:(?i-u:the) )?(?P<way>(?i-u:last|next|this past|this coming|this|past|previous|coming"
        rf"|current|following|same)) (?P<unit>{_PERIOD}){EDGE}",
        0.95,
    ),
    Form("weekend", rf"{EDGE}(?i-u:over) the weekend{EDGE}", 0.95),
    Form(
        "ago",
        rf"{EDGE}(?P<n>{_COUNT}|{_VAGUE}|(?i-u:an?)) (?P<unit>{_UNIT})s? (?P<way>ago|earlier|later|from now){EDGE}",
        0.95,
    ),
    Form(
        "named month", rf"{EDGE}(?P<way>(?i-u:last|next|this past|this coming|this)) (?P<m>{_FULL_MONTHS}){EDGE}", 0.95
    ),
    Form("part of a month", rf"{EDGE}{_THIRD}(?P<m>{_FULL_MONTHS}){EDGE}", 0.9),
    Form("month", rf"{EDGE}(?P<m>{_FULL_MONTHS}){EDGE}", 0.9),
)

DATE_FORMS = Forms((*_ABSOLUTE, *_RELATIVE))
