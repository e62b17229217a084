"""Report: the page on a period, as HTML, and its first lines as Markdown for Prefect."""

from __future__ import annotations

import re
from typing import Final

from flows.pictures.page import Html, figures, page, paragraph
from flows.pictures.words import clean, day
from flows.report import quality, sections
from flows.report.facts import Facts
from flows.report.headline import days_before, headline, period_words, usual_articles

#: Every character that Markdown could take for more than itself.
_MARKUP: Final = re.compile(r"([!-/:-@\[-`{-~])")


def title(facts: Facts) -> str:
    return f"News report, {period_words(facts.period)}" if facts.period else "News report"


def _head(facts: Facts) -> list[Html]:
    totals, period = facts.totals, facts.period
    loaded = totals["loaded_at"]
    origin = f"Release {facts.release}" + (f", loaded {day(loaded)} at {loaded:%H:%M} UTC" if loaded else "")
    chosen = "The last seven days that have articles. " if period and period.is_latest else ""
    first, *others = headline(facts)
    head = [paragraph(f"{chosen}{origin}.", "note"), paragraph(first, "lead"), *map(paragraph, others)]
    if period and totals["articles"]:
        quarantined = sum(row["quarantined_count"] for row in facts.ledger)
        head.append(
            figures([
                ("articles", f"{totals['articles']:,}", f"{totals['former_articles']:,} in {days_before(period)}"),
                ("sources", f"{totals['sources']:,}", f"of {totals['all_sources']:,} in the warehouse"),
                ("names", f"{totals['names']:,}", "people, places and others mentioned"),
                ("days with articles", f"{totals['days']:,}", f"of {period.day_count:,}"),
                (
                    "files refused",
                    f"{quarantined:,}",
                    f"of {sum(row['file_count'] for row in facts.ledger):,} ever seen",
                ),
            ])
        )
    return head


def report_page(facts: Facts) -> str:
    """The report as HTML; the same facts give the same bytes."""
    period = facts.period
    parts = []
    if period and facts.totals["articles"]:
        parts = [
            sections.movers(facts, period),
            sections.volume(facts, period),
            sections.most_mentioned(facts, period),
            sections.together(facts, period),
            sections.places(facts, period),
            quality.sources(facts, period),
        ]
    parts += [quality.quality(facts, period), quality.ledger(facts), quality.reading(facts)]
    return page(title(facts), _head(facts), parts, [paragraph(f"Made by Dateline from release {facts.release}.")])


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", clean(text))


def report_markdown(facts: Facts, place: str) -> str:
    """The report's first sentences and movers, and the ``place`` of the page, as a Prefect artifact."""
    lines = [f"## {_escaped(title(facts))}", "", *(f"- {_escaped(sentence)}" for sentence in headline(facts))]
    if facts.movers:
        lines += ["", "| more than usual | articles | usually |", "| --- | ---: | ---: |"]
        lines += [f"| {_escaped(row['name'])} | {row['articles']:,} | {usual_articles(row)} |" for row in facts.movers]
    return "\n".join([*lines, "", f"The whole report: {_escaped(place)}"])
