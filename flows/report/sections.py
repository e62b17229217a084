"""Sections: the parts of the report's page, each with the commands that give its figures."""

from __future__ import annotations

import shlex
from typing import Final

from flows.pictures.charts import compared_bars, lines, small_lines, thinning
from flows.pictures.network import Edge, network
from flows.pictures.page import (
    Html,
    figure,
    folded,
    items,
    joined,
    link,
    origin,
    paragraph,
    section,
    strong,
    table,
)
from flows.pictures.words import day, number, plural, weekday
from flows.pictures.world_map import Point, world_map
from flows.report.facts import Facts, Period
from flows.report.headline import days_before, usual_articles

_STORIES_EACH: Final = 2
_TABLE_PAIRS: Final = 15
_TABLE_PLACES: Final = 15


def between(period: Period) -> str:
    """The options of a command that mean a period."""
    return f"--from {period.first} --to {period.last}"


def ask(question: str, *options: str) -> str:
    """The command line of a question."""
    return " ".join(["dateline ask", question, *options])


def _headlines(facts: Facts) -> list[tuple[str, list[Html]]]:
    """Titles for the first movers, each title once: a story that moves several is told for the first of them."""
    told: set[str] = set()
    found = []
    for mover in facts.movers:
        fresh = [row for row in facts.stories if row["entity_id"] == mover["entity_id"] and row["title"] not in told]
        chosen = list({row["title"]: row for row in reversed(fresh)}.values())[::-1][:_STORIES_EACH]
        told |= {row["title"] for row in chosen}
        if chosen:
            titles = [
                joined(link(row["title"], row["url"]), f" ({row['source']}, {day(row['published_on'])})")
                for row in chosen
            ]
            found.append((mover["name"], titles))
    return found


def movers(facts: Facts, period: Period) -> Html:
    title = "In the news more than usual"
    asked = origin(ask("trending", f"--on {period.last} --window {period.day_count}"))
    if not facts.movers:
        why = (
            "No name of two articles or more has a larger share of the articles than in the year before."
            if facts.totals["year_articles"]
            else "The warehouse has no articles of the year before: what is usual cannot be told."
        )
        return section(title, [paragraph(why), asked])
    drawn = compared_bars(
        "movers",
        [row["name"] for row in facts.movers],
        [row["articles"] for row in facts.movers],
        [row["usual_articles"] for row in facts.movers],
    )
    caption = (
        "Bars: articles of the period that mention the name. Orange marks: how many it would be at the name's share of "
        "the articles of the year before. The surest first: how unlikely it is by chance."
    )
    rows = [
        (row["name"], row["entity_type"].lower(), row["articles"], usual_articles(row), f"{row['score']:.1f}")
        for row in facts.movers
    ]
    shown = table(
        "Score: at 3, chance would do it for one name in a thousand; at 6, for one in a million",
        columns := ["name", "type", "articles", "usually", "score"],
        rows,
        right=columns[2:],
    )
    stories = [part for name, titles in _headlines(facts) for part in (paragraph(strong(name), "name"), items(titles))]
    behind = [Html("<h3>The articles that mention them most</h3>"), *stories] if stories else []
    return section(title, [figure(drawn, caption), asked, folded("The same as a table", [shown]), *behind])


def volume(facts: Facts, period: Period) -> Html:
    days, numbers = ([row[name] for row in facts.days] for name in ("day", "articles"))
    busiest = max(range(len(days)), key=lambda place: numbers[place])
    caption = f"The busiest day was {weekday(days[busiest])}, with {plural(numbers[busiest], 'article')}."
    caption += thinning(len(days))
    return section(
        "Articles a day",
        [
            figure(lines("volume", days, [("articles", numbers)]), caption),
            origin(ask("busiest_days", between(period))),
        ],
    )


def most_mentioned(facts: Facts, period: Period) -> Html:
    title = "In most articles"
    if not facts.most_mentioned:
        return section(
            title, [paragraph("No person, organisation or place is mentioned in the articles of the period.")]
        )
    series = [
        (row["name"], facts.timelines[row["entity_id"]])
        for row in facts.most_mentioned
        if row["entity_id"] in facts.timelines
    ]
    drawn = small_lines("timelines", facts.timeline_days, period.first, series)
    before = ", those before it grey" if facts.timeline_days[0] < period.first else ""
    caption = (
        f"Articles a day that mention them, {day(facts.timeline_days[0])} to {day(period.last)}, all on one scale: "
        f"days of the period blue{before}. The number is that of the period.{thinning(len(facts.timeline_days))}"
    )
    rows = [
        (row["name"], row["entity_type"].lower(), row["articles"], row["former_articles"])
        for row in facts.most_mentioned
    ]
    shown = table(
        f"Articles that mention them in the period and in {days_before(period)}",
        ["name", "type", "articles", "before"],
        rows,
    )
    first = shlex.quote(facts.most_mentioned[0]["name"])
    listed = origin(*(ask(f"top_{types}", between(period)) for types in ("people", "organisations", "places")))
    return section(
        title,
        [
            figure(drawn, caption),
            origin(ask("timeline", f"--name {first} --from {facts.timeline_days[0]} --to {period.last}")),
            folded("Five of each type, as a table", [shown, listed]),
        ],
    )


def together(facts: Facts, period: Period) -> Html:
    title = "Who is mentioned together"
    asked = origin(ask("network", between(period), f"--min-count {facts.pair_minimum}"))
    if not facts.pairs:
        why = f"No two people, organisations or places stand together in {facts.pair_minimum} articles or more."
        return section(title, [paragraph(why), asked])
    edges = [
        Edge(row["name"], row["other_name"], row["articles"], row["entity_type"], row["other_entity_type"])
        for row in facts.pairs
    ]
    closest = facts.pairs[0]
    caption = (
        f"Names that the same articles mention: the thicker the line, the more articles. Most often together: "
        f"{closest['name']} and {closest['other_name']}, in {plural(closest['articles'], 'article')}."
    )
    rows = [
        (f"{row['name']} and {row['other_name']}", row["articles"], number(round(row["lift"], 1)))
        for row in facts.pairs[:_TABLE_PAIRS]
    ]
    columns = ["pair", "articles", "lift"]
    shown = table("Lift: how many times as often as chance would have it", columns, rows, right=columns[1:])
    return section(title, [figure(network("network", edges), caption), asked, folded("The same as a table", [shown])])


def places(facts: Facts, period: Period) -> Html:
    title = "Places on the map"
    asked = origin(ask("places_on_map", between(period)))
    if not facts.places:
        return section(title, [paragraph("No city that the articles mention has known coordinates."), asked])
    points = [Point(row["name"], row["latitude"], row["longitude"], row["articles"]) for row in facts.places]
    caption = (
        "Cities that the articles mention: the larger the point, the more articles. Countries are not on it; they "
        "stand under “In most articles”. A name that several cities have is taken for the largest."
    )
    rows = [(row["name"], row["country_code"], row["articles"]) for row in facts.places[:_TABLE_PLACES]]
    shown = table("Articles that mention the city", ["city", "country", "articles"], rows)
    return section(title, [figure(world_map("places", points), caption), asked, folded("The same as a table", [shown])])
