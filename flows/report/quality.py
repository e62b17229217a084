"""Quality: the parts of the report's page on the sources and the data themselves."""

from __future__ import annotations

from typing import Any

from flows.pictures.page import Html, code, items, joined, origin, paragraph, section, table
from flows.pictures.words import number, percent, plural
from flows.report.facts import Facts, Period
from flows.report.headline import days_before
from flows.report.sections import ask, between


def sources(facts: Facts, period: Period) -> Html:
    rows = [
        (
            row["source"],
            row["articles"],
            row["former_articles"],
            row["days"],
            row["words"],
            row["last_on"],
            row["names"],
        )
        for row in facts.sources
    ]
    columns = ["source", "articles", "before", "days", "words each", "last article", "in most of its articles"]
    caption = (
        f"Articles of the period and of {days_before(period)}; days of the period with articles; words of an "
        "article, on average"
    )
    asked = origin('dateline query "FROM sources"', 'dateline query "FROM articles_per_day"')
    return section("Sources", [table(caption, columns, rows), asked], is_wide=True)


def _quality_figures(facts: Facts) -> list[str]:
    totals = facts.totals
    every, here = totals["all_articles"], totals["articles"]
    figures = []
    if every:
        share = percent(totals["undated_articles"] / every)
        figures += [
            f"{totals['undated_articles']:,} of {plural(every, 'article')} in the warehouse ({share}) have no date, "
            "and so are in no report."
        ]
    if here:
        share = percent(totals["unnamed_articles"] / here)
        figures += [
            f"{totals['unnamed_articles']:,} of the period's {plural(here, 'article')} ({share}) mention no name that "
            "was recognised.",
            f"{totals['repeated_titles']:,} have the title of another one: a story told twice counts twice.",
            "Languages: " + ", ".join(f"{row['language']} {row['articles']:,}" for row in facts.languages) + ".",
        ]
    return figures


def _refused(facts: Facts) -> list[Html]:
    if not facts.refused:
        return [paragraph("Nothing is refused.")]
    rows = [(row["rule"], row["files"], row["refusals"], row["example"]) for row in facts.refused]
    columns = ["rule", "files", "records", "an example"]
    return [table("What is refused now, by the rule that was broken", columns, rows), origin("dateline quarantine")]


def _gaps(facts: Facts, period: Period) -> list[Html]:
    asked = origin(ask("coverage_gaps", between(period)))
    if not facts.gaps:
        return [paragraph("No source has a day with suspiciously few articles."), asked]
    rows = [(row["source"], row["day"], row["articles"], number(round(row["expected"], 1))) for row in facts.gaps]
    columns = ["source", "day", "articles", "usually"]
    return [table("Days with suspiciously few articles of a source", columns, rows, right=columns[2:]), asked]


def quality(facts: Facts, period: Period | None) -> Html:
    parts = [items(_quality_figures(facts)), *_refused(facts)]
    if period and facts.totals["articles"]:
        parts += _gaps(facts, period)
    return section("Data quality", parts)


def ledger(facts: Facts) -> Html:
    names = ["file_count", "loaded_count", "quarantined_count", "retired_count", "article_count"]
    sums = [sum(row[name] for row in facts.ledger) for name in names]
    text = (
        f"{plural(sums[0], 'file')} = {sums[1]:,} loaded + {sums[2]:,} in quarantine + {sums[3]:,} retired, with "
        f"{plural(sums[4], 'article')}."
    )
    rows: list[tuple[Any, ...]] = [(row["source"], *(row[name] for name in names)) for row in facts.ledger]
    rows += [("all", *sums)] if len(rows) > 1 else []
    columns = ["source", "files", "loaded", "quarantined", "retired", "articles"]
    shown = table("Files ever seen, by what became of them", columns, rows)
    return section("Ledger", [paragraph(text), shown, origin('dateline query "FROM ledger_balance"')])


def reading(facts: Facts) -> Html:
    """What one must know to read the figures."""
    rows: list[str | Html] = [
        "All figures count articles, not mentions: an article that mentions a name ten times counts once.",
        "Names are found by a program, which errs: one article in a list may mean somebody else of that name.",
        joined("The sentences behind a name: ", code("dateline ask context --name NAME"), "."),
        joined("The same figures from this release, later: add ", code(f"--release {facts.release}"), " to a command."),
    ]
    return section("How to read this", [items(rows)])
