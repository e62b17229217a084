"""Events: wars, summits, conferences, games, elections, disasters, feasts, found by the way they are named.

``event_cues.csv`` holds the words that events are named with, ``known_names.csv`` events by name; both were written
by hand for Dateline.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.aliases import Aliases, Spelling
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches, span_mentions, without_overlaps
from transforms.enrich.mentions.values.forms import Form, Forms
from transforms.enrich.mentions.values.number_words import any_of

_LISTED_SCORE = 0.9
_CONTEXT_BYTES = 40
#: Words that have a capital in a headline or at the start of a sentence, and are no part of an event's name.
_NO_PART = (
    "The", "A", "An", "This", "That", "These", "Those", "Our", "His", "Her", "Its", "Their", "My", "Your", "In", "On",
    "At", "By", "For", "From", "With", "Without", "After", "Before", "During", "Since", "Until", "Against", "About",
    "Over", "Under", "Than", "To", "Into", "But", "Or", "As", "If", "When", "While", "Where", "Why", "How", "What",
    "Who", "Is", "Are", "Was", "Were", "Will", "Would", "Could", "Should", "May", "Can", "Has", "Have", "Had", "Says",
    "Said", "Not", "No", "Of", "Post", "Every", "Both", "Another", "Last", "Next", "President", "Senator", "Former",
    "Following", "World Leaders",
)  # fmt: skip
#: Latin letters: all letters of Unicode would make the automaton a hundred times as large.
_UPPER, _LETTER = "[A-ZÀ-ÖØ-ÞČĆĐĞİŁŚŞŠŻŽ]", "[A-Za-zÀ-ÖØ-öø-ɏ]"
#: A number behind an abbreviation is a code as often as a year: "CDMA 2000".
_CODED = r"^(?:[A-Z]{3,5} (?:19|20)[0-9]{2})$"
_DATED_BUT_NO_EVENT = (
    r"(?-u:\b)(?:Act|Bill|Law|Plan|Agenda|Vision|Resolution|Directive|Regulation|Windows|Form|Model|Report)(?-u:\b)"
)


@cache
def _known_events() -> tuple[str, ...]:
    return tuple(row["name"] for row in read_packaged_csv("known_names.csv") if row["mention_type"] == "EVENT")


@cache
def _event_words(kind: str) -> str:
    return any_of([row["word"] for row in read_packaged_csv("event_cues.csv") if row["kind"] == kind])


@cache
def _event_forms() -> Forms:
    """How events are named: capitalised words before a head word, or behind an opening one."""
    word = rf"(?:{_UPPER}(?:{_LETTER}|[’'.])*{_LETTER}|U\.S\.|U\.N\.|[A-Z][A-Z0-9]+)"
    ordinal = (
        r"(?:[0-9]{1,3}(?:st|nd|rd|th)|First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|[IVX]{2,5})"
    )
    year = r"(?:(?:1[89]|20)[0-9]{2})"
    head, dated_head = _event_words("head"), _event_words("dated head")
    words = rf"(?:{word}[ -](?:(?:and|of|of the|&) )?){{0,4}}"
    place = rf"(?:the )?{word}(?:[ -]{word}){{0,2}}"
    return Forms((
        Form("world war", rf"{EDGE}(?:World War (?:II|I|One|Two|1|2|III)|(?:First|Second) World War){EDGE}", 0.98),
        Form("super bowl", rf"{EDGE}Super Bowl(?: [IVXL]+| [0-9]+)?{EDGE}", 0.98),
        Form("climate conference", rf"{EDGE}COP ?-?[1-9][0-9]?{EDGE}", 0.97),
        Form(
            "leaders",
            rf"{EDGE}(?:G-?(?:7|8|20|77)|BRICS|NATO|EU|APEC|ASEAN|OPEC|U\.N\.|UN)(?: {word})? [Ss]ummit{EDGE}",
            0.9,
        ),
        Form(
            "session",
            rf"{EDGE}[0-9]{{1,3}}(?:st|nd|rd|th) (?:[Ss]ession|[Ss]ummit|[Cc]onference|[Mm]eeting|[Ee]dition|"
            rf"[Aa]nnual [Mm]eeting) of the {word}(?:(?: of the| of)? {word}){{0,4}}{EDGE}",
            0.9,
        ),
        Form("war on terror", rf"{EDGE}(?:Global )?[Ww]ar on [Tt]error(?:ism)?{EDGE}", 0.95),
        Form("days", rf"{EDGE}[0-9]{{1,3}}[- ][Dd]ay (?:{word} ){{0,2}}[Ww]ar{EDGE}", 0.95),
        Form(
            "games",
            rf"{EDGE}(?:(?:{year}|{ordinal}) )?(?:{word} )?{_event_words('games')} Games(?: {year})?{EDGE}",
            0.97,
        ),
        Form("open", rf"{EDGE}(?:{year} )?{_event_words('open')} Open(?: {year})?{EDGE}", 0.95),
        Form("cup", rf"{EDGE}(?:(?:{year}|{ordinal}) )?{_event_words('cup')} Cup(?: {year})?{EDGE}", 0.95),
        Form("storm", rf"{EDGE}{_event_words('storm')} {_UPPER}{_LETTER}+{EDGE}", 0.95),
        Form("battle", rf"{EDGE}{_event_words('of')} of {place}{EDGE}", 0.95),
        Form("operation", rf"{EDGE}Operation {_UPPER}{_LETTER}+(?: {_UPPER}{_LETTER}+)?{EDGE}", 0.85),
        Form("dated", rf"{EDGE}(?:{year}|{ordinal}|[Aa]nnual) {words}{dated_head}{EDGE}", 0.9),
        Form("head", rf"{EDGE}(?:(?:{year}|{ordinal}) )?(?:{word}[ -]){{1,4}}{head}(?: {year}| [IVX]+)?{EDGE}", 0.9),
        Form("year behind", rf"{EDGE}(?:{word} )?(?:Expo|Euro|Olympics|Eurovision) {year}{EDGE}", 0.95),
        Form(
            "election",
            rf"{EDGE}{year} (?:U\.S\. )?(?:presidential|general|midterm|mid-term|parliamentary|legislative|"
            rf"congressional) elections?{EDGE}",
            0.9,
        ),
    ))


def is_event(names: pl.Series) -> pl.Series:
    """On the list, in one of the forms, or with the head word, the feast day or the year of an event at its end."""
    is_event = names.is_in(_known_events()) | names.str.contains(_event_forms().whole_pattern)
    is_event |= names.str.contains(rf"[\p{{L}}0-9] (?i:{_event_words('head')}|Olympic Games|Primaries)$")
    is_event |= names.str.contains(r"^(?:the )?War of |^[12][0-9]{3} .*(?:elections?|referendum)(?-u:\b)")
    is_event |= names.str.contains(r"^\p{Lu}[\p{L}' ]* (?:Day|(?:19|20)[0-9]{2})$") & ~names.str.contains(_CODED)
    return is_event & ~names.str.contains(rf"^{_event_words('not an event')} |{_DATED_BUT_NO_EVENT}")


def find_events(batch: Batch) -> pl.DataFrame:
    """The events in some articles, by the way they are named: ``MENTION_COLUMNS``.

    One row per event, in the order of the articles and their text.
    """
    aliases, _ = _event_aliases()
    bodies = batch.bodies
    listed, _ = aliases.find(batch.words)
    forms = _event_forms()
    named = _trimmed(bodies, forms.find(bodies))
    readings = forms.read(bodies.surfaces(named))
    matches = Matches(*(np.concatenate(columns) for columns in zip(listed, named, strict=True)))
    scores = np.concatenate([
        np.full(len(listed.starts), _LISTED_SCORE),
        readings["score"].fill_null(0).to_numpy(),
    ])
    is_named = pl.Series(np.ones(len(listed.starts), np.bool_)).append(readings["form"].is_not_null())

    keep = np.flatnonzero((is_named & _stands_alone(bodies, matches)).to_numpy())
    keep = keep[without_overlaps(matches.at(keep))]
    return span_mentions(batch.articles, bodies, matches.at(keep), "EVENT", scores[keep])


def _stands_alone(bodies: Bodies, matches: Matches) -> pl.Series:
    """Is no part of a longer name, and nothing that only sounds like an event."""
    surfaces, after = bodies.surfaces(matches), bodies.after(matches, _CONTEXT_BYTES)
    is_bad = surfaces.str.contains(rf"(?:^| ){_event_words('not an event')}[ -]\w+$")
    is_bad |= surfaces.str.contains(rf"^{_event_words('storm')} {_event_words('not a storm')}$")
    is_bad |= surfaces.str.contains(rf"^Operation (?:\w+ )?{_event_words('not an operation')}$")
    goes_on = after.str.contains(rf"^ (?:{_UPPER}{_LETTER}|of {_UPPER})")
    is_bad |= goes_on & ~after.str.contains(rf"^ {any_of(_NO_PART)}{EDGE}")
    return ~is_bad


def _trimmed(bodies: Bodies, matches: Matches) -> Matches:
    """The matches without what stands up to a word that is no part of a name, and without such words at the end."""
    no_part = any_of(_NO_PART)
    surfaces = bodies.surfaces(matches)
    opens = surfaces.str.extract(rf"^((?:.*[ -])?{no_part}[ -])[^ ]").fill_null("").str.len_bytes().to_numpy()
    closes = surfaces.str.extract(rf"[^ ]((?:[ -]{no_part})+)$").fill_null("").str.len_bytes().to_numpy()
    return matches._replace(starts=matches.starts + opens, ends=matches.ends - closes)


@cache
def _event_aliases() -> tuple[Aliases, tuple[str, ...]]:
    names = _known_events()
    return Aliases.of([Spelling(name, ignores_case=False, value=no) for no, name in enumerate(names)]), names
