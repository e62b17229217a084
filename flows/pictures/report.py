"""Report: one page for the morning meeting, made of the facts of a period."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import date
from typing import Any, Final

from flows.pictures import charts
from flows.pictures.facts import Facts, read_facts
from flows.pictures.page import (
    Html,
    day,
    figure,
    figures,
    folded,
    items,
    page,
    paragraph,
    percent,
    section,
    table,
)
from warehouse.guard import UNLIMITED, Limits

_TYPES: Final = {
    "PERSON": "person", "ORGANISATION": "organisation", "PLACE": "place",
    "GROUP": "group", "EVENT": "event", "OTHER": "other",
}  # fmt: skip
#: Score of ``trending`` from which a mover is told in the first sentences: chance does it once in a thousand cases.
_SURE_SCORE: Final = 3.0
_TOLD_MOVERS: Final = 3


def _plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]


def _period(facts: Facts) -> str:
    if facts.from_on is None or facts.to_on is None:
        return "no dated articles yet"
    if facts.from_on == facts.to_on:
        return f"{facts.from_on:%A} {day(facts.from_on)}"
    return f"{day(facts.from_on)} to {day(facts.to_on)}"


def _comparison(facts: Facts) -> str:
    now, before = facts.totals["articles"], facts.totals["former_articles"]
    length = _plural(len(facts.days), "day")
    if not before:
        return f"There were none in the {length} before."
    if now == before:
        return f"As many as in the {length} before."
    change = abs(now - before) / before
    amount = f"{change:.0%}" if change < 2 else f"{now / before:.1f} times as many"  # ruff: ignore[magic-value-comparison]
    if "times" in amount:
        return f"That is {amount} as in the {length} before ({before:,})."
    return f"That is {amount} {'more' if now > before else 'fewer'} than in the {length} before ({before:,})."


def _lead(facts: Facts) -> list[Html]:
    totals = facts.totals
    if not totals["all_articles"]:
        return [paragraph("There are no articles in the warehouse yet.", "lead")]
    if not totals["articles"]:
        text = f"There are no articles in this period; the warehouse has {_plural(totals['all_articles'], 'article')}."
        return [paragraph(text, "lead")]
    sentences = [
        f"{_plural(totals['articles'], 'article')} by {_plural(totals['sources'], 'source')} "
        f"{'mentions' if totals['articles'] == 1 else 'mention'} {_plural(totals['entities'], 'name')}.",
        _comparison(facts),
    ]
    sure = [row for row in facts.movers if row[6] >= _SURE_SCORE][:_TOLD_MOVERS]
    if sure:
        told = [f"{name} ({_plural(articles, 'article')})" for _, name, _, articles, *_ in sure]
        sentences.append(f"Much more in the news than usual: {_listed(told)}.")
    elif facts.most_mentioned:
        told = [f"{name} ({_plural(articles, 'article')})" for _, name, _, articles in facts.most_mentioned[:3]]
        sentences.append(f"Nothing is in the news much more than usual; most mentioned: {_listed(told)}.")
    empty = len(facts.days) - totals["days"]
    if empty:
        sentences.append(f"{_plural(empty, 'day')} of {len(facts.days)} {'has' if empty == 1 else 'have'} no article.")
    refused = sum(row[3] for row in facts.ledger)
    return [
        paragraph(" ".join(sentences), "lead"),
        figures([
            ("articles", f"{totals['articles']:,}"),
            ("sources", f"{totals['sources']} of {totals['all_sources']}"),
            ("names mentioned", f"{totals['entities']:,}"),
            ("days with articles", f"{totals['days']:,} of {len(facts.days):,}"),
            ("files in quarantine", f"{refused:,}"),
        ]),
    ]


def _movers(facts: Facts) -> Html | None:
    if not facts.movers:
        return None
    rows = [
        (name, _TYPES[kind], articles, percent(share), percent(usual) if usual else "never", f"{score:.1f}")
        for _, name, kind, articles, share, usual, score in facts.movers
    ]
    titles = defaultdict(list)
    for entity_id, published_on, source, title in facts.stories:
        titles[entity_id].append(f"{title} ({source}, {day(published_on)})")
    told: list[Html] = []
    for entity_id, name, *_ in facts.movers:
        if titles[entity_id]:
            told += [paragraph(name, "name"), items(titles[entity_id])]
    drawn = charts.bars(
        "movers", "surprise", [row[1] for row in facts.movers], [round(row[6], 1) for row in facts.movers]
    )
    as_table = table(
        "Share of the period's articles, and of those of the year before it",
        columns := ["name", "type", "articles", "share", "usually", "score"],
        rows,
        right=columns[3:],
    )
    text = "How sure it is that this is more than usual: at 3, chance would do it once in a thousand cases."
    headlines = [Html("<h3>Their latest headlines</h3>"), *told] if told else []
    return section("In the news more than usual", [figure(drawn, text), folded("As a table", [as_table]), *headlines])


def _volume(facts: Facts) -> Html:
    drawn = charts.lines("volume", [row[0] for row in facts.days], [("articles", [row[1] for row in facts.days])])
    busiest = max(facts.days, key=lambda row: row[1])
    text = f"The busiest day was {busiest[0]:%A} {day(busiest[0])}, with {_plural(busiest[1], 'article')}."
    return section("Articles a day", [figure(drawn, text)])


def _timelines(facts: Facts) -> Html | None:
    if not facts.most_mentioned:
        return None
    series = [(name, facts.timelines[entity_id]) for entity_id, name, *_ in facts.most_mentioned]
    drawn = charts.small_lines("timelines", facts.timeline_days, series)
    rows = [(name, _TYPES[kind], articles) for _, name, kind, articles in facts.most_mentioned]
    caption = (
        f"Articles a day that mention them, {day(facts.timeline_days[0])} to {day(facts.timeline_days[-1])}, all on one "
        "scale; the number is their sum."
    )
    parts = [
        figure(drawn, caption),
        folded("As a table", [table("Articles of the period", ["name", "type", "articles"], rows)]),
    ]
    return section("Most mentioned", parts)


def _network(facts: Facts) -> Html:
    if not facts.pairs:
        return section("Who is mentioned together", [paragraph("No two names stand together in several articles.")])
    drawn = charts.network("network", [row[:3] for row in facts.pairs])
    closest = facts.pairs[0]
    text = f"Most often together: {closest[0]} and {closest[1]}, in {_plural(closest[2], 'article')}."
    rows = [(f"{name} and {other}", articles, round(lift, 1)) for name, other, articles, lift in facts.pairs[:15]]
    caption = "The pairs that most articles mention; a lift of 2 is twice as often as chance would have it"
    parts = [figure(drawn, text), folded("As a table", [table(caption, ["pair", "articles", "lift"], rows)])]
    return section("Who is mentioned together", parts)


def _places(facts: Facts) -> Html | None:
    if not facts.places:
        return None
    drawn = charts.world_map("places", [(row[0], row[2], row[3], row[4]) for row in facts.places])
    rows = [(name, country, articles) for name, country, _, _, articles in facts.places[:15]]
    text = "Cities that are mentioned, the larger the more articles. Countries have no point of their own and are not here."
    parts = [
        figure(drawn, text),
        folded("As a table", [table("The first ones", ["place", "country", "articles"], rows)]),
    ]
    return section("Places", parts)


def _sources(facts: Facts) -> Html:
    rows = [
        (source, articles, days, words, last_on and day(last_on), names)
        for source, articles, days, words, last_on, names in facts.sources
    ]
    columns = ["source", "articles", "days", "words an article", "last article", "mentions most"]
    return section("Sources", [table("Articles of the period by source", columns, rows)], is_wide=True)


def _quality(facts: Facts) -> Html:
    totals = facts.totals
    parts: list[Html] = []
    if totals["all_articles"]:
        share = percent(totals["undated"] / totals["all_articles"])
        parts.append(paragraph(
            f"{totals['undated']:,} of {_plural(totals['all_articles'], 'article')} in the warehouse ({share}) have no "
            "date; they are in no period."
        ))  # fmt: skip
    if facts.refused:
        columns = ["rule", "files", "refusals", "an example"]
        parts.append(table("What is refused now, by the rule that was broken", columns, facts.refused))
    else:
        parts.append(paragraph("Nothing is refused."))
    if facts.languages:
        parts.append(table("Languages of the period's articles", ["language", "articles"], facts.languages))
    if facts.gaps:
        rows = [(source, when, articles, round(expected, 1)) for source, when, articles, expected, _ in facts.gaps]
        caption = "Days with suspiciously few articles of a source (20 at most)"
        parts.append(table(caption, ["source", "day", "articles", "usually"], rows))
    elif totals["articles"]:
        parts.append(paragraph("No source has a day with suspiciously few articles."))
    return section("Data quality", parts)


def _ledger(facts: Facts) -> Html:
    sums = [sum(row[place] for row in facts.ledger) for place in range(1, 6)]
    text = (
        f"{_plural(sums[0], 'file')} = {sums[1]:,} loaded + {sums[2]:,} in quarantine + {sums[3]:,} retired, with "
        f"{_plural(sums[4], 'article')}."
    )
    rows: list[tuple[Any, ...]] = [*facts.ledger, *([("all", *sums)] if len(facts.ledger) > 1 else [])]
    columns = ["source", "files", "loaded", "quarantined", "retired", "articles"]
    return section("Ledger", [paragraph(text), table("Files ever seen, by what became of them", columns, rows)])


def report_page(facts: Facts) -> str:
    """The report as HTML; the same facts give the same bytes."""
    has_articles = facts.totals["articles"] > 0
    pictures = (
        [_movers(facts), _volume(facts), _timelines(facts), _network(facts), _places(facts)] if has_articles else []
    )
    sections = [*pictures, _sources(facts) if has_articles else None, _quality(facts), _ledger(facts)]
    head = [paragraph(f"{_period(facts)} · release {facts.release}", "note"), *_lead(facts)]
    foot = (
        f"Made by Dateline from release {facts.release}. Names are found by a program, which errs; every figure leads back "
        "to articles: dateline ask context --name NAME."
    )
    return page("News report", head, [each for each in sections if each is not None], foot)


def make_report(
    data: str | os.PathLike[str] | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    release: int | None = None,
    limits: Limits = UNLIMITED,
) -> str:
    """The report on a period as HTML, by default on the last seven days that have articles.

    Raises what ``read_facts`` raises.
    """
    return report_page(read_facts(data, from_on, to_on, release, limits))
