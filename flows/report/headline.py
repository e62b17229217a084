"""Headline: what a report says in its first sentences, for the page, the terminal and Prefect."""

from __future__ import annotations

import math
from typing import Final

from flows.pictures.words import day, listed, number, plural, weekday
from flows.report.facts import Facts, Period, Row

#: Of so many reports, in one chance makes some name a mover that is told as one.
_REPORTS_A_CHANCE: Final = 20
_TOLD_MOVERS: Final = 3
#: Of fewer articles a percentage says nothing.
_LEAST_FOR_PERCENT: Final = 20
_DOUBLE: Final = 2.0
_FEW: Final = 10


def period_words(period: Period) -> str:
    """The days of a period, as 'Mon 1 Jan 2024', '1 to 7 Jan 2024' or '27 Dec 2023 to 2 Jan 2024'."""
    first, last = period.first, period.last
    if first == last:
        return weekday(first)
    parts = day(first).split(" ")
    shared = 1 if (first.year, first.month) == (last.year, last.month) else 2 if first.year == last.year else 3
    return f"{' '.join(parts[:shared])} to {day(last)}"


def days_before(period: Period) -> str:
    """The days that a period is compared with, as 'the 7 days before'."""
    return "the day before" if period.day_count == 1 else f"the {period.day_count:,} days before"


def comparison(now: int, before: int, period: Period) -> str:
    """How a number of articles stands to that of the days before, as '12% more than in the 7 days before (1,102)'."""
    if not before:
        return f"none in {days_before(period)}"
    if now == before:
        return f"as many as in {days_before(period)}"
    if min(now, before) < _LEAST_FOR_PERCENT:
        return f"{before:,} in {days_before(period)}"
    if now >= before * _DOUBLE:
        return f"{number(round(now / before, 1))} times as many as in {days_before(period)} ({before:,})"
    change = f"{abs(now - before) / before:.0%} {'more' if now > before else 'fewer'} than"
    return f"{change} in {days_before(period)} ({before:,})"


def usual_articles(row: Row) -> str:
    """The articles of a mover if it had its usual share of them, to a tenth where there are few."""
    return number(round(row["usual_articles"], 1 if row["usual_articles"] < _FEW else None))


def _against_usual(row: Row) -> str:
    usual = usual_articles(row)
    return f"{row['name']} ({plural(row['articles'], 'article')}, usually {'none' if usual == '0' else usual})"


def _movement(facts: Facts) -> str:
    if not facts.totals["year_articles"]:
        return "There are no articles in the year before, so what is more than usual cannot be told."
    if not facts.movers:
        return "Nobody and nothing is in the news more than usual."
    # The score of one name is the logarithm of its chance; among many names, one is the luckiest (Bonferroni).
    least = math.log10(facts.totals["names"] * _REPORTS_A_CHANCE)
    sure = [row for row in facts.movers if row["score"] >= least]
    told = listed([_against_usual(row) for row in (sure or facts.movers)[:_TOLD_MOVERS]])
    return f"Up most against the usual: {told}." if sure else f"Up most, though it may be chance: {told}."


def headline(facts: Facts) -> list[str]:
    """Sentences, the most important first."""
    totals, period = facts.totals, facts.period
    if not totals["all_articles"]:
        return ["There are no articles in the warehouse yet."]
    if period is None:
        return [f"None of the {plural(totals['all_articles'], 'article')} in the warehouse has a date."]
    if not totals["articles"]:
        return [f"There are no articles in this period; the warehouse has {plural(totals['all_articles'], 'article')}."]
    sentences = [
        f"{plural(totals['articles'], 'article')} from {plural(totals['sources'], 'source')} in "
        f"{plural(period.day_count, 'day')}; {comparison(totals['articles'], totals['former_articles'], period)}."
    ]
    if facts.most_mentioned:
        named = [f"{row['name']} ({row['articles']:,})" for row in facts.most_mentioned[:_TOLD_MOVERS]]
        sentences += [_movement(facts), f"In most articles: {listed(named)}."]
    else:
        sentences.append("No person, organisation or place is mentioned in them.")
    empty = period.day_count - totals["days"]
    if empty:
        have = "has" if empty == 1 else "have"
        sentences.append(f"{empty:,} of the {plural(period.day_count, 'day')} {have} no article.")
    return sentences
