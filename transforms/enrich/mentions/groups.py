"""Groups: peoples, religions, and the followers of a party or a creed, as nouns or adjectives.

The packaged lists were written by hand for Dateline: ``groups.csv`` and ``more_groups.csv`` hold words that mean a
group wherever they stand ("Azerbaijani", "Catholic", "Republicans"), ``group_words.csv`` words that mean one only where
a model has already seen a name ("Greens"). The recogniser's lexicon is made of ``groups.csv``: what is added to that
changes the weights that training gives, so new names go into ``more_groups.csv``.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.aliases import Aliases, Spelling
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import span_mentions, without_overlaps

_SCORE = 0.95
_CONTEXT_BYTES = 40
#: Shorter words in capitals are more often an abbreviation.
_MIN_CAPITALS_CHARS = 5
#: Endings of words that name peoples and followers, where a model has seen a name: "Kanurian", "Vietnamese".
_GROUP_ENDING = r"^[A-Z][a-z]+(?:[a-z]ians?|[a-z]eans?|[a-z]ese|istanis?|icans?|ists?|ites?|ocrats?)$"
#: The members of a party in some place or house; but clubs of them are organisations.
_OF_PARTY = r"^(?:\p{Lu}[\p{L}.'-]* )+(?:Democrat|Republican)s?$"
_CLUB = r"^(?:The )?(?:College|Young|Teen|Log Cabin) "
_NO_GROUP = r"^(?:Smith|Guard|Caesar|Ovid|Zepp|Dori|Orient|Median|Ocean|Pacifi|Atlant|Balt|Merid|Vulcan|Titan)"
#: What groups of several words are made of, beside groups.
_GROUP_PARTS = (
    "Sino", "Anglo", "Franco", "Afro", "Indo", "Euro", "Russo", "Western", "Eastern", "Northern", "Southern", "Central",
    "North", "South", "West", "East", "sub", "Sub", "Saharan",
)  # fmt: skip
#: Names that are also first names, surnames or words: no group beside another name.
_NAMES_TOO = (
    "Christian", "Norman", "Dane", "Finn", "Roman", "English", "French", "German", "Pole", "Poles", "Polish", "Latin",
    "Celtic", "Celtics", "Viking", "Vikings", "Israel", "Orthodox", "Brazilian", "Jordan", "Gypsy", "Norse", "Saxon",
    "Scot", "Welsh", "Irish", "Texan", "Texans", "Dutch", "Holland", "Hausa", "Turk", "Swede", "Nordic", "Quaker",
    "Masai", "Igbo", "Tory", "Whig", "Whigs", "Copt", "Druze", "Zulu", "Apache", "Cherokee", "Navajo", "Aztec", "Inca",
    "Methodist", "Baptist", "Presbyterian", "Lutheran", "Anglican", "Islamic", "Hispanic", "Puerto Rican",
)  # fmt: skip
#: Behind a group's adjective, a word with a capital makes a longer name ("American Airlines") but for offices.
_OFFICE = (
    r"^[ -](?:Ambassador|President|Prime|Foreign|Defen[cs]e|Finance|Interior|Minister|Chancellor|Deputy|Vice|King|"
    r"Queen|Prince|Princess|Emperor|Secretary|Senator|Sen\.|Rep\.|Congress(?:man|woman)|Governor|Gov\.|General|Gen\.|Admiral|"
    r"Speaker|Leader|Premier|Consul|Envoy|Judge|Justice|Cardinal|Archbishop|Bishop|Pope|Embassy|Consulate|House|Senate)"
)
_BEFORE_NAME = r"\p{Lu}[\p{L}.’'-]*\s$"
_BEHIND_NAME = r"^[ -]\p{Lu}"


@cache
def _groups() -> tuple[frozenset[str], frozenset[str]]:
    """Sure groups, and words that may be groups."""
    first, more, weak = (
        frozenset(row["name"] for row in read_packaged_csv(name))
        for name in ("groups.csv", "more_groups.csv", "group_words.csv")
    )
    return first | more, weak


def is_group(names: pl.Series) -> pl.Series:
    """On a list, made of words that are ("Israeli-Palestinian", "sub-Saharan African"), or with the ending of one."""
    sure, weak = _groups()
    listed = [*sure, *weak]
    in_capitals = names.str.contains(r"^\p{Lu}{4,}$")
    is_group = names.is_in(listed) | names.str.to_titlecase().is_in(listed) & in_capitals
    parts = names.str.split(" ").list.eval(pl.element().str.split("-").explode())
    is_group |= parts.list.eval(pl.element().is_in([*listed, *_GROUP_PARTS])).list.all() & ~in_capitals
    is_group |= names.str.contains(_OF_PARTY) & ~names.str.contains(_CLUB)
    return is_group | names.str.contains(_GROUP_ENDING) & ~names.str.contains(_NO_GROUP)


@cache
def _group_aliases() -> tuple[Aliases, tuple[str, ...]]:
    names = tuple(sorted(_groups()[0]))
    spellings = [Spelling(name, ignores_case=False, value=no) for no, name in enumerate(names)]
    in_capitals = [
        Spelling(name.upper(), ignores_case=False, value=no)
        for no, name in enumerate(names)
        if len(name) >= _MIN_CAPITALS_CHARS
    ]
    return Aliases.of([*spellings, *in_capitals]), names


def find_groups(batch: Batch) -> pl.DataFrame:
    """The groups in some articles, by the list alone: ``MENTION_COLUMNS``.

    One row per group, in the order of the articles and their text. Left out is what is part of a longer name
    ("American Airlines") or beside a name that it may belong to ("Christian Bale").
    """
    aliases, names = _group_aliases()
    bodies = batch.bodies
    matches, name_nos = aliases.find(batch.words)
    keep = without_overlaps(matches)
    matches, name_nos = matches.where(keep), name_nos[keep]
    before, after = bodies.before(matches, _CONTEXT_BYTES), bodies.after(matches, _CONTEXT_BYTES)
    beside = after.str.contains(_BEHIND_NAME) & ~after.str.contains(_OFFICE)
    is_name_too = np.isin(name_nos, [no for no, name in enumerate(names) if name in _NAMES_TOO])
    beside |= before.str.contains(_BEFORE_NAME) & pl.Series(is_name_too)
    is_shouted = bodies.surfaces(matches).str.contains(r"^\p{Lu}{4,}$")
    matches = matches.where((~beside | is_shouted).to_numpy())
    return span_mentions(batch.articles, bodies, matches, "GROUP", np.full(len(matches.starts), _SCORE))
