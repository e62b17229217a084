"""Dates, money, percentages and quantities: what is found, and what it is worth."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.values import VALUE_COLUMNS, VALUE_TYPES, calendar_days, find_values

#: A Thursday.
_PUBLISHED = date(2024, 1, 11)


def _values(*bodies: str, published_on: date | None = _PUBLISHED) -> pl.DataFrame:
    articles = {"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies}
    schema = {"article_id": pl.String, "body": pl.String, "published_on": pl.Date}
    return find_values(Batch(pl.DataFrame({**articles, "published_on": [published_on] * len(bodies)}, schema=schema)))


def _range(first: str | None, last: str | None = None) -> tuple[date | None, date | None]:
    if first is None:
        return None, None
    return date.fromisoformat(first), date.fromisoformat(last or first)


@pytest.mark.parametrize(
    ("body", "surface", "expected"),
    [
        ("on 11 January 2024.", "11 January 2024", _range("2024-01-11")),
        ("On Thursday, Jan. 11, 2024, it", "Thursday, Jan. 11, 2024", _range("2024-01-11")),
        ("at 2024-01-11:", "2024-01-11", _range("2024-01-11")),
        ("on 25/12/2023", "25/12/2023", _range("2023-12-25")),
        ("on 3/4/2023", "3/4/2023", _range(None)),
        ("on 31.12.2023", "31.12.2023", _range("2023-12-31")),
        ("on February 30, 2023", "February 30, 2023", _range(None)),
        ("in January 2024", "January 2024", _range("2024-01-01", "2024-01-31")),
        ("in early June 2023", "early June 2023", _range("2023-06-01", "2023-06-10")),
        ("since the 1990s", "the 1990s", _range("1990-01-01", "1999-12-31")),
        ("the late '80s", "the late '80s", _range("1986-09-01", "1989-12-31")),
        ("in the 19th century", "the 19th century", _range("1801-01-01", "1900-12-31")),
        ("the 2019-2020 season", "2019-2020", _range("2019-01-01", "2020-12-31")),
        ("the 1998-99 season", "1998-99", _range("1998-01-01", "1999-12-31")),
        ("between May 3 and May 7, 2007", "between May 3 and May 7, 2007", _range("2007-05-03", "2007-05-07")),
        ("28 December 2023 - 3 January 2024", "28 December 2023 - 3 January 2024", _range("2023-12-28", "2024-01-03")),
        ("from May 30 to June 2, 2007", "May 30 to June 2, 2007", _range("2007-05-30", "2007-06-02")),
        ("on December 28-30", "December 28-30", _range("2023-12-28", "2023-12-30")),
        ("in the second quarter of 2023", "the second quarter of 2023", _range("2023-04-01", "2023-06-30")),
        ("in the third quarter", "the third quarter", _range(None)),
        ("the fiscal year 2023 bill", "fiscal year 2023", _range(None)),
        ("built in 1066.", "1066", _range("1066-01-01", "1066-12-31")),
        ("on February 5", "February 5", _range("2024-02-05")),
        ("on December 20", "December 20", _range("2023-12-20")),
        ("He spoke on Tuesday.", "Tuesday", _range("2024-01-09")),
        ("She will speak on Tuesday.", "Tuesday", _range("2024-01-16")),
        ("He said on Thursday", "Thursday", _range("2024-01-11")),
        ("On Monday, the court will decide.", "Monday", _range("2024-01-15")),
        ("last Thursday night", "last Thursday night", _range("2024-01-04")),
        ("next Friday", "next Friday", _range("2024-01-12")),
        ("yesterday", "yesterday", _range("2024-01-10")),
        ("the day after tomorrow", "the day after tomorrow", _range("2024-01-13")),
        ("last night", "last night", _range("2024-01-10")),
        ("After Last Year's Drop", "Last Year", _range("2023-01-01", "2023-12-31")),
        ("next week", "next week", _range("2024-01-15", "2024-01-21")),
        ("over the weekend", "over the weekend", _range("2024-01-06", "2024-01-07")),
        ("this year", "this year", _range("2024-01-01", "2024-12-31")),
        ("last month", "last month", _range("2023-12-01", "2023-12-31")),
        ("earlier this month", "earlier this month", _range("2024-01-01", "2024-01-11")),
        ("last September", "last September", _range("2023-09-01", "2023-09-30")),
        ("It rose in October.", "October", _range("2023-10-01", "2023-10-31")),
        ("It will rise in October.", "October", _range("2024-10-01", "2024-10-31")),
        ("It was signed in March.", "March", _range("2023-03-01", "2023-03-31")),
        ("two years ago", "two years ago", _range("2022-01-01", "2022-12-31")),
        ("three weeks ago", "three weeks ago", _range("2023-12-18", "2023-12-24")),
        ("the past three months", "the past three months", _range("2023-10-11", "2024-01-11")),
        ("over the next decade", "the next decade", _range("2024-01-11", "2034-01-11")),
        ("a few days ago", "a few days ago", _range(None)),
        ("a week later", "a week later", _range(None)),
        ("last winter", "last winter", _range("2022-12-01", "2023-02-28")),
        ("this winter", "this winter", _range("2023-12-01", "2024-02-29")),
        ("next summer", "next summer", _range("2024-06-01", "2024-08-31")),
        ("since the Sept. 11 attacks", "Sept. 11", _range("2001-09-11")),
        ("by the end of the year", "end of the year", _range("2024-09-01", "2024-12-31")),
        ("at the end of this month", "end of this month", _range("2024-01-21", "2024-01-31")),
        ("It fell by the end of December.", "end of December", _range("2023-12-21", "2023-12-31")),
        ("at the end of 2022", "end of 2022", _range("2022-09-01", "2022-12-31")),
        ("at the start of the 1990s", "the start of the 1990s", _range("1990-01-01", "1993-05-01")),
        ("late last year", "late last year", _range("2023-09-01", "2023-12-31")),
        ("early this morning", "early this morning", _range("2024-01-11")),
        ("in the summer of 2019", "summer of 2019", _range("2019-06-01", "2019-08-31")),
        ("the winter of 1987-88 was", "winter of 1987-88", _range("1987-12-01", "1988-02-29")),
        ("later this summer", "later this summer", _range("2024-06-01", "2024-08-31")),
        ("in March of last year", "March of last year", _range("2023-03-01", "2023-03-31")),
        ("on May 5 last year", "May 5 last year", _range("2023-05-05")),
        ("the first quarter of last year", "the first quarter of last year", _range("2023-01-01", "2023-03-31")),
        ("1986 fourth quarter net", "1986 fourth quarter", _range("1986-10-01", "1986-12-31")),
        ("the latter half of 2007", "the latter half of 2007", _range("2007-07-01", "2007-12-31")),
        ("H1 2020 and", "H1 2020", _range("2020-01-01", "2020-06-30")),
        ("the second half of May 2019", "the second half of May 2019", _range("2019-05-16", "2019-05-31")),
        ("2020-05-04T10:30:00Z", "2020-05-04T10:30:00Z", _range("2020-05-04")),
        ("in 2009-'10", "2009-'10", _range("2009-01-01", "2010-12-31")),
        # Behind a future cue the day of publication is the day itself.
        ("She will speak on Thursday.", "Thursday", _range("2024-01-11")),
        ("He will return later on Thursday.", "later on Thursday", _range("2024-01-11")),
        ("posted a better-than-expected profit on Tuesday", "Tuesday", _range("2024-01-09")),
        ("sales rose more than expected in December", "December", _range("2023-12-01", "2023-12-31")),
        ("unveiled an ambitious plan Tuesday", "Tuesday", _range("2024-01-09")),
        ("a bill to be presented on Tuesday", "Tuesday", _range("2024-01-16")),
        ("could come as early as Monday", "Monday", _range("2024-01-15")),
        ("On Sunday, Mr. Sanders and Mrs. Clinton will debate", "Sunday", _range("2024-01-14")),
        ("the biggest fall since February", "February", _range("2023-02-01", "2023-02-28")),
        ("gold fell for February delivery", "February", _range("2024-02-01", "2024-02-29")),
        ("Inflation fell to 2 in February", "February", _range("2023-02-01", "2023-02-28")),
        ("according to a 2012 study", "2012", _range("2012-01-01", "2012-12-31")),
        ("its 2008 earnings fell", "2008", _range("2008-01-01", "2008-12-31")),
        ("expects 2008 sales of", "2008", _range("2008-01-01", "2008-12-31")),
    ],
)  # fmt: skip
def test_dates(body: str, surface: str, expected: tuple[date | None, date | None]) -> None:
    found = _values(body)
    assert found.select("surface", "mention_type").rows() == [(surface, "DATE")]
    assert found.select("date_from", "date_to").rows() == [expected]


@pytest.mark.parametrize("relative", ["Tuesday", "yesterday", "last week", "in May", "on May 3", "two years ago"])
def test_relative_dates_need_the_date_of_publication(relative: str) -> None:
    found = _values(relative, published_on=None)
    assert found.select("mention_type", "date_from", "date_to").rows() == [("DATE", None, None)]


@pytest.mark.parametrize(
    "body",
    [
        "It may rain, and they march on.", "May God bless March.", "Theresa May spoke.", "Black Friday sales",
        "USA Today", "the Sunday Times", "April Smith met June Jones.", "Windows 2000", "call 555-2010",
        "Flight 1984A", "$2010B1", "version 2.2010.3",
        "just a second", "the second man", "1234567", "COVID-19", "Boeing 747", "No. 10 Downing",
        "over 2000 were there", "F-16", "a share", "Fortune 500 companies", "on Fox News Sunday", "2024年", "5 mw",
        "all S&P 500 companies", "one hundred and fifty students", "rose to 37 5 percent", "a further 7 2 million jobs",
        'told ABC’s "This Week" that', "the moderate Tuesday Group", "a 2000 word essay",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_value(body: str) -> None:
    assert _values(body)["surface"].to_list() == []


@pytest.mark.parametrize(
    ("body", "surface", "amount", "amount_to", "currency", "unit"),
    [
        ("for $1.5 billion.", "$1.5 billion", 1.5e9, None, "USD", None),
        ("at $27.02 a share", "$27.02", 27.02, None, "USD", "share"),
        ("£3bn and", "£3bn", 3e9, None, "GBP", None),
        ("€ 2,500,000", "€ 2,500,000", 2.5e6, None, "EUR", None),
        ("10 000 euros", "10 000 euros", 1e4, None, "EUR", None),
        ("ZAR1,7 million", "ZAR1,7 million", 1.7e6, None, "ZAR", None),
        ("A$5m", "A$5m", 5e6, None, "AUD", None),
        ("HK$40k", "HK$40k", 4e4, None, "HKD", None),
        ("US$ 4.2 billion", "US$ 4.2 billion", 4.2e9, None, "USD", None),
        ("Rs 40,000 crore", "Rs 40,000 crore", 4e11, None, "INR", None),
        ("5 million manats", "5 million manats", 5e6, None, "AZN", None),
        ("half a million yen", "half a million yen", 5e5, None, "JPY", None),
        ("five million Canadian dollars", "five million Canadian dollars", 5e6, None, "CAD", None),
        ("48 mln dlr loan", "48 mln dlr", 4.8e7, None, "USD", None),
        ("50 cents", "50 cents", 0.5, None, "USD", None),
        ("1,155 pence", "1,155 pence", 11.55, None, "GBP", None),
        ("3 million pounds", "3 million pounds", 3e6, None, "GBP", None),
        ("3 million pounds of debt", "3 million pounds", 3e6, None, "GBP", None),
        ("8.2 million dollars", "8.2 million dollars", 8200000.0, None, "USD", None),
        ("100 Mexican pesos", "100 Mexican pesos", 100.0, None, "MXN", None),
        ("100 pesos", "100 pesos", 100.0, None, None, None),
        ("$5 to $10 million", "$5 to $10 million", 5e6, 1e7, "USD", None),
        ("$500 to $1 million", "$500 to $1 million", 500.0, 1e6, "USD", None),
        ("$60,000-80,000", "$60,000-80,000", 6e4, 8e4, "USD", None),
        ("between $12 and $15 billion", "between $12 and $15 billion", 1.2e10, 1.5e10, "USD", None),
        ("10 million-dollar", "10 million-dollar", 1e7, None, "USD", None),
        ("between 5 and 6 million euros", "between 5 and 6 million euros", 5e6, 6e6, "EUR", None),
    ],
)
def test_money(
    body: str, surface: str, amount: float, amount_to: float | None, currency: str | None, unit: str | None
) -> None:
    found = _values(body)
    assert found.select("surface", "mention_type", "currency", "unit").rows() == [(surface, "MONEY", currency, unit)]
    assert found.select("amount", "amount_to").rows() == [pytest.approx((amount, amount_to))]


@pytest.mark.parametrize(
    ("body", "surface", "amount", "amount_to", "unit"),
    [
        ("rose 3.2 per cent", "3.2 per cent", 3.2, None, "percent"),
        ("by 45%.", "45%", 45.0, None, "percent"),
        ("fell twenty-five percent", "twenty-five percent", 25.0, None, "percent"),
        ("8-1/4 pct", "8-1/4 pct", 8.25, None, "percent"),
        ("half a percent", "half a percent", 0.5, None, "percent"),
        ("5 to 10 percent", "5 to 10 percent", 5.0, 10.0, "percent"),
        ("at -0.5% of", "-0.5%", -0.5, None, "percent"),
        ("fell to minus 6.5 percent", "6.5 percent", -6.5, None, "percent"),
        ("plus or minus 4 percent", "4 percent", 4.0, None, "percent"),
        ("10%-15%", "10%-15%", 10.0, 15.0, "percent"),
        ("a quarter of a percentage point", "a quarter of a percentage point", 0.25, None, "percentage point"),
        ("one half of 1 percent", "one half of 1 percent", 0.5, None, "percent"),
        ("three-tenths of a percent", "three-tenths of a percent", 0.3, None, "percent"),
        ("two percentage points", "two percentage points", 2.0, None, "percentage point"),
        ("25 basis points", "25 basis points", 0.25, None, "percentage point"),
        ("ran 12 km.", "12 km", 12.0, None, "kilometre"),
        ("10-mile walk", "10-mile", 10.0, None, "mile"),
        ("2.5 million barrels per day", "2.5 million barrels per day", 2.5e6, None, "barrel per day"),
        ("50 pounds of rice", "50 pounds", 50.0, None, "pound"),
        ("3 million pounds of rice", "3 million pounds", 3e6, None, "pound"),
        ("FIVE PEOPLE KILLED", "FIVE PEOPLE", 5.0, None, "person"),
        ("From 206 Countries", "206 Countries", 206.0, None, "country"),
        ("2.8 million acre-feet", "2.8 million acre-feet", 2.8e6, None, "acre-foot"),
        ("5 MW plant", "5 MW", 5.0, None, "megawatt"),
        ("killed six people", "six people", 6.0, None, "person"),
        ("a dozen soldiers", "a dozen soldiers", 12.0, None, "soldier"),
        ("240,000 to 250,000 tonnes", "240,000 to 250,000 tonnes", 2.4e5, 2.5e5, "tonne"),
    ],
)
def test_percentages_and_quantities(body: str, surface: str, amount: float, amount_to: float | None, unit: str) -> None:
    found = _values(body)
    assert found.select("surface", "unit").rows() == [(surface, unit)]
    assert found.select("amount", "amount_to").rows() == [pytest.approx((amount, amount_to))]


def test_what_rises_from_one_sum_to_another_has_two() -> None:
    assert _values("It rose from $5 to $10 million in 2016; people voted.")["surface"].to_list() == [
        "$5",
        "$10 million",
        "2016",
    ]
    assert _values("Prices ranging from $5 to $10")["surface"].to_list() == ["$5 to $10"]
    assert _values("rose 5 percent to 35 percent")["surface"].to_list() == ["5 percent", "35 percent"]
    assert _values("the two countries in 2016 people")["surface"].to_list() == ["2016"]


def test_hundredths_are_exact() -> None:
    assert _values("95 cents or 35 basis points")["amount"].to_list() == [0.95, 0.35]


def test_no_articles_and_no_dates() -> None:
    assert _values().schema == VALUE_COLUMNS
    assert _values("Nothing.").schema == VALUE_COLUMNS
    without = find_values(Batch(pl.DataFrame({"article_id": ["a"], "body": ["On Tuesday, $5."]})))
    assert without["surface"].to_list() == ["Tuesday", "$5"]


_PIECES = st.sampled_from([
    "on Tuesday", "May", "3", "2007", ",", " to ", "-", "$5", "million", "percent", "people", "between", "and",
    "the", "1990s", "last", "week", "ago", "two", "years", "é", "🙂", "\n\n", "A$", "1,000", "km", ".", "%", "will",
    "Rs", "\x01",
])  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(_PIECES, max_size=12).map(" ".join), min_size=1, max_size=4))
def test_spans_are_exact_ordered_apart_and_the_same_in_any_batch(bodies: list[str]) -> None:
    found = _values(*bodies)
    for number, body in enumerate(bodies):
        mine = found.filter(pl.col("article_id") == f"{number}")
        assert_frame_equal(mine.with_columns(article_id=pl.lit("0")), _values(body))
        spans = mine.select("start_char", "end_char").rows()
        assert [body[start:end] for start, end in spans] == mine["surface"].to_list()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert found["mention_type"].is_in(list(VALUE_TYPES)).all()
    assert (found["date_from"] <= found["date_to"]).fill_null(value=True).all()
    assert (found["date_from"].is_null() == found["date_to"].is_null()).all()
    assert (found["amount"].is_null() == (found["mention_type"] == "DATE")).all()


@settings(deadline=None)
@given(st.dates(date(1, 1, 1), date(9990, 1, 1)), st.integers(-5, 60))
def test_calendar(day: date, months: int) -> None:
    epoch = date(1970, 1, 1)
    days = np.array([float((day - epoch).days)])
    series = pl.Series([day])
    assert calendar_days.year_of(days)[0] == day.year
    assert calendar_days.month_of(days)[0] == day.month
    assert calendar_days.day_of_week(days)[0] == day.weekday()
    assert calendar_days.date(np.array([day.year]), day.month, day.day)[0] == days[0]
    moved = series.dt.offset_by(f"{months}mo").to_physical()
    if day.year > 1:
        assert calendar_days.add_months(days, months)[0] == moved[0]
    assert calendar_days.last_of_month(days)[0] == series.dt.month_end().to_physical()[0]


def test_currencies_and_units_are_listed_once() -> None:
    currencies = [(row["kind"], row["text"], row["nation"]) for row in read_packaged_csv("currencies.csv")]
    units = [row["word"] for row in read_packaged_csv("units.csv")]
    assert len(currencies) == len(set(currencies))
    assert len(units) == len(set(units))
